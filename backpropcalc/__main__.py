"""``python -m backpropcalc``, and the ``backpropcalc`` script."""

from __future__ import annotations

import gc


def main() -> None:
    """Run the command line."""
    # While modules load there is no garbage worth looking for: a twelfth of the start-up time.
    gc.set_threshold(50_000, 20, 20)
    from backpropcalc.cli import main as run

    run()


if __name__ == "__main__":
    main()
