"""What students and parents see of the grade book: who may see whom, and what of it, in plain words."""
