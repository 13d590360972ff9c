"""The pages of the report form, one module for those of a kind."""
