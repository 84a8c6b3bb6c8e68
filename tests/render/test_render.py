"""The written forms: golden pages, LaTeX that compiles, equations that KaTeX takes, and titles that do no harm."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from io import StringIO
from pathlib import Path
from typing import Any

import networks
import pytest
from commands import call
from jsonschema import Draft202012Validator
from needed import missing
from oracle import MAZUR, ROOT, SPECS, SUPPORT, spec

import backpropcalc as bp

CASES = Path(__file__).parent / "cases"
GOLDEN = {"mazur.txt": "terminal", "mazur.tex": "latex", "mazur.md": "markdown"}
PROOFS = {"mazur": {}, "relu-sigmoid-softmax": {}, "mlp-bce": {"carry": "rounded"}, "two-layer-phi": {}}


def written(given: bp.Spec, form: str = "terminal", **options: Any) -> str:
    out = StringIO()
    bp.write(bp.page(given), out, form, **options)
    return out.getvalue()


def shipped(name: str, **changes: Any) -> bp.Spec:
    return bp.load(SPECS / f"{name}.yaml").override(**changes)


@pytest.mark.parametrize("name", GOLDEN)
def test_the_golden_pages_of_mazur(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page, the LaTeX and the Markdown that were read line by line against the source. If a change is meant:

    COLUMNS=80 backpropcalc run specs/mazur.yaml -o tests/cases/mazur.txt (.tex, .md), and read them again.
    """
    monkeypatch.setenv("COLUMNS", "80")
    options = {"standalone": True} if name.endswith(".tex") else {}

    assert (CASES / name).read_text(encoding="utf-8") == written(shipped("mazur"), GOLDEN[name], **options)


# LaTeX


def compiled(engine: str, source: str, folder: Path) -> str:
    """The log of compiling a document."""
    if not shutil.which(engine):
        missing(engine)
    (folder / "page.tex").write_text(source, encoding="utf-8")
    command = [engine, "-interaction=nonstopmode", "-halt-on-error", "page.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=180, check=False)
    log = (folder / "page.log").read_text(encoding="utf-8", errors="replace")

    assert 0 == done.returncode, log[-2000:]
    assert (folder / "page.pdf").stat().st_size > 10_000
    return log


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["pdflatex", "lualatex"])
@pytest.mark.parametrize("name", ["mazur", "relu-sigmoid-softmax", "mlp-bce"])
def test_the_document_compiles_without_warnings(engine: str, name: str, tmp_path: Path) -> None:
    """No error, no overfull or underfull line, no missing character, no warning."""
    log = compiled(engine, written(shipped(name), "latex", standalone=True), tmp_path)

    assert [] == re.findall(r".*(?:Overfull|Underfull|Missing character|Warning).*", log)


TITLE = r"100% of $5 & #1 {x} \input{/etc/passwd} ^_~ <b> | Größe ∂ αΩ 漢字 🎓 \end{document} «é» ‘q’ “r” – — …"


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["pdflatex", "lualatex"])
def test_any_title_compiles(engine: str, tmp_path: Path) -> None:
    """TeX's special characters are printed, no command in a title is obeyed, Unicode survives."""
    source = written(spec(MAZUR, title=TITLE), "latex", standalone=True)
    log = compiled(engine, source, tmp_path)

    assert "passwd" not in re.sub(r"\s", "", log.partition("page.aux")[0])
    assert 1 == source.count(r"\end{document}")
    assert r"\input" not in source


def test_the_fragment_has_no_preamble() -> None:
    """For inclusion into a document of one's own: only amsmath's environments, headings as text."""
    source = written(shipped("mazur"), "latex")

    assert r"\documentclass" not in source
    assert r"\section" not in source
    assert {"align*", "array"} == set(re.findall(r"\\begin\{(.+?)\}", source))


# KaTeX


def equations() -> list[str]:
    found: list[str] = []
    for name, changes in PROOFS.items():
        given = shipped(name, **changes)
        found += [line["latex"] for line in json.loads(written(given, "json"))["lines"]]
        found += re.findall(r"```math\n(.*?)\n```", written(given, "markdown"), re.S)
        found += re.findall(r"\$(.+?)\$", written(given, "markdown"))
    for seed in range(0, 60, 3):
        found += [line["latex"] for line in json.loads(written(spec(networks.network(seed)), "json"))["lines"]]
    return list(dict.fromkeys(found))


@pytest.mark.slow
def test_katex_accepts_every_equation() -> None:
    """Every line of the shipped specs and of random networks, and every block of the Markdown, in strict mode."""
    package = os.environ.get("BACKPROPCALC_KATEX")
    if not package or not shutil.which("node"):
        missing("KaTeX (the npm package katex, its folder in BACKPROPCALC_KATEX)")
    listed = equations()
    command = ["node", str(SUPPORT / "katex.mjs"), str(package)]
    done = subprocess.run(command, input=json.dumps(listed), capture_output=True, text=True, check=True, timeout=120)

    assert [] == json.loads(done.stdout)
    assert len(listed) > 400


