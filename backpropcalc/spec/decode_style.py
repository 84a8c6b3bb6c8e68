"""The parts of a spec file that say how the calculation is worked and how it looks."""

from __future__ import annotations

from typing import Any

from backpropcalc.errors import Place

from .keys import LETTERS, NOTATIONS, Method, Style, part
from .reader import Reader


def method(reader: Reader) -> Method:
    """How the calculation is worked."""
    found = Method(**part(reader, Method))
    if found.exact and found.carry == "rounded":
        reader.note(reader.nodes["exact"], "choice", "exact values are not rounded", "leave out `carry: rounded`")
    return found


def style(reader: Reader) -> tuple[Style, dict[str, Place]]:
    """How the calculation looks, and where own names stand in the file."""
    names, places = dict[str, str](), dict[str, Place]()
    for word, value in reader.entries("names", '{"w[1,1,1]": w14}'):
        id = word.text.replace(" ", "")
        names[id], places[id] = reader.own_name(value), word.place
    read = part(reader, Style)
    if read["significant"]:
        read["decimals"] = None
    return Style(**read, names=names, **_notation(reader)), places


def _notation(reader: Reader) -> dict[str, Any]:
    """The notation, its index and letters."""
    node = reader.nodes.get("notation")
    options = {} if node is None else {"extends": node}
    if node is not None and node.kind == "mapping":
        options = reader.mapping(node, ("extends", "index", *LETTERS), "the notation")
    notation = reader.choice(options.get("extends"), NOTATIONS, "the notation", "layered")
    index = reader.choice(options.get("index"), ("to_from", "from_to"), "index", "to_from")
    if "index" in options and notation != "layered":
        reader.note(options["index"], "choice", "only the notation layered has a choice of index")
    letters = {key: reader.own_name(options[key]) for key in LETTERS if key in options}
    return {"notation": notation, "index": index, "letters": letters}
