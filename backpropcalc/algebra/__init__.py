"""Formulas and numbers, with no idea of a network: terms, how they are typeset, differentiated and worked out."""
