"""PDF and Typst: every page is set, and is accessible: each line says what the terminal says. No text is a command."""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path
from typing import Any

import networks
import pytest
import typst
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from needed import missing
from oracle import SPECS, spec
from pypdf import PdfReader
from specimens import NOTATIONS

import backpropcalc as bp
from backpropcalc.algebra.typst import quoted, typst_tokens
from backpropcalc.cli import main
from backpropcalc.errors import InputError
from backpropcalc.pages.derivation import Derivation
from backpropcalc.pages.information import Information
from backpropcalc.pages.pieces import Document
from backpropcalc.render.linear import Linear, row_text
from backpropcalc.render.pdf import ENGINES
from backpropcalc.spec.network import Network

SHIPPED = ("chain-rule", "exam-2-3-1", "graph-f", "mlp-bce", "one-neuron", "relu-sigmoid-softmax", "two-layer-phi")


def source(document: Document) -> str:
    out = io.StringIO()
    bp.write(document, out, "typst")
    return out.getvalue()


def accessible(text: str, root: Path) -> bytes:
    """The PDF/UA-1 of a Typst document that sees ``root``; Typst refuses a formula that does not say what it is."""
    made = typst.Compiler(text.encode(), root=root, ignore_system_fonts=True).compile(
        format="pdf", pdf_standards="ua-1"
    )
    assert isinstance(made, bytes)
    return made


def alternatives(pdf: bytes) -> list[str]:
    """What the formulas of a PDF say to those who cannot see them."""
    reader = PdfReader(io.BytesIO(pdf))
    found = (reader.get_object(n) for n in range(1, len(reader.xref_objStm) + sum(map(len, reader.xref.values())) + 1))
    return [str(one["/Alt"]) for one in found if isinstance(one, dict) and one.get("/S") == "/Formula"]


@pytest.mark.parametrize("name", ["mazur", "graph-j", "parabola"])
def test_every_line_says_what_the_terminal_says(name: str, tmp_path: Path) -> None:
    """The alternative text of each line is its text in the terminal, on one line."""
    shown = bp.page(bp.load(SPECS / f"{name}.yaml"))
    said = alternatives(accessible(source(shown), tmp_path))
    own = Linear(shown).script
    *_, values = shown.trace.iterations()
    expected = [
        row_text(own.written(step, values))
        for block in shown.trace.blocks(values.iteration)
        for step in block.cells
        if step.var.role != "new" or name != "parabola"
    ]

    assert expected
    assert [] == [line for line in expected if line not in said]


def test_the_matrices_of_a_line_are_said_row_by_row(tmp_path: Path) -> None:
    """In brackets, rows divided by semicolons."""
    given = bp.load(SPECS / "mazur.yaml").override(view="matrix")

    said = next(line for line in alternatives(accessible(source(bp.page(given)), tmp_path)) if line[:5] == "net_h")

    assert said.startswith("net_h = W_h · i + b1 = ")
    assert said.endswith(" = [0.15, 0.2; 0.25, 0.3] · [0.05; 0.1] + [0.35; 0.35] = [0.3775; 0.3925]")


