"""What comes in from citizens' pages, and how they are written."""
