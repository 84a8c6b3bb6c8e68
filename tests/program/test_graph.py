"""Expression graphs: nodes, slopes on edges and their products along the paths agree with independent derivatives."""

import io
import json
import random
from time import process_time

import autograd
import autograd.numpy as anp
import pytest
import sympy as sp
from oracle import SPECS

import backpropcalc as bp


@pytest.fixture(autouse=True)
def _width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def lines(text: str, **style: object) -> dict[str, object]:
    return {line.id: line.value for line in bp.loads(text).override(**style).run()}


def written(text: str, form: str, **options: object) -> str:
    out = io.StringIO()
    bp.write(bp.page(bp.loads(text)), out, form, **options)
    return out.getvalue()


J, F, CHAIN = ((SPECS / f"{name}.yaml").read_text(encoding="utf-8") for name in ("graph-j", "graph-f", "chain-rule"))


def test_the_first_graph_of_the_notes() -> None:
    found = lines(J)

    assert {"u": 6, "v": 11, "J": 33, "dJ/dv": 3, "dv/du": 1, "du/db": 2, "du/dc": 3}.items() <= found.items()
    assert {"dJ/da": 3, "dJ/db": 6, "dJ/dc": 9}.items() <= found.items()  # autograd at (5, 3, 2), as in the audit


def test_the_second_graph_of_the_notes_in_symbols() -> None:
    found = {key: str(value) for key, value in lines(F).items()}

    assert {"df/da": "c + d", "df/db": "c + d", "df/dc": "a + b", "df/dd": "a + b"}.items() <= found.items()


def test_the_page_writes_the_rule_of_the_notes() -> None:
    page = " ".join(written(F, "terminal").split())

    assert "∂f/∂a ∂f/∂v · ∂v/∂u · ∂u/∂a + ∂f/∂w · ∂w/∂u · ∂u/∂a = 1 · c · 1 + 1 · d · 1 = c + d" in page
    assert "Directly from the formula comes the same: ∂f/∂a = c + d ∂f/∂b = c + d ∂f/∂c = a + b" in page
    assert "agree" not in page


def test_two_slopes_without_a_value_are_not_said_to_agree() -> None:
    """√a at −1: what has no value on either way cannot be compared; what has one is."""
    page = " ".join(written("expression: f = sqrt(a) + b\nvalues: {a: -1, b: 2}\n", "terminal").split())

    assert "∂f/∂a ? 1 / (2 · √(a)) ? no value ∂f/∂b 1 1 1 agree" in page
    assert "formula agree. What has no value cannot be compared." in page


def test_the_chain_rule_along_four_paths() -> None:
    def p(x1: float, x2: float) -> float:
        h11, h12 = x1 * x2, x1 + x2
        return (h11 * h12) * (h11 + h12)

    expected = {f"dp/dx{n + 1}": autograd.grad(p, n)(2.0, 3.0) for n in (0, 1)}

    assert expected.items() <= lines(CHAIN).items()
    page = " ".join(written(CHAIN, "terminal").split())
    assert "∂p/∂h₂₁ · ∂h₂₁/∂h₁₁ · ∂h₁₁/∂x₁ + ∂p/∂h₂₂ · ∂h₂₂/∂h₁₁ · ∂h₁₁/∂x₁ + ∂p/∂h₂₁" in page


def test_with_chain_delta_the_slopes_above_are_used_again() -> None:
    assert lines(CHAIN) == lines(CHAIN, chain="delta")


def test_nodes_are_named_automatically_innermost_first() -> None:
    found = lines("expression: J = 3*(a + b*c)\nvalues: {a: 5, b: 3, c: 2}")

    assert ["u", "v", "J"] == list(found)[:3]
    assert {"dJ/da": 3, "dJ/db": 6, "dJ/dc": 9}.items() <= found.items()


def test_what_occurs_twice_is_one_node() -> None:
    found = lines("expression: f = (a+b)*c + (b+a)*d\nnodes: {u: a + b, v: u*c, w: d*u}")

    assert ["u", "v", "w", "f"] == list(found)[:4]


def test_a_name_that_stands_in_the_root_and_below_it_has_both_slopes() -> None:
    found = lines("expressions: [u = x*y, f = u*x + x]\nvalues: {x: 3, y: 2}")

    assert {"df/du": 3, "du/dx": 2, "df/dx<-f": 7, "df/dx": 13}.items() <= found.items()


