"""Delivered files: found by name, read in one way, whoever asks."""
