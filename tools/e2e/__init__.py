"""A release's whole life on a real cluster, step by step: `make e2e`.

Every step says what it proves. One that fails says why, and those that do not need it go on.
"""
