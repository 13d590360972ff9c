"""Administrative commands of the whole installation."""
