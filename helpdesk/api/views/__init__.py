"""Handlers of the interface: each reads, calls one door and shapes the answer."""
