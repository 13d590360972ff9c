"""The citizens' pages, usable without JavaScript."""
