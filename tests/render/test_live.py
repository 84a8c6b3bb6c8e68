"""The live page in a real browser: an edit is what a fresh run of the edited spec shows; nothing else is loaded."""

from __future__ import annotations

import io
import itertools
import json
import os
import random
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import networks
import pytest
from browser import browser
from needed import missing
from oracle import MAZUR, SPECS, spec
from pypdf import PdfReader
from script import NODE, differences

import backpropcalc as bp
from backpropcalc.algebra.arithmetic import SCALARS
from backpropcalc.algebra.javascript import JAVASCRIPT, operations

SHOWN = """() => [...document.querySelectorAll("tr [data-id], tr [data-sign], tr [data-change], svg [data-id]")].map(
  (element) => [element.dataset.id || element.dataset.sign || element.dataset.change, element.textContent])"""
Shown = list[list[str]]


class Sheet(NamedTuple):
    """A page in the browser, and what went wrong in it: errors, and requests for anything but itself."""

    page: Any
    wrong: list[str]

    def change(self, id: str, text: str) -> None:
        self.page.locator(f'input[name="{id}"]').fill(text)

    @property
    def shown(self) -> Shown:
        return self.page.evaluate(SHOWN)

    def classes(self, name: str) -> list[str]:
        """The lines that have a class."""
        return self.page.evaluate(f"() => [...document.querySelectorAll('tr.{name}')].map((row) => row.dataset.line)")


Opened = Callable[..., Sheet]


def html(given: bp.Spec, **options: Any) -> str:
    out = io.StringIO()
    bp.write(bp.page(given), out, "html", **options)
    return out.getvalue()


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """Opens the page of a spec from a folder; at the end nothing has gone wrong in any."""
    folder = tmp_path_factory.mktemp("live")
    sheets: list[Sheet] = []
    with browser() as chromium:

        def go(given: bp.Spec, hash: str = "", **options: Any) -> Sheet:
            target = folder / f"{len(sheets)}.html"
            target.write_text(html(given), encoding="utf-8")
            page, wrong = chromium.new_page(**options), list[str]()
            page.on("console", lambda message: wrong.append(message.text))
            page.on("pageerror", lambda error: wrong.append(str(error)))
            own = f"file://{target}"
            page.on("request", lambda request: wrong.append(request.url) if request.url.split("#")[0] != own else None)
            page.goto(own + hash)
            sheets.append(Sheet(page, wrong))
            return sheets[-1]

        yield go
    assert [] == [text for sheet in sheets for text in sheet.wrong]


def shipped(name: str, **changes: Any) -> bp.Spec:
    return bp.load(SPECS / f"{name}.yaml").override(**changes)


# The arithmetic and the program


def test_every_operation_is_a_function_of_the_script() -> None:
    """An operation that terms may have and the browser has not fails here, not on a reader's page."""
    known = set(re.findall(r"^(?:const|function) (\w+)", operations(), re.M))

    assert set() == set(SCALARS) - {"named"} - known
    assert set(SCALARS) - {"named"} == set(JAVASCRIPT.forms)


@pytest.mark.slow
def test_the_script_shows_our_numbers() -> None:
    """Digits and = or ≈ of every line of 60 random networks, several iterations and optimisers, graphs, descents."""
    if NODE is None:
        missing("node")
    specs = [spec(networks.network(seed)) for seed in range(50)]
    specs += [
        spec(networks.network(seed, iterations=3, optimiser=name, learning_rate=0.1))
        for seed, name in enumerate(("momentum", "nesterov", "rmsprop", "adam"), 90)
    ]
    specs += [shipped(name) for name in ("graph-j", "chain-rule", "parabola", "xor", "mlp-bce", "two-layer-phi")]
    count, wrong = differences(map(bp.page, specs))

    assert [] == wrong
    assert count > 10_000


# An edit is a fresh run


