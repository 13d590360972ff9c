"""Pure helpers without models; no room's name is known here."""
