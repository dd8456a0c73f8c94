"""The SIS feed: a OneRoster CSV package becomes the district's tables."""