@pytest.mark.parametrize("view", ["scalar", "matrix"])
@pytest.mark.parametrize("seed", range(8))
def test_an_edit_shows_what_a_fresh_run_of_the_edited_spec_shows(seed: int, view: str, opened: Opened) -> None:
    """All numbers and signs of the lines, the tables and the picture."""
    rng = random.Random(seed)
    keys = networks.network(seed) | {"view": view}
    edited = json.loads(json.dumps(keys))
    row = rng.randrange(len(keys["inputs"]))
    column = rng.randrange(len(keys["inputs"][0]))
    edited["inputs"][row][column] = 0.25
    sheet, fresh = opened(spec(keys)), opened(spec(edited))
    before = sheet.shown
    sheet.change(f"x[{column + 1}]" + (f"({row + 1})" if len(keys["inputs"]) > 1 else ""), "0.25")

    assert fresh.shown == sheet.shown
    assert before != sheet.shown
    sheet.page.locator("#reset").click()
    assert before == sheet.shown


@pytest.mark.parametrize("name,id,text,key", [
    ("graph-j", "b", "1/3", {"values": {"a": 5, "b": "1/3", "c": 2}}),
    ("parabola", "rate(1)", "0.2", {"learning_rate": [0.2, 1.5, 0.01]}),
])  # fmt: skip
def test_graphs_and_descents_follow_as_well(name: str, id: str, text: str, key: Any, opened: Opened) -> None:
    """Values, slopes, paths, the table of all rates."""
    import yaml

    keys = yaml.safe_load((SPECS / f"{name}.yaml").read_text(encoding="utf-8"))
    sheet, fresh = opened(spec(keys)), opened(spec(keys | key))
    sheet.change(id, text)

    assert fresh.shown == sheet.shown
    assert "0.4" == sheet.page.evaluate("() => getComputedStyle(document.querySelector('td.word')).opacity")
    assert "dimmed" in sheet.page.locator("#said").inner_text()


def remarks(sheet: Sheet) -> list[list[str]]:
    """Each sentence below a line, with the line."""
    return sheet.page.evaluate(
        """() => [...document.querySelectorAll("tr.said")].map(
             (row) => [row.previousElementSibling.dataset.line, row.textContent])"""
    )


CORNER = {
    "inputs": [0.5, 0.25], "targets": [1], "weights": [[[1, -1]], [[0.5]]], "activation": ["relu", "identity"],
    "loss": "half_squared_error", "learning_rate": 0.1,
}  # fmt: skip
GRAPH = {"expression": "J = log(a) + abs(b)", "values": {"a": 2, "b": 1}}


@pytest.mark.parametrize("keys,id,text,there,line,said", [
    (CORNER, "x[2]", "0.5", {"inputs": [0.5, 0.5]}, "da[1,1]/dz[1,1]", "ReLU has a corner at 0"),
    (GRAPH, "b", "0", {"values": {"a": 2, "b": 0}}, "", "no derivative where b = 0"),
    (GRAPH, "a", "-1", {"values": {"a": -1, "b": 1}}, "", "undefined here"),
    (GRAPH, "a", "0", {"values": {"a": 0, "b": 1}}, "", "infinite"),
])  # fmt: skip
def test_what_must_be_said_follows_an_edit(
    keys: Any, id: str, text: str, there: Any, line: str, said: str, opened: Opened
) -> None:
    """A corner that is reached, a number that is lost: the sentence of a fresh page, and gone again with its reason."""
    sheet, fresh = opened(spec(keys)), opened(spec(keys | there))
    assert [] == remarks(sheet)
    sheet.change(id, text)

    found = remarks(sheet)
    assert remarks(fresh) == found
    assert any(line in at and said in sentence for at, sentence in found)
    assert fresh.shown == sheet.shown
    again = fresh.page.evaluate("() => getComputedStyle(document.querySelector('.said td')).opacity")
    assert "1" == again
    sheet.page.locator("#reset").click()
    assert [] == remarks(sheet)
    before = opened(spec(keys))
    fresh.change(id, before.page.locator(f'input[name="{id}"]').input_value())
    assert [] == remarks(fresh) and before.shown == fresh.shown
    assert {"0.4"} >= set(
        fresh.page.evaluate("() => [...document.querySelectorAll('p.warning')].map((p) => getComputedStyle(p).opacity)")
    )


