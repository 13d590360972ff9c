"""The agents' pages: turn requests into domain calls and answers."""
