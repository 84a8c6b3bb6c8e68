"""The README's table of keys, made from the table that decodes them: ``python tests/support/readme.py`` writes it."""

from __future__ import annotations

import re
from pathlib import Path

from backpropcalc.rules.functions import ACTIVATIONS, LOSSES
from backpropcalc.rules.optimisers import OPTIMISERS
from backpropcalc.spec.keys import KINDS, Key, keys_of
from backpropcalc.spec.shapes import Choice, Whole

README = Path(__file__).parents[2] / "README.md"
BETWEEN = re.compile(r"(?<=<!-- keys -->\n).*?(?=<!-- end of keys -->)", re.S)
NAMED = {"activation": ACTIVATIONS, "loss": LOSSES, "optimiser": OPTIMISERS}


def key_table() -> str:
    """A row for each key, those of a network first."""
    lines = ["| key | meaning | default | flag of |", "|---|---|---|---|"]
    seen = set[str]()
    for kind in KINDS:
        for name, key in keys_of(kind).items():
            if name not in seen:
                only = "" if kind == "network" else f" ({kind})"
                flags = " ".join(f"`{command}`" for command in key.commands)
                lines.append(f"| `{name}`{only} | {meaning(key)} | {default(key)} | {flags} |")
                seen.add(name)
    return "\n".join(lines) + "\n"


def meaning(key: Key) -> str:
    """What it is for, with its words or its range."""
    words = key.holds.words if isinstance(key.holds, Choice) else tuple(NAMED.get(key.name, ()))
    about = key.about.replace("|", "\\|")
    if words and not all(f"`{word}`:" in about for word in words):
        about = " ".join(f"`{word}`" for word in words) + f": {about}"
    if isinstance(key.holds, Whole) and key.holds.high < 1000:
        about += f" ({key.holds.low} to {key.holds.high})"
    return about


def default(key: Key) -> str:
    """What holds if it is not given."""
    if key.required:
        return "required"
    return key.unless or (str(key.default).lower() if isinstance(key.default, bool) else f"`{key.default}`")


if __name__ == "__main__":
    README.write_text(BETWEEN.sub(lambda _: key_table(), README.read_text(encoding="utf-8")), encoding="utf-8")
