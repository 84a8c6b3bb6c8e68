"""What a spec file of any kind has: how the calculation is worked, how it looks, how answers to it are marked."""

from __future__ import annotations

from typing import Any

from backpropcalc.algebra.kinds import KINDS, LAYERED
from backpropcalc.errors import Place, nearest

from .decode_exam import exam
from .decode_marking import marking
from .keys import LETTERS, NOTATIONS, Method, Style, part
from .reader import Reader
from .shapes import Whole


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
    digits = _digits(reader)
    if default := digits.pop("default", None):
        read |= {"decimals": None, "significant": None} | default
    return Style(**read, names=names, digits=digits, **_notation(reader)), places


def _digits(reader: Reader) -> dict[str, dict[str, int]]:
    """The digits of each kind of quantity; those of all others under ``default``."""
    found: dict[str, dict[str, int]] = {}
    for word, value in reader.entries("digits", "{default: {decimals: 3}, dE: {significant: 3}}"):
        kind = word.text.replace(" ", "")
        known = _kinds(reader)
        if known and kind not in known:
            help = nearest(kind, known) or "kinds: " + ", ".join(("default", *KINDS))
            reader.note(word, "unknown-key", f"{word.describe()} is no kind of quantity", help)
        if not reader.is_mapping(value, f"digits of {kind}", "as in {decimals: 3}"):
            continue
        keys = reader.mapping(value, ("decimals", "significant"), f"the digits of {kind}")
        if len(keys) > 1:
            reader.note(value, "choice", "give either decimals or significant, not both")
        numbers = {name: _COUNTS[name].read(reader, node, name, None) for name, node in keys.items()}
        found[kind] = {name: count for name, count in numbers.items() if count is not None}
        if kind == "default" and "decimals" in reader.nodes:
            reader.note(word, "choice", "decimals and digits both say how many digits are shown", "keep one of them")
    return found


_COUNTS = {"decimals": Whole(0, 15), "significant": Whole(1, 15)}


def _kinds(reader: Reader) -> tuple[str, ...]:
    """The words that the keys of ``digits`` are out of; none where quantities have the user's own names."""
    layers = next((len(list(node)) for key in ("weights", "sizes") if (node := reader.nodes.get(key)) is not None), 0)
    if "expression" in reader.nodes or "expressions" in reader.nodes or "minimise" in reader.nodes:
        return ()
    count = layers - (1 if reader.nodes.get("weights") is None else 0)
    return ("default", *KINDS, *(f"{kind}[{layer}]" for kind in LAYERED for layer in range(1, count + 1)))


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
