"""WebSocket groups: who may join and the only sender to them."""
