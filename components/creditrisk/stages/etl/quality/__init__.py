"""How a month's data is counted, described and judged; the report is in `creditrisk.quality`."""
