"""The account that a citizen may have: signing in, their requests, their profile."""
