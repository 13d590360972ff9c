"""Notes of calls, visits and letters as a way in."""
