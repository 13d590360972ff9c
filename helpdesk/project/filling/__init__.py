"""Fills a database with believable requests, so that it can be measured."""
