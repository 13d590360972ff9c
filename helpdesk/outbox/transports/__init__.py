"""Ways by which a message leaves."""