def test_the_numbers_are_those_of_json(opened: Opened) -> None:
    """What stands on the page is the value of JSON, rounded."""
    out = io.StringIO()
    bp.write(bp.page(shipped("mazur")), out, "json")
    shown = dict(opened(shipped("mazur")).shown)
    lines = json.loads(out.getvalue())["lines"]

    far = {line["id"]: float(shown[line["id"]].strip("()").replace("−", "-")) - line["value"] for line in lines}

    assert [] == [id for id, gap in far.items() if abs(gap) > 6e-10]


def test_what_is_no_number_changes_nothing(opened: Opened) -> None:
    """The field says so."""
    sheet = opened(shipped("mazur"))
    before = sheet.shown
    for text in ("abc", "1/0", "", "0.1.2", "<b>"):
        sheet.change("w[1,1,1]", text)
        assert sheet.page.locator('input[name="w[1,1,1]"][aria-invalid]').count() == 1
    assert before == sheet.shown


def test_each_given_number_is_a_field(opened: Opened) -> None:
    """Its name is its id."""
    given = {var.id for var in bp.Trace(shipped("mazur")).given()}

    assert given == set(re.findall(r'<input name="(.*?)"', html(shipped("mazur"))))


@pytest.mark.parametrize("changes,why", [
    ({"carry": "rounded"}, "rounded as it is written"),
    ({"exact": True}, "they are exact"),
    ({"iterations": 100}, "more than 1,000 lines"),
])  # fmt: skip
def test_what_cannot_follow_says_so_and_runs_nothing(changes: dict[str, Any], why: str) -> None:
    """Such a page has no script and no fields."""
    page = html(shipped("mazur", **changes))

    assert re.search(f"numbers on this page stay as they are: .*{why}", page)
    assert "<script" not in page and "<input name" not in page


# Update, state, paths, steps


def test_an_update_is_the_next_iteration(opened: Opened) -> None:
    """The second of two iterations shows the same numbers; the loss falls on a curve."""
    sheet, two = opened(shipped("mazur")), opened(shipped("mazur", iterations=2))
    sheet.page.locator("#update").click()
    second = two.page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll('[data-n="2"] td.value')].map(
             (cell) => [cell.parentElement.dataset.line, cell.textContent]))"""
    )
    mine = sheet.page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll('tr[data-line] td.value')].map(
             (cell) => [cell.parentElement.dataset.line, cell.textContent]))"""
    )

    assert second == mine
    assert sheet.page.locator("#losses").is_visible()
    assert "iteration 2" in sheet.page.locator("#said").inner_text()


OPTIMISERS = ("gradient_descent", "momentum", "nesterov", "rmsprop", "adam")
VALUES = """(where) => Object.fromEntries([...document.querySelectorAll(`${where} td.value`)].map(
  (cell) => [cell.parentElement.dataset.line, cell.textContent]))"""


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_updates_are_the_iterations_of_our_own_run(optimiser: str, opened: Opened) -> None:
    """Random networks: what is remembered is carried on, steps are counted; three updates are iteration 4."""
    drawn = (networks.network(seed, optimiser=optimiser, learning_rate=0.1) for seed in itertools.count(300))
    small = (keys for keys in drawn if len(bp.Trace(spec(keys)).main) < 100)
    for keys in itertools.islice(small, 2):
        sheet, fresh = opened(spec(keys)), opened(spec(keys, iterations=4))
        for _ in range(3):
            sheet.page.locator("#update").click()

        assert fresh.page.evaluate(VALUES, '[data-n="4"]') == sheet.page.evaluate(VALUES, "tr[data-line]")


