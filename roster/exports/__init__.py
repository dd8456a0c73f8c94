"""The district's tables become a OneRoster CSV package."""
