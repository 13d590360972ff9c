"""The report form: one thing a page, kept on the server after every step."""
