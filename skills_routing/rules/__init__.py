"""What decides, without touching anything: who gets whom, what is asked for and when, and the reasons."""
