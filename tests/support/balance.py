"""A page of HTML as a browser takes it apart, as far as it may do harm."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"meta", "br", "wbr", "hr", "input", "link", "img"}


class Balance(HTMLParser):
    """Notes every element that is closed where another is open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.seen: set[str] = set()
        self.scripts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.scripts += tag == "script"
        self.wrong += [
            f"{tag} {name}" for name, value in attrs if name.startswith("on") or "javascript" in (value or "")
        ]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)
