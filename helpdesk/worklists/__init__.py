"""Lists of tickets as their readers want them: filters, saved views, columns."""
