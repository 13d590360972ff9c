"""Mail as a way in: fetching, listening and parsing."""
