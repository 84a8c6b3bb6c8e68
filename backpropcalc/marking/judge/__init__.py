"""Answers to verdicts: each value against what follows from the student's own earlier ones."""
