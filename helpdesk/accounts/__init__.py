"""Accounts that citizens may have: a way to see all their requests, and never a must."""