def test_a_graph_in_floats_and_exactly_agree() -> None:
    text = "expression: f = sigmoid(a*b) / (1 + c)\nvalues: {a: 0.3, b: 1/3, c: -0.25}"
    exact = {
        key: float(value.evalf(30)) if hasattr(value, "evalf") else float(value)
        for key, value in lines(text, exact=True).items()
    }

    assert exact == pytest.approx(lines(text), rel=1e-14)


OPERATIONS = ("{} + {}", "{} - {}", "{} * {}", "({}) / (2 + ({})**2)", "max({}, {})")
FUNCTIONS = (
    "exp(({})/4)",
    "sin({})",
    "tanh({})",
    "sigmoid({})",
    "({})**2",
    "log(2 + ({})**2)",
    "abs({})",
    "sqrt(1 + ({})**2)",
)


def random_expression(draw: random.Random, depth: int) -> str:
    if depth == 0 or draw.random() < 0.15:
        return draw.choice(["a", "b", "c", "d", "2", "0.5"])
    if draw.random() < 0.3:
        return draw.choice(FUNCTIONS).format(random_expression(draw, depth - 1))
    both = (f"({random_expression(draw, depth - 1)})" for _ in range(2))
    return draw.choice(OPERATIONS).format(*both)


def reference(text: str, at: dict[str, float]) -> dict[str, float]:
    """Gradients by another library, from the same text in Python."""
    functions = {name: getattr(anp, name) for name in ("exp", "sin", "tanh", "log", "sqrt", "abs")}
    functions |= {"sigmoid": lambda x: 1 / (1 + anp.exp(-x)), "max": anp.maximum}

    def value(values: list[float]) -> float:
        return eval(text, functions, dict(zip(at, values, strict=True)))

    with anp.errstate(all="ignore"):
        return dict(zip(at, autograd.grad(value)(list(at.values())), strict=True))


@pytest.mark.parametrize("start", range(0, 200, 20))
def test_graphs_of_random_expressions_agree_with_sympy_and_autograd(start: int) -> None:
    for seed in range(start, start + 20):
        draw = random.Random(seed)
        text = random_expression(draw, 3)
        names = [name for name in "abcd" if f"{name})" in text or f"{name} " in text or text == name]
        at = {name: round(draw.uniform(-2, 2), 3) for name in names}
        if not at:
            continue
        given = ", ".join(f"{name}: {value}" for name, value in at.items())
        found = lines(f'expression: "y = {text}"\nvalues: {{{given}}}')
        slopes = {name: found[f"dy/d{name}"] for name in names}

        assert reference(text, at) == pytest.approx(slopes, rel=1e-9, abs=1e-11), text
        if "max" not in text and "abs" not in text:
            symbols = {name: sp.Symbol(name, real=True) for name in names}
            known = {"exp": sp.exp, "sin": sp.sin, "tanh": sp.tanh, "log": sp.log, "sqrt": sp.sqrt}
            whole = eval(text, known | {"sigmoid": lambda x: 1 / (1 + sp.exp(-x))}, symbols)
            for name in names:
                direct = float(sp.diff(whole, symbols[name]).subs({symbols[n]: at[n] for n in names}))
                assert direct == pytest.approx(slopes[name], rel=1e-8, abs=1e-10), text


@pytest.mark.parametrize("text", [J, F, CHAIN], ids=["j", "f", "chain"])
@pytest.mark.parametrize("form", ["terminal", "latex", "markdown", "json", "dot"])
def test_every_form_is_written(text: str, form: str) -> None:
    assert 200 < len(written(text, form))


def test_json_lines_have_ids_values_and_what_they_depend_on() -> None:
    found = {line["id"]: line for line in json.loads(written(J, "json"))["lines"]}

    assert (6.0, ["dJ/dv", "dv/du", "du/db"]) == (found["dJ/db"]["value"], found["dJ/db"]["depends"])
    symbolic = {line["id"]: line for line in json.loads(written(F, "json"))["lines"]}
    assert ("c + d", None) == (symbolic["df/da"]["value"], symbolic["df/da"]["decimal"])


def test_the_tree_in_the_terminal() -> None:
    assert "    └─ u = b · c   ∂v/∂u = 1    6\n       ├─ b        ∂u/∂b = 2    3\n" in written(J, "terminal")


