"""Doors: every write to the people who ask."""
