"""Answer sheets for the tests: values to the text that a student would write, and back."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from oracle import SPECS

from backpropcalc.algebra.terms import Var
from backpropcalc.api import loads
from backpropcalc.marking.read.sheet import Answer, Sheet, Stated
from backpropcalc.spec.model import Spec


def stated(text: str) -> Stated:
    """A plain decimal, and half a unit of its last place; a fraction is exact."""
    if "/" in text:
        return Stated(text, Fraction(text), Fraction(0))
    exponent = Decimal(text).as_tuple().exponent
    assert isinstance(exponent, int)
    return Stated(text, Fraction(text), Fraction(10) ** exponent / 2)


def answer(var: Var, text: str) -> Answer:
    """``0.5933``, or a chain ``0.593269992 = 0.5933``."""
    forms = [stated(part.strip()) for part in text.split("=")]
    return Answer(var, forms[-1], min(forms, key=lambda form: form.half))


def sheet(spec: Spec, answers: dict[str, str]) -> Sheet:
    """A sheet by ids."""
    by_id = {var.id: var for var in spec.run().computed()}
    return Sheet({by_id[key]: answer(by_id[key], text) for key, text in answers.items()})


def fixed(value: float, decimals: int) -> str:
    """Rounded half up to so many decimals, zeros kept."""
    return format(Decimal(repr(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP), "f")


def significant(value: float, digits: int) -> str:
    """Rounded half up to so many significant digits."""
    exact = Decimal(repr(value))
    if exact == 0:
        return "0"
    return format(exact.quantize(Decimal(1).scaleb(exact.adjusted() - digits + 1), ROUND_HALF_UP), "f")


def trimmed(text: str) -> str:
    """Without zeros at the end."""
    return text.rstrip("0").rstrip(".") if "." in text else text


def spec(path: str) -> Spec:
    """A spec of the folder ``specs``."""
    return loads((SPECS / f"{path}.yaml").read_text(encoding="utf-8"))
