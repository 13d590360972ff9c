"""Agreements and the clocks that run on tickets."""
