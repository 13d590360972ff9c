"""The citizens' pages, one module a screen."""
