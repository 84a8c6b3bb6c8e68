"""The specs that come with the program."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from backpropcalc.errors import fail, one_of, printable


def folder() -> Path:
    """Where the specs are: in the installed package, or beside it in a checkout."""
    inside = Path(__file__).parents[1] / "specs"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "specs"


def listing() -> Iterator[tuple[str, str]]:
    """Name and title of each."""
    for path in sorted(folder().glob("*.yaml")):
        title = next(
            (line[6:].strip() for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("title:")),
            "",
        )
        yield path.stem, title.strip("\"'")


def copy(name: str) -> Path:
    """Write an example, with its data, into the current folder, never over a file. Raises ``InputError``."""
    stem = name.removesuffix(".yaml")
    known = [example for example, _ in listing()]
    if stem not in known:
        raise fail("unknown-example", f"there is no example {printable(stem)!r}", one_of(stem, known))
    files = [path for path in (folder() / f"{stem}.csv", folder() / f"{stem}.yaml") if path.exists()]
    for target in (Path(path.name) for path in files):
        if target.exists():
            raise fail("exists", f"{target} exists already; nothing was written")
    for path in files:
        try:
            with Path(path.name).open("x", encoding="utf-8", newline="\n") as stream:
                stream.write(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise fail("unwritable-file", f"cannot write {path.name}: {error.strerror}") from None
    return Path(f"{stem}.yaml")
