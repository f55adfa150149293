"""A model version: what it is made of, how it is kept and how it scores. Nothing is fitted here."""
