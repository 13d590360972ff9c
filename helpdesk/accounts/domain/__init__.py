"""Doors: every write to the accounts of citizens."""
