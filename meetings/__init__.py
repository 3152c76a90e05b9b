"""Booked office meetings."""