@pytest.mark.parametrize("name", ["mazur", "graph-j"])
def test_the_picture_of_a_network_is_accessible(run: Any, name: str, tmp_path: Path) -> None:
    """With --picture; it says what it shows, and no colour is left to a browser."""
    code, out, _ = run("run", str(SPECS / f"{name}.yaml"), "--picture", "--typst", "--phase", "forward")

    assert 0 == code
    assert "image(bytes(" in out and "var(" not in out
    assert accessible(out, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", SHIPPED)
def test_every_document_is_accessible(name: str, tmp_path: Path) -> None:
    """The page in its views, the derivation in its views, the sizes."""
    loaded = bp.load(SPECS / f"{name}.yaml")
    documents: list[Document] = [bp.page(loaded)]
    if isinstance(loaded, Network):
        documents += [bp.page(loaded.override(view="matrix")), Information(loaded)]
        documents += [Derivation(loaded.override(view=view)) for view in ("scalar", "matrix", "index")]
    for document in documents:
        assert accessible(source(document), tmp_path).startswith(b"%PDF-")


@pytest.mark.slow
@settings(max_examples=6)
@given(st.integers(0, 10_000), st.sampled_from(NOTATIONS), st.sampled_from(["scalar", "matrix"]))
def test_every_network_in_every_notation_is_accessible(seed: int, notation: str, view: str) -> None:
    """Whatever a net is made of, its page is Typst that compiles."""
    try:
        page = bp.page(spec(networks.network(seed), notation=notation, view=view, detail="full"))
    except InputError as error:
        assert notation == "mlp" and "the notation mlp names" in str(error)
        return

    assert typst.compile(source(page).encode(), format="pdf", pdf_standards="ua-1", ignore_system_fonts=True)


HOSTILE = (
    '#read("secret")',
    '"); #read("secret") #("',
    '$ #image("secret") $',
    "\\",
    '\\" #panic()',
    "*b* _e_ `c` // no",
    "]#panic()[ <label> @label",
    "\x07\u202e\x00",
)


@pytest.mark.parametrize("title", HOSTILE)
def test_a_title_from_a_stranger_is_text(title: str, tmp_path: Path) -> None:
    """It stands on the page as it was written, and nothing that lies beside the page is read."""
    (tmp_path / "secret").write_text("THE SECRET")
    page = bp.page(bp.loads(yaml.safe_dump({"title": title, "expression": "f = a*b", "values": {"a": 1, "b": 2}})))
    said = PdfReader(io.BytesIO(accessible(source(page), tmp_path)))

    assert "SECRET" not in "".join(page.extract_text() for page in said.pages)
    assert said.metadata is not None
    assert title.replace("\x07\u202e\x00", "") in (said.metadata.title or "Backpropagation")


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_within_a_formula_is_signs(text: str, tmp_path: Path) -> None:
    """No sign in it is a command."""
    (tmp_path / "secret").write_text("THE SECRET")

    assert accessible(f'#set document(title: "t")\n#math.equation(alt: "a", ${typst_tokens(text)}$)', tmp_path)
    assert accessible(f'#set document(title: "t")\n#{quoted(text)}', tmp_path)


def test_an_answer_from_a_stranger_is_text(run: Any, tmp_path: Path) -> None:
    """The report of a paper is Typst whatever the paper holds."""
    (tmp_path / "paper.yaml").write_text('net_h1: 0.3775\n"#read(\\"secret\\")]": "$ #panic() $"\n')
    code, out, _ = run("check", str(SPECS / "mazur.yaml"), "paper.yaml", "--typst")

    assert 1 == code
    assert accessible(out, tmp_path)


def pdf(target: Path) -> bytes:
    with pytest.raises(SystemExit) as ended:
        main(["run", str(SPECS / "chain-rule.yaml"), "-o", str(target)])
    assert not ended.value.code
    return target.read_bytes()


def test_a_pdf_is_made_by_typst_and_is_the_same_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where its wheel is installed, whether there is TeX or not."""
    monkeypatch.setattr(shutil, "which", lambda name: None)
    first, second = (pdf(tmp_path / name) for name in ("a.pdf", "b.pdf"))

    assert first == second
    assert first.startswith(b"%PDF-") and alternatives(first)


def test_letters_that_no_font_has_do_not_stop_a_page(tmp_path: Path) -> None:
    """A page with them is a PDF all the same."""
    (tmp_path / "net.yaml").write_text(
        "title: 链式法则 \U0010fffd\nexpression: f = a*b\nvalues: {a: 1, b: 2}\n", "utf-8"
    )
    with pytest.raises(SystemExit) as ended:
        main(["run", str(tmp_path / "net.yaml"), "-o", str(tmp_path / "page.pdf")])

    assert not ended.value.code
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF-")


def test_without_typst_a_pdf_is_made_by_tex_and_is_the_same_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where TeX is installed."""
    if not any(map(shutil.which, ENGINES)):
        missing("TeX")
    monkeypatch.setitem(sys.modules, "typst", None)
    first, second = (pdf(tmp_path / name) for name in ("a.pdf", "b.pdf"))

    assert first == second
    assert first.startswith(b"%PDF-") and not alternatives(first)


def test_without_either_a_pdf_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says what to install, and leaves no file."""
    monkeypatch.setitem(sys.modules, "typst", None)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(SystemExit) as ended:
        main(["run", str(SPECS / "chain-rule.yaml"), "-o", str(tmp_path / "page.pdf")])

    assert 2 == ended.value.code
    assert "pip install 'backpropcalc[pdf]'" in capsys.readouterr().err
    assert [] == list(tmp_path.iterdir())
