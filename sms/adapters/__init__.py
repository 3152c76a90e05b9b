"""What meets a provider of texts."""
