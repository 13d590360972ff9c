"""Tests; the folders below mirror the code."""