FORMS = [
    *(f"{words} specs/{name}.yaml" for name in ("relu-sigmoid-softmax", "mlp-bce", "two-layer-phi")
      for words in ("run --view matrix", "derive", "derive --view matrix", "info")),
    *(f"run specs/{name}.yaml" for name in ("graph-j", "graph-f", "chain-rule", "parabola")),
    "run --chain full specs/mazur.yaml",
    "run --exact --phase forward specs/mazur.yaml",
    "run --detail full --order stage specs/mazur.yaml",
    "run --view matrix --detail full --output-delta direct --carry rounded specs/exam-2-3-1.yaml",
    "run --view matrix --bias column --orientation WTx --detail full specs/exam-2-3-1.yaml",
    "run --mean-in gradient --detail full --order weight --bias column specs/xor.yaml",
    "run --delta derivative --notation mlp --bias column specs/mlp-bce.yaml",
    "run --only dE[2]/dw[3,2,1] specs/relu-sigmoid-softmax.yaml",
    "run --view matrix --only dE[]/dw[3] --only dE[2]/dw[2] specs/relu-sigmoid-softmax.yaml",
    "run --view matrix --detail full --decimals 3 specs/relu-sigmoid-softmax.yaml",
    "run --view matrix specs/xor.yaml",
    "derive --bias column --view matrix specs/mlp-bce.yaml",
    "functions",
    "run --exact specs/xor.yaml",
    "run --exact specs/mlp-bce.yaml",
    "functions tanh",
    "functions softmax --at 2,1,-0.1",
]  # fmt: skip
"""Every other kind of page, as a command."""


def said(words: str, *more: str) -> str:
    """What a command prints."""
    done = call(*words.split(), *more, cwd=ROOT)

    assert (0, "") == (done.code, done.err)
    return done.out


@pytest.mark.slow
def test_katex_accepts_every_other_kind_of_page() -> None:
    """Matrices, derivations, sizes, graphs, descents, whole chains, exact values and the catalogue."""
    package = os.environ.get("BACKPROPCALC_KATEX")
    if not package or not shutil.which("node"):
        missing("KaTeX (the npm package katex, its folder in BACKPROPCALC_KATEX)")
    listed: list[str] = []
    for words in FORMS:
        page = said(words, "--markdown")
        listed += re.findall(r"```math\n(.*?)\n```", page, re.S)
        listed += re.findall(r"(?<!\\)\$(.+?)(?<!\\)\$", re.sub(r"```.*?```", "", page, flags=re.S))
    command = ["node", str(SUPPORT / "katex.mjs"), str(package)]
    done = subprocess.run(command, input=json.dumps(listed), capture_output=True, text=True, check=True, timeout=120)

    assert [] == json.loads(done.stdout)
    assert len(listed) > 300


@pytest.mark.slow
@pytest.mark.parametrize("words", FORMS)
def test_every_other_kind_of_page_compiles(words: str, tmp_path: Path) -> None:
    """No error, and no line that is wider than the page."""
    log = compiled("pdflatex", said(words, "--latex", "--standalone"), tmp_path)

    assert [] == re.findall(r".*Overfull.*", log)


# Markdown, terminal and JSON are harmless too

EVIL = {
    "escape": "\x1b[31mred\x1b]0;title\x07",
    "bell and backspace": "a\x07\x08\x08b",
    "right to left": "abc\u202edcb\u2066",
    "rich markup": "[bold red]x[/bold red] [link=http://x]y[/link] :smile:",
    "html": "<script>alert(1)</script><img src=x onerror=y> &lt; <!-- -->",
    "markdown": "# h\n\n- l\n```\ncode\n```\n[l](javascript:x) ![i](x) `c` *e* __s__ ~~d~~ | t | $m$ > q",
    "latex": r"\input{x} \def\a{b} $x$ % {",
    "line breaks": "a\nb\r\nc\u2028d\x85e",
    "json": '"}],"lines":[{"id":"x"}]',
    "empty": "",
    "long": "x" * 100_000,
    "template marks": "\ue000" + "0\ue001\ue002 %s {} {0}",
    "surroundings": "\ufeff\u200b\u00ad",
}


@pytest.mark.parametrize("form", ["terminal", "ascii", "latex", "markdown", "json"])
@pytest.mark.parametrize("name", EVIL)
@pytest.mark.parametrize("iterations", [1, 3])
def test_a_title_is_only_text(name: str, form: str, iterations: int) -> None:
    """Whatever stands in a title: no escape reaches the terminal, and the page below it is the same."""
    evil, plain = (spec(MAZUR, title=title, iterations=iterations) for title in (EVIL[name], "PLAIN"))
    options = {"ascii": True} if form == "ascii" else {}
    kind = "terminal" if form == "ascii" else form
    shown, expected = written(evil, kind, **options), written(plain, kind, **options)

    assert not {c for c in shown if c != "\n" and (ord(c) < 32 or "\x7f" <= c < "\xa0")}
    assert not {"\u202e", "\u2066", "\u2028", "\ufeff"} & set(shown)
    assert not {c for c in shown if "\ue000" <= c < "\uf900"}
    if form == "json":
        found, other = json.loads(shown), json.loads(expected)
        assert other["lines"] == found["lines"]
    else:
        start = {"latex": "Network:", "markdown": "- network:"}.get(kind, " network ")
        assert shown.partition(start)[2] == expected.partition(start)[2]


