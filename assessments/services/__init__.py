"""What is done with tests and test scores, one function for one act."""
