"""The line in virtual time: the production rule of ``matching.py`` with an event list, seeded from outside. Pure."""
