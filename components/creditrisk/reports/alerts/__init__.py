"""Telling people: what deserves it, through which channels, and what became of it."""
