"""Changing what the data office keeps beside the feed: boxes, mappings, the active year, accounts."""