def test_markdown_in_a_title_is_escaped() -> None:
    """Neither Markdown nor HTML sees anything in it."""
    from markdown_it import MarkdownIt

    for title in (EVIL["markdown"].partition("\n")[0], EVIL["html"], "[l](javascript:x) *e* `c` <b>"):
        first = written(spec(MAZUR, title=title), "markdown").splitlines()[0]
        tokens = MarkdownIt("commonmark", {"html": True}).parse(first)
        inline = [token.type for token in tokens[1].children or ()]

        assert ["heading_open", "inline", "heading_close"] == [token.type for token in tokens]
        assert {"text", "text_special"} >= set(inline), inline


@pytest.mark.parametrize("notation", ["mazur", "layered", "letters"])
def test_own_names_are_only_names(notation: str) -> None:
    """A name is a letter and a few letters and digits: a command, markup or an escape is refused."""
    for name in ("\\input{x}", "a b", "x$", "<b>", "\x1b[1m", "a" * 25, "w,1", "`x`", "1a", "_", ""):
        with pytest.raises(bp.InputError, match="cannot be a name"):
            spec(MAZUR, notation=notation, names={"w[1,1,1]": name})


# JSON

SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["format", "title", "notation", "iterations", "given", "lines"],
    "properties": {
        "format": {"const": 1},
        "title": {"type": "string"},
        "notation": {"enum": ["mazur", "layered", "phi", "mlp", "letters"]},
        "iterations": {"type": "integer", "minimum": 1},
        "given": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["id", "name", "value"],
                "properties": {"id": {"type": "string"}, "name": {"type": "string"}, "value": {"type": "number"}},
            },
        },
        "lines": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": [
                    "iteration", "phase", "id", "name", "formula", "substitution", "value", "latex", "depends",
                ],
                "properties": {
                    "iteration": {"type": "integer", "minimum": 1},
                    "phase": {"enum": ["forward", "loss", "backward", "update", "after"]},
                    "id": {"type": "string"},
                    "name": {"type": "string", "pattern": "^[!-~]+$"},
                    "formula": {"type": "string", "minLength": 1},
                    "substitution": {"type": "string", "minLength": 1},
                    "value": {"type": "number"},
                    "latex": {"type": "string", "minLength": 1},
                    "depends": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
                    "note": {"type": "string"},
                },
            },
        },
    },
}  # fmt: skip
"""Section 5 of the contract, written down here on its own."""


@pytest.mark.parametrize("name", [*PROOFS, "exam-2-3-1", "mazur-layered", "one-neuron"])
def test_json_is_as_the_contract_says(name: str) -> None:
    """The object, its lines, every value in full precision, every dependency an id that came before or was given."""
    given = shipped(name, iterations=1)
    found = json.loads(written(given, "json"))
    Draft202012Validator(SCHEMA).validate(found)
    trace = bp.Trace(given)
    known = {var.id for var in trace.given()}

    assert [(line.id, float(line.value)) for line in trace] == [(x["id"], x["value"]) for x in found["lines"]]
    for line in found["lines"]:
        assert set(line["depends"]) <= known, line["id"]
        known.add(line["id"])


def test_json_of_several_iterations() -> None:
    """Each iteration's lines with its number; the values are those of the trace."""
    given = shipped("mazur", iterations=30)
    lines = json.loads(written(given, "json"))["lines"]

    assert [(x.iteration, x.id, x.value) for x in bp.Trace(given)] == [
        (x["iteration"], x["id"], x["value"]) for x in lines
    ]
    assert sorted(x["iteration"] for x in lines) == [x["iteration"] for x in lines]


@pytest.mark.parametrize("form", ["terminal", "latex", "markdown", "json"])
def test_iterations_from_a_template_read_like_a_single_one(form: str) -> None:
    """What is filled into a template is what would have been written line by line."""
    first = shipped("mazur", iterations=2)
    lines = re.sub(r"\s+", " ", written(first, form))
    single = re.sub(r"\s+", " ", written(shipped("mazur"), form))
    for number in ("0.593269992", "0.298371109", "0.082167041", "0.149780716"):
        assert number in single
        assert number in lines


@pytest.mark.parametrize("form", ["terminal", "latex", "markdown", "json"])
def test_nothing_is_left_of_the_marks_inside(form: str) -> None:
    """Marks of slots, breaks and columns are the program's own and never come out."""
    for seed in range(0, 90, 9):
        for iterations in (1, 2):
            shown = written(spec(networks.network(seed), iterations=iterations), form)
            assert not {c for c in shown if "\ue000" <= c < "\uf900"}
