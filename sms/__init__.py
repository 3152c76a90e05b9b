"""Texts out and in: intent, attempt, result, so that each is sent once."""
