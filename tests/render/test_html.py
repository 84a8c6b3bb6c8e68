"""HTML: well-formed, the numbers of JSON, nothing from strangers runs, nothing is loaded."""

from __future__ import annotations

import io
import json
import re
from xml.etree import ElementTree

import networks
import pytest
from balance import Balance
from commands import call
from oracle import MAZUR, SPECS, spec

import backpropcalc as bp

SHIPPED = sorted(path.stem for path in SPECS.glob("*.yaml") if path.stem not in ("iris", "circle"))


def written(given: bp.Spec, form: str = "html", **options: bool) -> str:
    out = io.StringIO()
    bp.write(bp.page(given), out, form, **options)
    return out.getvalue()


def text_of(element: ElementTree.Element) -> str:
    return "".join(element.itertext()).replace("−", "-").strip()


def short(text: str) -> str:
    """A number without the zeros at its end, which it has if it was rounded."""
    return text.rstrip("0").rstrip(".") if "." in text else text


def formulas(page: str) -> list[ElementTree.Element]:
    """Every formula of a page, each parsed as XML: MathML that is not well-formed is an error."""
    return [
        ElementTree.fromstring(text.replace("&#x2061;", "").replace("&#xa0;", " "))
        for text in re.findall(r"<math.*?</math>", page, re.DOTALL)
    ]


@pytest.mark.parametrize("view", ["scalar", "matrix"])
@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_page_is_well_formed_and_loads_nothing(name: str, view: str) -> None:
    """Elements are closed in their order; there is no address of anything, and no script but the one that is known."""
    given = bp.load(SPECS / f"{name}.yaml")
    if view == "matrix" and given.kind != "network":
        given = given.override()
    elif view == "matrix":
        given = given.override(view="matrix")
    page = written(given)
    parser = Balance()
    parser.feed(page)

    assert ([], []) == (parser.open, parser.wrong)
    assert not parser.seen & {"link", "img", "iframe", "object"}
    assert parser.scripts == page.count("script-src 'sha256-")
    assert "http" not in page.replace("http-equiv", "")
    assert len(formulas(page)) > 5


@pytest.mark.parametrize("seed", range(40))
def test_the_numbers_are_those_of_the_terminal(seed: int) -> None:
    """Each value stands in an element with its id, with the digits that every other form shows."""
    given = spec(networks.network(seed))
    shown: dict[str, set[str]] = {}
    for formula in formulas(written(given, every=True)):
        for element in formula.iter("mrow"):
            if "data-id" in element.attrib:
                shown.setdefault(element.attrib["data-id"], set()).add(short(text_of(element).strip("()")))
    out = io.StringIO()
    bp.write(bp.page(given), out, "json")
    digits = bp.Trace(given).digits
    lines = json.loads(out.getvalue())["lines"]
    expected = {line["id"]: short(digits.shown(line["value"])) for line in lines if line["value"] is not None}
    wrong = {
        id: (text, shown.get(id))
        for id, text in expected.items()
        if "e" not in text and shown.get(id) != {text} and lines[-1]["iteration"] == 1
    }

    assert lines
    assert {} == wrong


@pytest.mark.parametrize(
    "title", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</title></main>&lt;"]
)
def test_a_title_from_a_stranger_is_text(title: str) -> None:
    """It stands on the page as it was written."""
    page = written(spec(networks.network(1), title=title))
    parser = Balance()
    parser.feed(page)

    assert ([], []) == (parser.open, parser.wrong)
    assert "img" not in parser.seen
    assert 1 == parser.scripts == page.count("script-src 'sha256-")


def test_many_lines_are_cut_off_with_a_word_unless_all_are_asked_for() -> None:
    """A thousand lines are enough for a page."""
    given = spec(MAZUR, iterations=30)
    short, whole = written(given), written(given, every=True)

    assert "more lines are not on this page: --all" in short
    assert "more lines" not in whole
    assert 1000 == short.count('<tr data-line="') and whole.count('<tr data-line="') > 1000


def test_of_a_large_network_one_unit_is_worked_and_the_others_are_values() -> None:
    """As in the terminal: every quantity is on the page, one line of each layer and phase with its work."""
    sizes = {
        "sizes": [20, 16, 5],
        "init": {"scheme": "xavier", "seed": 1},
        "inputs": [[0.1] * 20],
        "loss": "cross_entropy",
    }
    given = spec(sizes | {"targets": [[1, 0, 0, 0, 0]], "activation": ["tanh", "softmax"], "learning_rate": 0.1})
    short, whole = written(given), written(given, every=True)
    values = dict(
        re.findall(r'<li><math[^>]*>.*?<span class="value"><math[^>]*><mrow data-id="(.*?)">(.*?)</mrow>', short)
    )
    worked = re.findall(r'data-line="(.*?)"', short)
    trace = bp.Trace(given)
    numbers = next(trace.iterations())

    assert len(worked) < 60 and "z[1,1]" in worked and "z[1,2]" in values
    assert {var.id for var in trace.computed()} == {*worked, *values}
    for id in ("z[1,2]", "dE/dw[2,3,4]", "w[1,16,20]+"):
        var = next(var for var in trace.computed() if var.id == id)
        shown = re.sub("<.*?>", "", values[id]).replace("−", "-")
        assert trace.digits.shown(numbers.of(var), None if numbers.exact(var) else False) == shown
    assert "lines are values only" in short and "values only" not in whole
    assert len(re.findall('data-line="', whole)) > 1000


@pytest.mark.parametrize("words", ["run", "derive", "info", "train", "predict", "functions relu"])
def test_at_the_foot_stand_the_command_and_the_spec(words: str) -> None:
    """Those that made the page; a sheet of an exam has none: its command has the seed."""
    command = words.split() if " " in words else [words, str(SPECS / "xor.yaml")]
    page = call(*command, "--html").out

    assert f"<code>backpropcalc {' '.join(command)} --html</code>" in page
    assert ("<pre># Exclusive or" in page) == ("functions" not in words)
    assert "How this page was made" not in call("exam", str(SPECS / "xor.yaml"), "--html").out
