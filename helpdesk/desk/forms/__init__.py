"""Forms of the settings: what an administrator types, before a door decides about it."""
