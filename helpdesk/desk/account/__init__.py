"""Signing in and one's own account: the pages around django-allauth."""