def test_graphviz_source_holds_every_edge_and_no_open_string() -> None:
    source = written(F, "dot")

    assert 8 == source.count("->")
    assert all(line.count('"') % 2 == 0 for line in source.replace('\\"', "").splitlines())


def test_a_network_is_not_drawn() -> None:
    with pytest.raises(bp.InputError, match="draws an expression graph"):
        bp.write(bp.page(bp.load(SPECS / "mazur.yaml")), io.StringIO(), "dot")


@pytest.mark.parametrize(
    ("text", "said", "place"),
    [
        ("expression: J = 3*(a +", "this is no formula", 1),
        ("expression: J = a*x(b)", "there is no function 'x'", 1),
        ("expression: exp = a", "does not begin with a name", 1),
        ("expression: J = a + J", "worked out from itself", 1),
        ("expressions: [a = b, b = a]", "worked out from itself", 1),
        ("expressions: [a*b, c = d]", "does not begin with a name", 1),
        ("expression: J = a*b\nnodes: {u: a + b}", "u does not occur", 2),
        ("expression: J = a*b\nvalues: {a: 1}", "says nothing about b", 2),
        ("expression: J = a*b\nvalues: {a: 1, b: 2, c: 3}", "'c' is no name in the expression", 2),
        ("expression: J = a*b\nnodes: {u: a*b}\nvalues: {a: 1, b: 2, u: 3}", "u is worked out, not given", 3),
        ("expression: J = a*b\nvalues: {a: 1, b: x}", "b must be a number", 2),
        ("expression: J = a*b\ninputs: [1]", "unknown key 'inputs'", 2),
        ("expression: J = a\nexpressions: [J = a]", "not both", 2),
    ],
)
def test_a_wrong_graph_is_a_problem_with_its_place(text: str, said: str, place: int) -> None:
    with pytest.raises(bp.InputError, match=said) as error:
        bp.loads(text)

    assert [place] == [
        problem.where.line for problem in error.value.problems if problem.where and said in problem.message
    ]


def test_the_caret_stands_inside_the_formula() -> None:
    with pytest.raises(bp.InputError) as error:
        bp.loads('expression: "J = 3*(a + 2b)"')

    assert (1, 25) == error.value.problems[0].where[:2]


def test_very_many_paths_are_not_written_out() -> None:
    chain = [f"n{k} = n{k - 1}*n{k - 1} + n{k - 2}" for k in range(3, 22)]
    text = "expressions: [n1 = x, n2 = x*x, " + ", ".join(chain) + "]\nvalues: {x: 0.5}"

    assert 100 > len(lines(text))


def test_the_chain_rule_in_stages_as_on_the_slides() -> None:
    """First by the nodes below p, then what each of their slopes is, grouped by the node, then path by path."""
    text = written(CHAIN, "terminal")
    staged = """
 ∂h₂₁/∂x₁ = ∂h₂₁/∂h₁₁ · ∂h₁₁/∂x₁ + ∂h₂₁/∂h₁₂ · ∂h₁₂/∂x₁
 ∂h₂₂/∂x₁ = ∂h₂₂/∂h₁₁ · ∂h₁₁/∂x₁ + ∂h₂₂/∂h₁₂ · ∂h₁₂/∂x₁
 ∂p/∂x₁   = ∂p/∂h₂₁ · ∂h₂₁/∂x₁ + ∂p/∂h₂₂ · ∂h₂₂/∂x₁
          = ∂p/∂h₂₁ · (∂h₂₁/∂h₁₁ · ∂h₁₁/∂x₁ + ∂h₂₁/∂h₁₂ · ∂h₁₂/∂x₁)
            + ∂p/∂h₂₂ · (∂h₂₂/∂h₁₁ · ∂h₁₁/∂x₁ + ∂h₂₂/∂h₁₂ · ∂h₁₂/∂x₁)
          = ∂p/∂h₂₁ · ∂h₂₁/∂h₁₁ · ∂h₁₁/∂x₁ + ∂p/∂h₂₁ · ∂h₂₁/∂h₁₂ · ∂h₁₂/∂x₁
            + ∂p/∂h₂₂ · ∂h₂₂/∂h₁₁ · ∂h₁₁/∂x₁ + ∂p/∂h₂₂ · ∂h₂₂/∂h₁₂ · ∂h₁₂/∂x₁
"""

    assert staged in text


