"""People who ask, and how they can be reached."""
