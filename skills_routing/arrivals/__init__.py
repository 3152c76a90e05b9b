"""How contacts come in: by telephone, in writing, and when the line is not there."""
