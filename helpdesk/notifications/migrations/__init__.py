"""Database migrations, each named by hand."""
