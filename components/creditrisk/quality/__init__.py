"""The data quality report of a month: what the ETL found, what monitoring adds, their page."""
