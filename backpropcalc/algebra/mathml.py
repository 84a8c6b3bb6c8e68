"""How terms and numbers look in MathML."""

from __future__ import annotations

from .typeset import ATOM, CONDITION, FACTOR, POWER, Form, Syntax, common, of_tensors

_CALL = "%s<mo>&#x2061;</mo><mrow><mo>(</mo>%s<mo>)</mo></mrow>"
_MINUS = '<mo form="prefix">−</mo>'
"""Of what is negative. Left to themselves, browsers go by where a sign stands, and at the start of a line are wrong."""
_OVER = "<munder><mo>∑</mo><mi>%s</mi></munder>"
_CHOICE = (
    "<mrow><mo>{{</mo><mtable columnalign='left left'><mtr><mtd>{1}</mtd><mtd><mtext>if&#xa0;</mtext>{0}<mo>%s</mo>"
    "<mn>0</mn></mtd></mtr><mtr><mtd>{2}</mtd><mtd><mtext>otherwise</mtext></mtd></mtr></mtable></mrow>"
)
_FRACTION = Form("<mfrac><mrow>{}</mrow><mrow>{}</mrow></mfrac>", FACTOR, (CONDITION, CONDITION))
MATHML = Syntax(
    {
        **common(_CALL, "<mi>%s</mi>", "<mo>∑</mo>", _OVER, _FRACTION, "<mo>,</mo>"),
        "pow": Form("<msup><mrow>{}</mrow><mrow>{}</mrow></msup>", POWER, (ATOM, CONDITION)),
        "square": Form("<msup><mrow>{}</mrow><mn>2</mn></msup>", POWER, (ATOM,)),
        "exp": Form("<msup><mi>e</mi><mrow>{}</mrow></msup>"),
        "sqrt": Form("<msqrt>{}</msqrt>"),
        "rest": Form("<mo>…</mo>"),
        "abs": Form("<mrow><mo>|</mo>{}<mo>|</mo></mrow>"),
        "if_positive": Form(_CHOICE % "&gt;"),
        "if_at_least_zero": Form(_CHOICE % "≥"),
        "transpose": Form("<msup><mrow>{}</mrow><mi>T</mi></msup>", POWER, (ATOM,)),
        "diagonal": Form(_CALL % ("<mi>diag</mi>", "{}")),
    },
    "<mo>·</mo>",
    '<mo form="infix">−</mo>',
    ("<mo>(</mo>", "<mo>)</mo>"),
    coefficients={"1/2": "<mn>½</mn>"},
    beside="<mo>·</mo>",
    entrywise="<mo>⊙</mo>",
    plus='<mo form="infix">+</mo>',
    comma="<mo>,</mo>",
    sign=_MINUS,
)
MATHML_TENSORS = of_tensors(MATHML)


def mathml_number(text: str, guard: int = 0) -> str:
    """A shown number for MathML."""
    mantissa, e, exponent = text.lstrip("-").partition("e")
    power = f"<mo>·</mo><msup><mn>10</mn><mn>{exponent.replace('-', '−')}</mn></msup>" if e else ""
    out = (_MINUS if text[0] == "-" else "") + f"<mn>{mantissa}</mn>{power}"
    return f"<mo>(</mo>{out}<mo>)</mo>" if (guard and text[0] == "-") or (guard == 2 and e) else out
