"""Evidently's pages of a month. Nothing is decided by them."""

import os

os.environ["DO_NOT_TRACK"] = "1"  # read when Evidently is imported, which this precedes
