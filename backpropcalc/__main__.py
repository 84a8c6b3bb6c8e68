"""``python -m backpropcalc``."""

from .cli import main

main()
