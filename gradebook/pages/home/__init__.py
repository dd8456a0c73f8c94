"""The pages of students and parents: a table of all of them, the guard before each, and thin views."""
