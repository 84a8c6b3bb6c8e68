"""What each document says, as a stream of pieces that no output form is known to."""

FORMS = ("latex", "markdown", "html", "typst")
"""The output forms, beside that of the terminal, that write every kind of piece, and so any document."""
