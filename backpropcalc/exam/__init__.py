"""Exams from any spec: a sheet and its key, and forms whose numbers tell the mistakes apart."""
