"""How packages of the student information system come in: delivered, judged, decided, applied, undone."""
