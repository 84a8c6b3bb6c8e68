"""Steps and numbers to values: the hand calculation, training, prediction."""
