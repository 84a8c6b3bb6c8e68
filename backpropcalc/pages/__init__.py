"""What each document says, as a stream of pieces that no output form is known to."""
