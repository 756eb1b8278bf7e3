"""The second factor's pages, one pair for all doors of the staff."""
