"""Published records, read: what a grant sees, page by page."""
