"""Vectors and matrices as people, numpy and torch write them: ``[0.3 0.4]``, ``(0,3; 0,4)``, ``tensor([[1., 2.]])``."""

from __future__ import annotations

import re

from .numbers import stated

MAX_CELLS = 2000
MAX_LENGTH = 20_000
_CALL = re.compile(r"(?:(?:np|numpy|torch|tf)\.)?(?:array|tensor|matrix|asarray|Matrix)\s*\(")
OPTIONS = re.compile(
    r",\s*(?:dtype|grad_fn|device|requires_grad|shape|numpy)\s*=\s*(?:<[^<>]{0,60}>|'[^']{0,30}'|\([^()]{0,30}\)|[\w.]{1,40})"
)
"""What numpy and torch print behind the numbers."""
_TRANSPOSED = re.compile(r"\s*(?:\^\s*\{?\s*(?:T|\\top|\\intercal|\\mathsf\{T\})\s*\}?|\.T|ᵀ|')\s*[.,;]?\s*$")
_GROUP = re.compile(r"[\[({]([^\[\](){}]*)[\])}]")
_OPEN = {"[": "]", "(": ")", "{": "}"}


def array(text: str) -> list[list[str]] | None:
    """The numbers of a vector (one row) or a matrix, each as its text; None if ``text`` is neither."""
    if len(text) > MAX_LENGTH:
        return None
    text = _TRANSPOSED.sub("", text.strip().rstrip(".,;")).strip()
    call = _CALL.match(text)
    if call:
        text = text[call.end() :].strip().removesuffix(")").strip()
    if len(text) < 2 or _OPEN.get(text[0]) != text[-1]:
        return None
    inner = text[1:-1]
    groups = _GROUP.findall(inner)
    if not groups:
        rows = [row for row in inner.split(";") if row.strip()]
        if _GROUP.search(inner) or any(char in inner for char in "[](){}"):
            return None
    elif _GROUP.sub("", inner).strip(" ,;\n\t"):
        return None
    else:
        rows = groups
    found = [cells(row) for row in rows]
    if not found or any(row is None or not row for row in found) or sum(len(row or ()) for row in found) > MAX_CELLS:
        return None
    whole = [row for row in found if row is not None]
    if len(whole) > 1 and all(len(row) == 1 for row in whole) and not groups:
        return [[row[0] for row in whole]]
    return whole


def single(text: str) -> str:
    """The number in ``tensor(0.2984)`` or ``[0.0957]``, as its text; ``text`` itself if it is anything else."""
    if not text.endswith((")", "]")):
        return text
    call = _CALL.match(text)
    inner = text[call.end() : -1].strip() if call else text
    found = [[inner]] if call and stated(inner) else array(inner)
    return found[0][0] if found and sum(map(len, found)) == 1 else text


def cells(row: str) -> list[str] | None:
    """The numbers that stand side by side; a comma before a space parts them, and so does any other beside points."""
    row = row.strip().strip(",")
    if "." in row or not re.search(r"\d,\d", row):
        parts = re.split(r"\s*,\s*|\s+", row)
    elif re.search(r",\s", row):
        parts = re.split(r",?\s+", row)
    elif re.search(r"\s", row) or row.count(",") == 1:
        parts = row.split()
    else:
        parts = row.split(",")
    return parts if all(stated(part) for part in parts) else None
