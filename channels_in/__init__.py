"""Ways in: fetch, keep the raw bytes, parse, hand over to the tickets."""
