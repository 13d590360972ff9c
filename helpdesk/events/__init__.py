"""Append-only events, their seals and the feed by sequence number."""