def test_with_chain_full_the_stages_are_worked() -> None:
    found = lines(CHAIN, chain="full")

    assert {"dh21/dx1": 21, "dh22/dx1": 4, "dp/dx1": 351, "dh21/dx2": 16, "dh22/dx2": 3, "dp/dx2": 266}.items() <= (
        found.items()
    )
    assert lines(CHAIN).items() <= found.items()


@pytest.mark.parametrize("chain", ["factors", "delta", "full"])
def test_what_stands_in_an_inner_node_and_below_it_has_two_slopes(chain: str) -> None:
    """∂h₂/∂c of h₂ = c + h₁²: 1 straight, 28 · 13 through h₁; a line in stages means both together."""
    found = lines("{expressions: [h1 = c + 3*c**2, h2 = c + h1**2, h3 = h2*c], values: {c: 2}}", chain=chain)

    assert 928 == found["dh3/dc"]
    assert ("dh2/dc", 365) in found.items() if chain == "full" else 1 in (found.get("dh2/dc"), found.get("dh2/dc<-h2"))


def test_stages_of_too_many_paths_are_refused() -> None:
    with pytest.raises(bp.InputError, match="more than 12 paths"):
        bp.page(bp.load(SPECS / "lstm.yaml").override(chain="full"))


def lstm(names: str = "wf uf wi ui wg ug wo uo x1 x2 h0 c0 y") -> dict[str, float]:
    """The slopes of the loss of specs/lstm.yaml by another library."""
    at = [0.5, 0.1, 0.4, 0.2, 0.3, 0.15, 0.6, 0.25, 1.0, 0.7, 0.5, 0.2, 1.0]

    def loss(values: list[float]) -> float:
        wf, uf, wi, ui, wg, ug, wo, uo, x1, x2, h, c, y = values
        for x in (x1, x2):
            f, i, o = (1 / (1 + anp.exp(-(w * x + u * h))) for w, u in ((wf, uf), (wi, ui), (wo, uo)))
            c = f * c + i * anp.tanh(wg * x + ug * h)
            h = o * anp.tanh(c)
        return (y - h) ** 2 / 2

    return {f"dL/d{name}": slope for name, slope in zip(names.split(), autograd.grad(loss)(at), strict=True)}


def test_two_steps_of_an_lstm_fit_on_two_pages_and_agree_with_autograd() -> None:
    text = (SPECS / "lstm.yaml").read_text(encoding="utf-8")
    found = lines(text)

    assert 150 > len(written(text, "terminal").splitlines())
    assert "i₁ · (1 − i₁) · x₁" in written(text, "terminal")
    assert lstm() == pytest.approx({name: found[name] for name in lstm()}, rel=1e-12)


@pytest.mark.parametrize("values", ["", "values: {a: 0.5, b: 0.3, c: 1.2, x: 2}"])
def test_nested_functions_are_not_given_to_a_simplifier(values: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(value: object, *args: object, **options: object) -> None:
        raise AssertionError(value)

    monkeypatch.setattr(sp, "simplify", never)
    text = written(f"expression: J = tanh(c*tanh(a*tanh(b*x)))\n{values}", "terminal")

    assert "∂p/∂w  1 − p²" in text and ("agree." if values else "Directly from the formula comes the same:") in text


def test_a_long_formula_in_symbols_stays_in_its_names() -> None:
    text = (SPECS / "lstm.yaml").read_text(encoding="utf-8").partition("values:")[0]
    page = written(text, "terminal")

    assert " ∂i₁/∂wi  i₁ · (1 − i₁) · x₁\n" in page and 150 > len(page.splitlines())


def test_a_symbolic_line_does_not_say_the_same_twice() -> None:
    page = " ".join(written(F, "terminal").split())

    assert "v u · c = (a + b) · c w u · d = (a + b) · d f" in page


def test_large_powers_are_not_multiplied_out() -> None:
    """Whether two slopes agree is found by numbers where sympy would make thousands of terms of a power."""
    formula = "J = (a+b+c)**20*(a-b)**15/(sqrt(a**2+b**2+c**2)+tanh(a*b*c))**9*sin(a)**8*cos(b)**7"
    began = process_time()

    assert "agree." in written(f"expression: {formula}", "terminal")
    assert process_time() - began < 15  # seconds
