"""How moments are written, a language each, where Django's own way is not ours."""
