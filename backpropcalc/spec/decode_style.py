"""The part of a spec file that is about writing: notation, own names, digits, views."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backpropcalc.errors import Place

from .decode_training import boolean
from .model import CHOICES, LETTERS, Method, Style

if TYPE_CHECKING:
    from .decode import _Reader


def method(reader: _Reader) -> Method:
    """How the calculation is worked."""
    method = Method(
        reader.choice(reader.nodes.get("carry"), CHOICES["carry"], "carry", "full"),
        boolean(reader, "exact"),
        reader.choice(reader.nodes.get("chain"), CHOICES["chain"], "chain", "factors"),
    )
    if method.exact and method.carry == "rounded":
        reader.note(reader.nodes["exact"], "choice", "exact values are not rounded", "leave out `carry: rounded`")
    return method


def style(reader: _Reader) -> tuple[Style, dict[str, Place]]:
    """How the calculation is written, and where own names stand in the file."""
    node = reader.nodes.get("notation")
    options = {"extends": node} if node is not None else {}
    if node is not None and node.kind == "mapping":
        options = reader.mapping(node, ("extends", "index", *LETTERS), "the notation")
    notation = reader.choice(options.get("extends"), CHOICES["notation"], "the notation", "layered")
    index = reader.choice(options.get("index"), ("to_from", "from_to"), "index", "to_from")
    if "index" in options and notation != "layered":
        reader.note(options["index"], "choice", "only the notation layered has a choice of index")
    letters = {key: reader.own_name(options[key]) for key in LETTERS if key in options}
    names: dict[str, str] = {}
    places: dict[str, Place] = {}
    own = reader.nodes.get("names")
    if own is not None and not own.empty and reader.is_mapping(own, "names", 'as in {"w[1,1,1]": w14}'):
        for key, value in own.pairs():
            word = key.text.replace(" ", "")
            if word in names:
                reader.note(key, "duplicate-key", f"{word!r} stands twice in names")
            names[word] = reader.own_name(value)
            places[word] = key.place
    if "decimals" in reader.nodes and "significant" in reader.nodes:
        reader.note(reader.nodes["significant"], "choice", "give either decimals or significant, not both")
    significant = reader.whole("significant", None)
    style = Style(
        notation,
        index,
        letters,
        names,
        None if significant else reader.whole("decimals", 6),
        significant,
        reader.choice(reader.nodes.get("view"), CHOICES["view"], "view", "scalar"),
    )
    return style, places
