"""How terms and numbers look in MathML."""

from __future__ import annotations

from .typeset import ATOM, CONDITION, FACTOR, INDICES, POWER, PRODUCT, SUM, Form, Syntax, of_tensors


def _named(name: str) -> Form:
    return Form(f"<mi>{name}</mi><mo>&#x2061;</mo><mrow><mo>(</mo>{{}}<mo>)</mo></mrow>")


_CHOICE = (
    "<mrow><mo>{{</mo><mtable columnalign='left left'><mtr><mtd>{1}</mtd><mtd><mtext>if&#xa0;</mtext>{0}<mo>%s</mo>"
    "<mn>0</mn></mtd></mtr><mtr><mtd>{2}</mtd><mtd><mtext>otherwise</mtext></mtd></mtr></mtable></mrow>"
)
_MATHML_FRACTION = Form("<mfrac><mrow>{}</mrow><mrow>{}</mrow></mfrac>", FACTOR, (CONDITION, CONDITION))
MATHML = Syntax(
    {
        "div": _MATHML_FRACTION,
        "pow": Form("<msup><mrow>{}</mrow><mrow>{}</mrow></msup>", POWER, (ATOM, CONDITION)),
        "square": Form("<msup><mrow>{}</mrow><mn>2</mn></msup>", POWER, (ATOM,)),
        "exp": Form("<msup><mi>e</mi><mrow>{}</mrow></msup>"),
        **{name: _named(name) for name in ("ln", "sin", "cos", "tan", "tanh", "arctan")},
        "sqrt": Form("<msqrt>{}</msqrt>"),
        "abs": Form("<mrow><mo>|</mo>{}<mo>|</mo></mrow>"),
        "max": Form("<mi>max</mi><mo>(</mo>{}<mo>)</mo>", list=True),
        "min": Form("<mi>min</mi><mo>(</mo>{}<mo>)</mo>", list=True),
        "xlogy": Form("{}{times}<mi>ln</mi><mrow><mo>(</mo>{}<mo>)</mo></mrow>", PRODUCT, (PRODUCT, CONDITION)),
        "xdivy": _MATHML_FRACTION,
        "xtimes": Form("{}{times}{}", PRODUCT, (PRODUCT, PRODUCT)),
        "if_positive": Form(_CHOICE % "&gt;"),
        "if_at_least_zero": Form(_CHOICE % "≥"),
        "transpose": Form("<msup><mrow>{}</mrow><mi>T</mi></msup>", POWER, (ATOM,)),
        "broadcast": Form("{}", PRODUCT, (PRODUCT,)),
        "diagonal": _named("diag"),
        "sum_rows": Form("<mo>∑</mo>{}", POWER, (FACTOR,)),
        "sum_columns": Form("<mo>∑</mo>{}", POWER, (FACTOR,)),
        "apply": Form("{}<mo>&#x2061;</mo><mrow><mo>(</mo>{}<mo>)</mo></mrow>", ATOM, (ATOM, CONDITION)),
        "apply_to_pair": Form(
            "{}<mo>&#x2061;</mo><mrow><mo>(</mo>{}<mo>,</mo>{}<mo>)</mo></mrow>", ATOM, (ATOM, CONDITION, CONDITION)
        ),
        **{
            f"sum_over_{index}": Form(f"<munder><mo>∑</mo><mi>{index}</mi></munder>{{}}", SUM, (PRODUCT,))
            for index in INDICES
        },
    },
    "<mo>·</mo>",
    "<mo>−</mo>",
    ("<mo>(</mo>", "<mo>)</mo>"),
    coefficients={"1/2": "<mn>½</mn>"},
    beside="<mo>·</mo>",
    entrywise="<mo>⊙</mo>",
    plus="<mo>+</mo>",
    comma="<mo>,</mo>",
)
MATHML_TENSORS = of_tensors(MATHML)


def mathml_number(text: str, guard: int = 0) -> str:
    """A shown number for MathML."""
    mantissa, e, exponent = text.lstrip("-").partition("e")
    power = f"<mo>·</mo><msup><mn>10</mn><mn>{exponent.replace('-', '−')}</mn></msup>" if e else ""
    out = ("<mo>−</mo>" if text[0] == "-" else "") + f"<mn>{mantissa}</mn>{power}"
    return f"<mo>(</mo>{out}<mo>)</mo>" if (guard and text[0] == "-") or (guard == 2 and e) else out
