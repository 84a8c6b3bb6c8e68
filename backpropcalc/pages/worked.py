"""Pages of formulas that are worked out: what is said before the lines, and what after them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backpropcalc.algebra.typeset import BREAK, SOFT_BREAK, typeset
from backpropcalc.execution.trace import Values, is_finite

from .pieces import Math, Piece
from .rows import Page, Writer


class WorkedPage(Page):
    """A page of an expression graph or of a gradient descent."""

    @property
    def forms(self) -> Mapping[str, str]:
        """The module that writes each output form of such a page."""
        return {"terminal": "worked_terminal", "latex": "worked_latex", "markdown": "worked_markdown", "json": "json"}

    def check(self) -> None:
        """Every such page can be read."""

    @property
    def templated(self) -> bool:
        """Never: no two iterations look the same."""
        return False

    @property
    def has_result(self) -> bool:
        """Whether the result belongs on it."""
        return not self.phases and self.only is None

    def facts(self, writer: Writer) -> list[tuple[str, str]]:
        """What is given, as label and text; a formula is ``Math``."""
        style, method = self.trace.spec.style, self.trace.spec.method
        digits = f"{style.significant} significant digits" if style.significant else f"{style.decimals} decimals"
        if method.carry == "rounded":
            return [("rounding", f"every written value is rounded to {digits} and used so")]
        return []

    def closing(self, writer: Writer, seen: list[Values]) -> list[Piece]:
        """What the calculation comes to; ``seen`` are the numbers of each iteration."""
        raise NotImplementedError


def shown(writer: Writer, value: Any) -> Math:
    """A value in the language of ``writer``."""
    if is_finite(value) and getattr(value, "free_symbols", None):
        return Math(unbroken(typeset(term_of(value), writer.language.syntax, writer.symbol)))
    return Math(writer.amount(value))


def term_of(value: Any) -> Any:
    """An exact value as a term."""
    from backpropcalc.algebra.exact import term_of as found

    return found(value)


def unbroken(text: str) -> str:
    """``text`` without the marks where it may be broken."""
    return text.replace(BREAK, "").replace(SOFT_BREAK, "")