def test_the_address_keeps_the_state(opened: Opened) -> None:
    """Numbers and updates; a reset clears it; nonsense in it does nothing."""
    sheet = opened(shipped("mazur"))
    sheet.change("w[1,1,1]", "0.2")
    sheet.page.locator("#update").click()
    hash = sheet.page.evaluate("() => location.hash")
    again = opened(shipped("mazur"), hash)

    assert sheet.shown == again.shown
    sheet.page.locator("#reset").click()
    assert "" == sheet.page.evaluate("() => location.hash")
    fresh = opened(shipped("mazur"))
    assert fresh.shown == opened(shipped("mazur"), "#nothing=1&w[1,1,1]=x&%E0&__proto__=2".replace("%E0", "a")).shown


def test_a_quantity_lights_itself_its_users_and_its_gradient(opened: Opened) -> None:
    """w5 is used by net_o1 and its update; its gradient needs the factors of δ; a click holds it, Escape releases."""
    sheet = opened(shipped("mazur"))
    sheet.page.locator('td [data-q="w[2,1,1]"]').first.hover()

    assert {"z[2,1]", "w[2,1,1]+"} < set(sheet.classes("user"))
    assert {"dE/dw[2,1,1]", "dE/da[2,1]", "da[2,1]/dz[2,1]"} == set(sheet.classes("needed"))
    assert sheet.page.locator("svg .itself").count() >= 1
    sheet.page.locator('td [data-q="w[2,1,1]"]').first.click()
    sheet.page.locator("h1").hover()
    assert sheet.classes("needed")
    assert "held: blue lines use it" in sheet.page.locator("#said").inner_text()
    sheet.page.keyboard.press("Escape")
    sheet.page.locator("h1").hover()
    assert [] == sheet.classes("needed")
    sheet.page.locator('tr[data-line="dE/dw[2,1,1]"] th').focus()
    assert {"dE/da[2,1]", "da[2,1]/dz[2,1]"} == set(sheet.classes("needed"))
    sheet.page.locator('tr[data-line="z[1,1]"] th').focus()
    assert {"a[1,1]"} <= set(sheet.classes("user"))


def test_step_by_step_a_line_is_shown_when_it_is_asked_for_or_found(opened: Opened) -> None:
    """Arrow keys go on and back; a right number within its digits is enough; later lines are hidden."""
    sheet = opened(shipped("mazur"))
    page = sheet.page
    page.locator("#step").click()
    value = page.locator('tr[data-line="z[1,1]"] td.value math')

    drawn = page.locator('svg.forward [data-id="z[1,1]"]')
    assert not page.locator('tr[data-line="a[1,1]"]').is_visible()
    assert not value.is_visible() and not drawn.is_visible()
    page.locator(".own input").fill("0.4")
    assert value.is_visible() and drawn.is_visible()
    assert not page.locator('svg.forward [data-id="a[1,1]"]').is_visible()
    page.keyboard.press("ArrowDown")
    assert page.locator('tr[data-line="a[1,1]"]').is_visible()
    page.locator(".own input").fill("0.58")
    page.locator(".own input").fill("0.593")
    assert ["a[1,1]"] == sheet.classes("now") and [] == sheet.classes("asked")
    page.locator("h1").click()
    page.keyboard.press("ArrowRight")
    page.locator(".own input").fill("0.5")
    assert ["z[1,2]"] == sheet.classes("asked")
    page.locator(".own button").click()
    assert [] == sheet.classes("asked")
    page.keyboard.press("ArrowLeft")
    assert ["a[1,1]"] == sheet.classes("now")
    page.keyboard.press("Escape")
    assert [] == sheet.classes("later")


