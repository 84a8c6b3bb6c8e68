"""The formula parser takes what a formula may hold, and nothing else."""

import ast
import math
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backpropcalc.algebra.arithmetic import FLOAT, SCALARS, Arithmetic, evaluate
from backpropcalc.algebra.decimals import by_hand
from backpropcalc.algebra.exact import decimal_of, exact
from backpropcalc.algebra.symbolic import symbols
from backpropcalc.algebra.tensors import tensors
from backpropcalc.algebra.typeset import LATEX, PYTHON, TEXT
from backpropcalc.errors import InputError, Place
from backpropcalc.rules.parse import FUNCTIONS, formula


def worth(text: str, **names: float) -> float:
    return evaluate(formula(text), lambda var: names[var.name], FLOAT)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3*(a + b*c)", 33.0),
        ("a^2 - b**2", 16.0),
        ("-a**2", -25.0),
        ("-a*b", -15.0),
        ("a - b - c", 0.0),
        ("a/b/c", 5 / 6),
        ("2**b**c", 2.0**9),
        ("1/2*a", 2.5),
        ("012 + .5", 12.5),
        ("a − b · c", -1.0),
        ("exp(log(a))", 5.0),
        ("max(a, b, c) - min(a, b, c)", 3.0),
        ("relu(-a) + abs(-b)", 3.0),
        ("sigmoid(0) + tanh(0) + sin(0) + cos(0) + tan(0) + sqrt(4)", 3.5),
        ("1e-3*a", 0.005),
    ],
)
def test_a_formula_is_worth_what_a_reader_takes_it_for(text: str, value: float) -> None:
    assert value == pytest.approx(worth(text, a=5, b=3, c=2), rel=1e-15)


HOSTILE = [
    "__import__('os').system('x')",
    "a.b",
    "a.__class__",
    "lambda: 1",
    "lambda x: x",
    "[x for x in y]",
    "{x: 1}",
    "x[0]",
    "f(x)",
    "open(x)",
    "eval(x)",
    "exp(x=1)",
    "exp(*x)",
    "exp",
    "exp()",
    "exp(1, 2)",
    "max(x)",
    "'a'",
    "f'{x}'",
    "b'a'",
    "(x := 1)",
    "x = 1",
    "x if y else z",
    "x and y",
    "not x",
    "x < y",
    "x @ y",
    "x // y",
    "x % y",
    "x << 9",
    "~x",
    "x, y",
    "True",
    "None",
    "...",
    "1j",
    "0x10",
    "1_000",
    "1.5.2",
    "2x",
    "5 (x)",
    "",
    "   ",
    "(",
    ")",
    "x +",
    "await x",
    "yield x",
    "9**9**9",
    "9**9**9**9",
    "(9**99)**99",
    "1e999",
    "1e99999999999",
    "x**1000",
    "x**-1000",
    "x**(10**9)",
    "1/0",
    "0**-1",
    "log(0)",
    "log(-1)",
    "sqrt(-1)",
    "exp(1000)",
    "exp(exp(exp(9)))",
    "-" * 300 + "x",
    "(" * 400 + "x" + ")" * 400,
    "x+" * 200 + "x",
    "x" * 600,
    "x" * 30,
    "_x",
    "__",
    "x\x00",
    "x\x1b[2J",
    "x;y",
    "x#y",
    "x\\y",
    "x:y",
    "x\ty" * 200,
    "import os",
    "del x",
    "x\n=\ny",
    "💥",
    "x!",
    "$x",
    "`x`",
    '"""x"""',
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_no_formula_is_refused_with_a_place_and_at_once(text: str) -> None:
    start = time.process_time()
    with pytest.raises(InputError) as error:
        formula(text)

    assert 0.5 > time.process_time() - start
    assert [1] == [problem.where.line for problem in error.value.problems if problem.where]
    assert not any(char in error.value.report() for char in "\x00\x1b")


@settings(max_examples=300)
@given(st.text("abx019.()+-*/^,= _'\"[]{}:;@%<>!&|~#\\\n\t efimnorstulg", max_size=60))
def test_any_text_is_a_formula_or_a_problem(text: str) -> None:
    try:
        found = formula(text)
    except InputError:
        return

    assert found == formula(text)


@settings(max_examples=150)
@given(
    st.recursive(
        st.sampled_from(["a", "b", "2", "0.5", "3"]),
        lambda inner: st.tuples(inner, st.sampled_from(["+", "-", "*", "/"]), inner).map(
            lambda t: f"({t[0]} {t[1]} {t[2]})"
        ),
        max_leaves=8,
    )
)
def test_arithmetic_agrees_with_python(text: str) -> None:
    try:
        expected = eval(compile(ast.parse(text, mode="eval"), "", "eval"), {"a": 1.25, "b": -0.75})
        found = worth(text, a=1.25, b=-0.75)
    except (ZeroDivisionError, InputError):
        return
    if math.isfinite(found):
        assert expected == pytest.approx(found, rel=1e-12, abs=1e-300)


def test_a_caret_stands_under_what_is_wrong_in_its_file() -> None:
    with pytest.raises(InputError) as error:
        formula("x + f(x)", Place(7, 20, 10))

    assert Place(7, 25, 4) == error.value.problems[0].where


def test_a_name_that_is_not_known_gets_the_nearest_one() -> None:
    with pytest.raises(InputError, match="did you mean 'alpha'"):
        formula("alhpa * x", names=("x", "alpha"))


WRITTEN = set(SCALARS) - {"log_sum_exp", "named", "add", "sub", "mul", "neg"}
WORKED_ONLY = {"expm1", "log1p"}
"""Operations of safe terms, which are worked out and never shown."""


@pytest.mark.parametrize(
    ("table", "without"),
    [
        (TEXT.forms, WORKED_ONLY),
        (LATEX.forms, WORKED_ONLY),
        (PYTHON.forms, set()),
        (by_hand().functions, set()),
        (tensors().functions, set()),
        (symbols().functions, set()),
    ],
    ids=["text", "latex", "python", "rounded", "tensors", "symbols"],
)
def test_no_table_misses_an_operation(table: dict[str, object], without: set[str]) -> None:
    assert set() == WRITTEN - without - set(table)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_is_worked_out_alike_by_every_arithmetic(name: str) -> None:
    term = formula(f"{name}({', '.join(['x'] * FUNCTIONS[name].fewest)})")

    def at(arithmetic: Arithmetic) -> float:
        value = evaluate(term, lambda var: arithmetic.number("0.75"), arithmetic)
        return float(decimal_of(value)) if arithmetic.name == "exact" else float(getattr(value, "flat", [value])[0])

    others = [at(arithmetic) for arithmetic in (by_hand(), tensors(), exact())]

    assert [at(FLOAT)] * 3 == pytest.approx(others, rel=1e-12)
