"""What teachers do in their grade books: plain functions, each change one act."""
