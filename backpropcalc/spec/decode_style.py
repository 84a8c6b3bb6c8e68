"""What a spec file of any kind has: how the calculation is worked, how it looks, how answers to it are marked."""

from __future__ import annotations

from typing import Any

from backpropcalc.errors import Place

from .decode_exam import exam
from .decode_marking import marking
from .keys import LETTERS, NOTATIONS, Method, Style, part
from .reader import Reader


def shared(reader: Reader) -> dict[str, Any]:
    """The fields of ``Spec``, but for the iterations."""
    look, places = style(reader)
    return {
        "title": reader.title(),
        "method": method(reader),
        "style": look,
        "marking": marking(reader)._replace(style=look),
        "exam": exam(reader),
        "file": reader.file,
        "source": reader.text,
        "places": reader.places | places,
    }


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
