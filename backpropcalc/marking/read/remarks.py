"""What people write around a number: ``ca. 0.5969``, ``0.3775 (exact)``, ``59.33 %``, ``0.2749 # rounded``."""

from __future__ import annotations

import re
from collections.abc import Callable

from .numbers import stated

_ABOUT = re.compile(
    r"(?:\(?(?:approximately|approx\.?|about|around|roughly|nearly|circa|ca\.?|c\.|rund|etwa|ungef(?:ä|ae)hr|environ|exactly|genau)\)?"
    r"|≈|~|∼)\s*(?=[-+−–.,\d(\[])",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"[-+−–]?\s?(?:\d[\d.,' ]*|[.,]\d+)"
    r"(?:[eE][-+−]?\d+|\s*(?:[·⋅*×x∙]|\\cdot|\\times)\s*10\s*(?:(?:\^|\*\*)\s*[({]?\s*[-+−]?\s?\d+\s*[)}]?|[⁻⁺]?[⁰¹²³⁴-⁹]+)|\s*/\s*\d+)?"
)
_PERCENT = re.compile(r"\s*(?:\\?%|％|percent|per cent|Prozent|pour cent)(?=$|[\s.,;(])")
_PLACES = re.compile(
    r"\d+\s*(?:d\.?\s?p|dec|places?|digits?|sig|s\.?\s?f|Nachkomma|Stellen|chiffres|décimales)", re.IGNORECASE
)
_COMMENT = re.compile(r"\s*(?:#|//|--\s|[–—-]\s+(?=[^\W\d_])|<-|←|✓|✔|☑|!)")
_BRACKET = re.compile(r"\s*[(\[](?=[^()\[\]]*[^\W\d_]|[^()\[\]]*%)[^()\[\]]{0,200}[)\]]")
_WORDS = re.compile(r"\s*[,;]?\s+[^\W\d_]|\s*[!?…✓✔]")
_OPERATION = re.compile(r"[-+*/^·×=≈\\]")

Known = Callable[[str], bool]


def about(text: str) -> str:
    """``text`` without a leading *about*."""
    return _ABOUT.sub("", text.strip(), count=1)


def bare(text: str, known: Known) -> str:
    """The number that ``text`` begins with if nothing but a remark follows; else ``text``. A percentage has its sign.

    ``known`` says whether a word is the name of a quantity, which is no remark.
    """
    text = about(text)
    match = _NUMBER.match(text)
    if not match or len(text) > 600:
        return text
    number, rest = match[0].rstrip(" ,."), text[len(match[0].rstrip(" ,.")) :]
    percent = _PERCENT.match(rest)
    if percent:
        number, rest = number + "%", rest[percent.end() :]
    return number if _remark(rest, known) else text


def is_number(text: str) -> bool:
    """Whether a text is a number, whatever is remarked beside it."""
    return stated(bare(text, lambda word: False).removesuffix("%")) is not None


def _remark(rest: str, known: Known) -> bool:
    """Whether what follows a number is only said of it."""
    rest = rest.strip(" .,;")
    if not rest or _COMMENT.match(f" {rest}"):
        return True
    bracket = _BRACKET.match(rest)
    if bracket:
        inside = rest[: bracket.end()].strip(" ()[]")
        return not known(inside) and not _product(inside, known) and _remark(rest[bracket.end() :], known)
    if not _WORDS.match(f" {rest}") or _OPERATION.search(rest.split(" (")[0]):
        return False
    said = _PLACES.sub("", rest.split(" (")[0])
    return not any(char.isdigit() for char in said) and not any(known(word) for word in said.split())


def _product(inside: str, known: Known) -> bool:
    """Whether a bracket holds a factor, as in 0.75 (1 − out_o1)."""
    parts = _OPERATION.split(inside)
    return len(parts) > 1 and any(known(part.strip()) for part in parts)
