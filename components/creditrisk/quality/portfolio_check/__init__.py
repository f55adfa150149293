"""Do given files fit their description? Read in Python, without Spark, before anything is built."""
