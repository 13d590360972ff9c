"""Requests: tickets, articles, categories and the doors that change them."""
