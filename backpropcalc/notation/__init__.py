"""What a textbook calls each quantity, and which quantity a person means by a name."""
