"""What a phone line can do: one vocabulary for every switch."""
