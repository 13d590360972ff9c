"""Versioned question sets and the drafts of people filling them in."""