def test_sections_fold_and_paper_has_them_open(opened: Opened) -> None:
    """A heading folds what is under it."""
    sheet = opened(shipped("mazur"))
    row = sheet.page.locator('tr[data-line="E"]')
    sheet.page.get_by_role("button", name="2 Loss").click()

    assert not row.is_visible()
    sheet.page.emulate_media(media="print")
    assert row.is_visible()
    printed = PdfReader(io.BytesIO(sheet.page.pdf(prefer_css_page_size=True)))
    assert "half_squared_error" in "".join(page.extract_text() for page in printed.pages)  # the spec, too
    assert (595, 842) == tuple(round(float(side)) for side in printed.pages[0].mediabox[2:])


@pytest.mark.parametrize("name", ["mazur", "relu-sigmoid-softmax"])
def test_numbers_that_grow_longer_have_room_in_the_picture(name: str, opened: Opened) -> None:
    """After updates no number at an edge reaches into the circle that the edge comes from or another number's row."""
    page = opened(shipped(name), viewport={"width": 1400, "height": 900}).page
    for _ in range(3):
        page.locator("#update").click()
    lying = page.evaluate(
        """() => {
          const boxes = (where) => [...document.querySelectorAll(where)].map((e) => e.getBoundingClientRect());
          const labels = boxes("svg.forward .edge text"), frames = boxes("svg.forward .unit rect");
          const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
            && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2;
          return labels.filter((label) => frames.some((frame) => meet(label, frame))).length;
        }"""
    )

    assert 0 == lying


def test_the_gradients_have_a_switch(opened: Opened) -> None:
    """The picture shows the numbers of one pass at a time."""
    page = opened(shipped("mazur")).page
    forward, backward = page.locator("svg.forward"), page.locator("svg.backward")

    assert (True, False) == (forward.is_visible(), backward.is_visible())
    page.locator("#gradients").check()
    assert (False, True) == (forward.is_visible(), backward.is_visible())


def test_lines_are_copied_as_latex_and_as_text(opened: Opened) -> None:
    """With the numbers of now."""
    sheet = opened(shipped("mazur"), permissions=["clipboard-read", "clipboard-write"])
    sheet.change("x[1]", "0.5")
    copies = []
    for form in ("latex", "text"):
        sheet.page.locator(f"#copy-{form}").click()
        sheet.page.wait_for_function("() => document.getElementById('said').textContent === 'copied'")
        copies.append(sheet.page.evaluate("() => navigator.clipboard.readText()"))

    assert r"net_{h1} &=" in copies[0]
    assert r"\frac{1}{1+e^{-0.445}}" in copies[0]
    assert "net_h1 = w_1 · i_1 + w_2 · i_2 + b_1 = 0.15 · 0.5 + 0.2 · 0.1 + 0.35 = 0.445" in copies[1]


def copied(sheet: Sheet, form: str) -> str:
    sheet.page.locator(f"#copy-{form}").click()
    sheet.page.wait_for_function("() => document.getElementById('said').textContent === 'copied'")
    text: str = sheet.page.evaluate("() => navigator.clipboard.readText()")
    return text


COPIED = [("parabola", {}), ("graph-j", {}), ("xor", {"view": "matrix", "epochs": None, "iterations": 1}),
          ("relu-sigmoid-softmax", {"detail": "full"}), ("two-layer-phi", {}), ("mlp-bce", {})]  # fmt: skip


@pytest.mark.slow
def test_copies_are_what_tex_and_people_read(opened: Opened, tmp_path: Path) -> None:
    """Each is set by LaTeX without an error; in a text a minus stands at its number, matrices have commas."""
    pages = {
        name: opened(shipped(name, **changes), permissions=["clipboard-read", "clipboard-write"])
        for name, changes in COPIED
    }
    latex = [copied(page, "latex") for page in pages.values()]
    text = copied(pages["xor"], "text")

    assert set() == {sign for sign in "".join(latex) if not sign.isascii()}
    assert "W[1] = [w_11[1], w_12[1]; w_21[1], w_22[1]] = [0.5, −0.4; −0.3, 0.6]\n" in text
    assert "θ_1(1) = θ_0(1) − α(1) · f'_0(1) = −4 − 0.1 · (−8) = −3.2\n" in copied(pages["parabola"], "text")
    if not shutil.which("pdflatex"):
        missing("pdflatex")
    head = r"\documentclass{article}\usepackage{amsmath}\usepackage[paperwidth=150cm]{geometry}\allowdisplaybreaks"
    (tmp_path / "copies.tex").write_text(f"{head}\n\\begin{{document}}\n{''.join(latex)}\\end{{document}}\n")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "copies.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=120, check=False)
    assert 0 == done.returncode, done.stdout[-1500:]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [375, 1400])
