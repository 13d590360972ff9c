"""Private servers that tests start and end: each a context manager, each also a fixture."""
