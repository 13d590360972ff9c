"""Doors: every write to question sets and to drafts."""