def test_nothing_is_wider_than_the_screen(scheme: str, width: int, opened: Opened) -> None:
    """On a phone and on a desk, by day and by night; the ink is far from the paper."""
    page = opened(shipped("mazur"), viewport={"width": width, "height": 800}, color_scheme=scheme).page
    ink, paper = page.evaluate(
        "() => [getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
    )
    light = [sum(map(int, re.findall(r"\d+", colour)[:3])) / 3 for colour in (ink, paper)]

    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    assert (light[0] < light[1]) == (scheme == "light") and abs(light[0] - light[1]) > 150


@pytest.mark.parametrize("name", ["mazur", "relu-sigmoid-softmax", "graph-j"])
def test_the_picture_stands_beside_the_lines_where_there_is_room(name: str, opened: Opened) -> None:
    """On a desk it stays in view, right of them, as whole as it is; on a narrow screen it is above."""
    wide = opened(shipped(name), viewport={"width": 1400, "height": 900}).page
    last = wide.locator("table.lines").last
    last.scroll_into_view_if_needed()
    picture, lines = wide.locator("svg.forward").bounding_box(), last.bounding_box()

    assert picture and lines
    assert 0 <= picture["y"] <= 100 and lines["x"] + lines["width"] < picture["x"]
    assert (
        wide.evaluate(
            "() => { const e = document.querySelector('.picture .wide'); return e.scrollWidth - e.clientWidth }"
        )
        <= 0
    )
    narrow = opened(shipped(name), viewport={"width": 800, "height": 900}).page
    picture, lines = (narrow.locator(place).first.bounding_box() for place in ("svg.forward", "table.lines"))
    assert picture and lines and picture["y"] + picture["height"] < lines["y"]


@pytest.mark.parametrize(
    "title", ["</script><script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "`${alert(1)}`"]
)
def test_a_title_from_a_stranger_runs_nothing(title: str, opened: Opened) -> None:
    """One script, which the policy of the page knows by its hash."""
    sheet = opened(spec(MAZUR, title=title))

    assert 1 == sheet.page.locator("script").count() and 0 == sheet.page.locator("img").count()
    assert "eval" not in sheet.page.locator("meta[http-equiv]").get_attribute("content")
    assert "unsafe-inline'; script" not in sheet.page.locator("meta[http-equiv]").get_attribute("content")
    sheet.page.locator("#update").click()
    assert sheet.page.locator("#losses").is_visible()


AXE = os.environ.get("BACKPROPCALC_AXE", "")


@pytest.mark.parametrize(
    "name,scheme", [("mazur", "light"), ("mazur", "dark"), ("graph-j", "light"), ("parabola", "light")]
)
def test_axe_finds_nothing_serious(name: str, scheme: str, opened: Opened) -> None:
    """Names of fields and buttons, contrast, order of headings."""
    if not Path(AXE).is_file():
        missing("axe-core")
    page = opened(shipped(name), color_scheme=scheme, bypass_csp=True).page
    page.add_script_tag(content=Path(AXE).read_text(encoding="utf-8"))
    found = page.evaluate(
        "async () => (await axe.run()).violations.filter(({impact}) => ['serious', 'critical'].includes(impact))"
    )

    assert [] == [(one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in found]
