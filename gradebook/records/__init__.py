"""Report cards and transcripts: made of posted grades alone, for one student or many at once."""
