"""What a textbook calls each quantity, and which quantity a person means by a name.

Others use ``own_names.notation_of`` or ``notation.Notation`` for the names of a description, ``names.Names`` for the
way back from names to quantities, and ``symbol.Symbol`` for a name in parts.
"""
