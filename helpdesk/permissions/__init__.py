"""Predicates that say who may do what, as composable values."""
