"""How teachers, students and families come in with the roster's accounts."""
