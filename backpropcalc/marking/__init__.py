"""Marking homework: what a student states, compared with what follows from the student's own earlier values."""
