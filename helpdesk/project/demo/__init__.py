"""The demonstration: a town with teams, texts and requests that nobody made."""
