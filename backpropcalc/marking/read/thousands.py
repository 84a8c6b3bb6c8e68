"""Whether 4,560 is four and a half or four and a half thousand: by the paper's own habit, if it has one."""

from __future__ import annotations

import re

_GROUPED = {
    mark: re.compile(rf"(?<![\w.,\[(])[1-9]\d{{0,2}}(?:{re.escape(mark)}\d{{3}})+(?![\d{re.escape(mark)}]|[.,]\d*[.,])")
    for mark in ",."
}
_DECIMAL = {
    mark: re.compile(
        rf"(?<![\d.,])(?:0|\d{{4,}}|\d*){re.escape(mark)}(?:\d{{1,2}}|\d{{4,}})(?!\d|[.,]\d)|(?<![\d.,])0{re.escape(mark)}\d"
    )
    for mark in ",."
}
_BOTH = {
    mark: re.compile(rf"\d{re.escape(mark)}\d{{3}}{re.escape(other)}\d") for mark, other in ((",", "."), (".", ","))
}


def habits(text: str) -> tuple[str, ...]:
    """The marks that may group digits in threes in this text: one, or empty for none, or both if it leaves it open."""
    for mark, other in ((",", "."), (".", ",")):
        if _BOTH[mark].search(text):
            return (mark,)
        if _GROUPED[mark].search(text):
            own, others = bool(_DECIMAL[mark].search(text)), bool(_DECIMAL[other].search(text))
            if own != others:
                return ("",) if own else (mark,)
            return ("",) if own else ("", mark)
    return ("",)


def without_groups(text: str, mark: str) -> str:
    """The text with the digits of such numbers joined."""
    if not mark:
        return text
    return _GROUPED[mark].sub(lambda match: match[0].replace(mark, ""), text)
