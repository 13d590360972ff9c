"""One small face before two search engines, and what both do alike."""
