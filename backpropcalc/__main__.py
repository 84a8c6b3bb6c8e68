"""``python -m backpropcalc``, and the ``backpropcalc`` script."""

from __future__ import annotations

import gc
import os
import signal
import sys


def main() -> None:
    """Run the command line. Ctrl-C ends it with 130 from the first moment on, a signal to end with 128 + its number."""
    try:
        # While modules load there is no garbage worth looking for: a twelfth of the start-up time.
        gc.set_threshold(50_000, 20, 20)
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is signal.SIG_DFL:  # nohup stays nohup
                signal.signal(number, _end)
        from backpropcalc.cli import main as run

        run()
    except KeyboardInterrupt:
        os.write(2, b"stopped\n")
        sys.exit(130)


def _end(number: int, frame: object) -> None:
    """End by way of everything that tidies up."""
    sys.exit(128 + number)


if __name__ == "__main__":
    main()
