"""Activations, losses and optimisers, one entry each with value and slope side by side; the user's own formulas."""
