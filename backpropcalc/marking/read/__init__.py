"""Answer files to answers: what a student wrote, with its place and its digits."""
