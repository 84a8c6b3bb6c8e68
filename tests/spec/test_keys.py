"""The table of keys: an entry is all that a plain key needs."""

from __future__ import annotations

import pytest

from backpropcalc.errors import Place
from backpropcalc.spec.keys import TABLE, Key
from backpropcalc.spec.reader import Reader
from backpropcalc.spec.reading import Node
from backpropcalc.spec.shapes import Choice, Form, Switch, Whole

PLAIN = [key for key in TABLE if not isinstance(key.holds, Form)]
NEW = [
    Key("shown", Switch(), "", True),
    Key("rows", Whole(1, 9), "", 4),
    Key("side", Choice("left", "right"), "", "left"),
]


def read(key: Key, **given: str) -> object:
    nodes = {name: Node("scalar", Place(1, 1), text) for name, text in given.items()}
    reader = Reader(Node("mapping", Place(1, 1)), ())
    reader.nodes = nodes
    found = key.of(reader)

    assert [] == reader.problems
    return found


@pytest.mark.parametrize("key", [*PLAIN, *NEW], ids=lambda key: f"{key.name}-{key.kinds[0]}")
def test_what_is_not_given_is_the_default_of_the_entry(key: Key) -> None:
    """Whatever a key holds, and whatever its default is."""
    assert key.default == read(key)


@pytest.mark.parametrize(
    ("key", "text", "value"), [(NEW[0], "false", False), (NEW[1], "9", 9), (NEW[2], "right", "right")]
)
def test_what_is_given_is_read(key: Key, text: str, value: object) -> None:
    """A word of the file in the place of the default."""
    assert value == read(key, **{key.name: text})
