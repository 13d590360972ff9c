"""Settings, addresses and processes: knows every room, known by none."""
