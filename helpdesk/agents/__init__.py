"""Authorities, users, teams, memberships, absences and calendars."""
