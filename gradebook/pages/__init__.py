"""The pages of teachers: a table of all of them, the guard before each, and thin views."""
