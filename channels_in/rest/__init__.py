"""The interface for programs as a way in."""
