"""A first portfolio file, from nothing but a folder of files: beliefs, reasons, questions."""
