"""What is kept no longer than it may be: retention, export, erasure."""
