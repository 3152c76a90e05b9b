"""Other systems of the agency are told of what has happened here."""
