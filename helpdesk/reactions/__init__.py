"""The one ordered table from facts to handlers, and its dispatcher."""
