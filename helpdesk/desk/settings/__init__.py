"""The settings pages: lists and forms around the doors of the rooms below."""
