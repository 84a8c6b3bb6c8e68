"""Other programs: scripts that check our numbers by theirs, and their networks as specs."""
