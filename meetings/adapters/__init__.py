"""What kallelser are made into: paper as PDF, and entries of calendars."""
