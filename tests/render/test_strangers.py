"""What strangers write is text: titles, names of files, answers, in reports of one paper and of a class.

In HTML nothing runs and nothing is asked for; in Typst nothing is a command, and what lies beside the page is not read.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typst
import yaml
from balance import Balance
from browser import browser
from commands import call
from oracle import MAZUR, SPECS
from pypdf import PdfReader

WORDS = (
    "</script><script>document.title = 'pwned'</script>",
    """"><img src=x onerror="document.title = 'pwned'">""",
    "]]></style><svg onload=\"document.title = 'pwned'\">",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    '#read("secret")',
    'a" + read("secret") + "b',
    '$#read("secret")$ #panic()',
    '`#eval("1")` *b* <label> @label',
    "\\input{secret} 100% & _x_",
)
FILE = """"><img src=x onerror="document.title=1">#read("secret").yaml"""
"""The name of a student's paper, as a file system takes it."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A spec with such a title, two papers full of such answers, and a secret."""
    (tmp_path / "secret").write_text("THE SECRET")
    (tmp_path / "net.yaml").write_text(yaml.safe_dump(MAZUR | {"title": " ".join(WORDS)}))
    papers = tmp_path / "papers"
    papers.mkdir()
    lines = [f"net_h1 = 0.4 {word}\n{word} = 3\nnet_h2 = {word}\n{word}\nout_h1 = 0.1" for word in WORDS]
    (papers / "ada.txt").write_text("\n".join(lines))
    answers = dict(zip(("net_h1", "net_h2", "out_h1", "out_h2", *WORDS), (*WORDS[:4], 1, 2, 3), strict=False))
    (papers / FILE).write_text(yaml.safe_dump(answers))
    return tmp_path


def pages(folder: Path, form: str) -> Iterator[Path]:
    """Reports of ``check``, with and without the solution, of ``grade``, and the class at a glance."""
    for paper in sorted((folder / "papers").iterdir()):
        for n, more in enumerate(([], ["--show-solution"])):
            target = folder / f"{len(paper.name)}-{n}.{form}"
            assert 1 == call("check", "net.yaml", str(paper), "-o", str(target), *more, cwd=folder).code
            yield target
    kind, reports = {"html": "html", "typ": "pdf"}[form], folder / f"reports-{form}"
    words = [f"--{kind}", "--reports", str(reports), "--overview", f"class.{form}", "-o", "grades.csv"]
    assert 0 == call("grade", "net.yaml", "papers", *words, cwd=folder).code
    yield from sorted(reports.iterdir())
    yield folder / f"class.{form}"


def test_reports_in_html_run_nothing(folder: Path) -> None:
    """No element of theirs, no attribute that is called; what they wrote is there to be read."""
    found = list(pages(folder, "html"))
    for page in found:
        parser = Balance()
        parser.feed(text := page.read_text(encoding="utf-8"))

        assert ([], []) == (parser.open, parser.wrong), page.name
        assert not parser.seen & {"img", "iframe", "object", "link", "label"}, page.name
        assert 0 == parser.scripts and "default-src 'none'" in text
    assert 7 == len(found)
    assert "&lt;/script&gt;&lt;script&gt;" in found[0].read_text(encoding="utf-8")


def test_a_browser_runs_nothing_of_them_and_asks_for_nothing(folder: Path) -> None:
    """Their titles stay, no message appears, and no request leaves a page."""
    found, asked = list(pages(folder, "html")), list[str]()
    with browser() as chromium:
        page = chromium.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("dialog", lambda dialog: asked.append(dialog.message))
        page.on("console", lambda message: asked.append(message.text))
        for path in found:
            page.goto(path.as_uri())
            assert page.title() not in ("pwned", "1")
            assert 0 == page.locator("img, script, [onload], [onerror]").count()
    assert [path.as_uri() for path in found] == [url for url in asked if not url.startswith("data:font")]


def test_reports_in_typst_read_nothing(folder: Path) -> None:
    """Compiled where the secret lies beside them; without its strings a page holds none of their words."""
    for page in pages(folder, "typ"):
        if page.suffix == ".typ":
            source = page.read_text(encoding="utf-8")
            bare = re.sub(r'"(\\.|[^"\\])*"', "", source)
            assert "<script>" in source
            assert not re.search(r"secret|#read|#eval|#panic|<label>|@label", bare)
            pdf: Any = typst.Compiler(source.encode(), root=folder, ignore_system_fonts=True).compile(format="pdf")
            said = text_of(pdf)
        elif page.suffix == ".pdf":
            said = text_of(page.read_bytes())
        else:
            continue
        assert "SECRET" not in said
        assert "Score" in said


def text_of(pdf: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


@pytest.mark.parametrize("form", ["svg", "tikz"])
def test_pictures_have_nothing_of_theirs(form: str, folder: Path) -> None:
    """A title is not in a picture, and a name that could be a command is none."""
    found = call("run", "net.yaml", "-o", f"net.{form}", cwd=folder)
    named = call("run", str(SPECS / "mazur.yaml"), "-o", f"net.{form}", cwd=folder)

    assert (0, 0) == (found.code, named.code)
    text = (folder / f"net.{form}").read_text(encoding="utf-8")
    assert not re.search("secret|<script|onload|onerror", text)
    (folder / "named.yaml").write_text(yaml.safe_dump(MAZUR | {"names": {"w[1,1,1]": WORDS[0]}}))
    refused = call("run", "named.yaml", "-o", f"other.{form}", cwd=folder)
    assert 2 == refused.code and "cannot be a name" in refused.err
    assert not (folder / f"other.{form}").exists()
