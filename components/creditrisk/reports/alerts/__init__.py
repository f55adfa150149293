"""Messages to people: what deserves one, through which channels, and what became of it."""
