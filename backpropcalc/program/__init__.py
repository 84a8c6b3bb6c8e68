"""From a description to ordered steps, one per textbook line, and passes from program to program."""
