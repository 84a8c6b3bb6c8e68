"""What is read and what is refused: lines with anything in them, names of the page itself, files of every kind."""

from __future__ import annotations

import io
import random
import sys
import zipfile
from pathlib import Path

import pytest

from backpropcalc import InputError, load, loads, page
from backpropcalc.marking.examination import Examination
from backpropcalc.marking.read.answers import reads
from backpropcalc.marking.read.decoding import decoded, document
from backpropcalc.marking.read.thousands import habits

PAPERS = Path(__file__).parent / "papers"
SPECS = Path(__file__).parents[2] / "specs"
MAZUR = Examination(page(load(SPECS / "mazur.yaml")))
BATCH = Examination(page(load(PAPERS / "specs" / "batch.yaml")))
PIECES = (
    *[
        "=",
        "≈",
        "→",
        "=>",
        ":",
        ";",
        ",",
        "|",
        "[",
        "]",
        "(",
        ")",
        "{",
        "}",
        "\\frac",
        "\\\\",
        "$",
        "%",
        "^",
        "_",
        "'",
        "+",
        "-",
        "*",
        "/",
        "e",
        "10^",
        "1e999",
        "0",
        "1/0",
        "NaN",
        "½",
        "√",
        "ln",
        "(3)",
        "[2]",
        "&",
        "and",
        "#",
    ],
    *(
        "tensor(",
        "w5+",
        "E",
        "δ",
        "ŷ",
        "\\begin{pmatrix}",
        "\\end{pmatrix}",
        "Sample 2:",
        "ca. ",
        "\t",
        "\x00",
        "1,000",
    ),
)


@pytest.mark.parametrize("seed", range(8))
def test_no_working_line_crashes_the_marker(seed: int) -> None:
    """Lines of real papers with pieces cut out, doubled and put in: always marks, or an error made for people."""
    rng = random.Random(seed)
    papers = [path for path in sorted(PAPERS.glob("*.*")) if path.suffix in (".txt", ".md", ".tex", ".csv")]
    texts = [path.read_text(encoding="utf-8") for path in papers if path.stem not in ("windows", "unicode-text")]
    lines = [line for text in texts for line in text.splitlines() if line.strip()]
    for _ in range(10):
        wrong = []
        for line in rng.choices(lines, k=25):
            for _ in range(rng.randint(0, 4)):
                start = rng.randint(0, len(line))
                end = min(len(line), start + rng.choice([0, 0, 1, 3, 8]))
                line = line[:start] + rng.choice([*PIECES, line[start:end] * 2]) + line[end:]
            wrong.append(line)
        examination = rng.choice([MAZUR, BATCH])
        try:
            sheet = reads(
                "\n".join(wrong), examination.names, rng.choice([".txt", ".tex", ".csv"]), "", examination.key.truth
            )
        except InputError as error:
            assert error.problems
        else:
            assert examination.marked(sheet).score.possible == pytest.approx(examination.key.possible)


@pytest.mark.parametrize("spec", ["mazur", "exam-2-3-1", "mlp-bce", "relu-sigmoid-softmax", "two-layer-phi", "xor"])
def test_every_name_that_a_page_writes_is_known(spec: str) -> None:
    """In each line of full detail, what is worked out and every factor of it has a name that an answer may use."""
    loaded = load(SPECS / f"{spec}.yaml")
    examination = Examination(page(loaded))
    full = page(loaded.override(detail="full"))
    written = [step.var for block in full.trace.program.lines for step in block.cells if step.var.role != "part"]

    assert written
    assert [] == [var.id for var in written if examination.names.get(full.notation.ascii(var)) != var]


def test_a_single_output_in_numbers_is_marked() -> None:
    """J that only repeats the loss of a single output, worked out in numbers, was a crash."""
    spec = "inputs: [1]\ntargets: [0.2]\nweights: [[[1.8328]]]\nactivation: sigmoid\nloss: squared_error\n"
    examination = Examination(page(loads(spec)))
    for line in ("J = (0.2 - 0.8622)^2 = 0.4385", "E[1] = (0.2 - 0.8622)^2 = 0.4385", "J = (0.2 - 0.86)^2 = 0.4"):
        paper = examination.marked(reads(line, examination.names, ".txt"))

        assert [line.split()[0]] == [
            "E[1]" if mark.var.role == "term" else "J" for mark in paper.marks if mark.answer is not None
        ]


def test_the_gradients_of_some_samples_are_enough() -> None:
    """One sample's own gradient may be stated without the others'."""
    paper = BATCH.marked(reads("dJ/dw11[2](2) = 0.0794\ndJ/dw11[2] = -0.0140\n", BATCH.names, ".txt"))

    assert {"correct"} == {mark.verdict for mark in paper.marks if mark.answer is not None}


def test_a_factor_earns_nothing_and_changes_nothing_that_can_be_earned() -> None:
    """What may be stated although it is not asked does not count, whichever way."""
    without = MAZUR.marked(reads("net_h1 = 0.3775", MAZUR.names, ".txt")).score
    stated = MAZUR.marked(reads("net_h1 = 0.3775\ndnet_o1/dw5 = 0.5933\ndnet_o1/dw6 = 9", MAZUR.names, ".txt")).score

    assert without == stated


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = 1,140", ("", ",")),
        ("a = 1,140\nb = 0.5", (",",)),
        ("a = 1,140\nb = 0,5", ("",)),
        ("a = 1,140.5", (",",)),
        ("x", ("",)),
    ],
)
def test_the_habit_of_a_paper_says_what_a_comma_means(text: str, expected: tuple[str, ...]) -> None:
    """Points or commas elsewhere decide; where nothing does, both readings are tried."""
    assert expected == habits(text)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_text_is_read_in_the_usual_encodings(encoding: str) -> None:
    """A page of German reads the same in each of them."""
    text = "Übung 4 – größer\nnet_h1 = 0,3775\n"

    assert text == decoded(text.encode(encoding))


@pytest.mark.parametrize("name", ["a.xlsx", "a.odt", "a.jpg", "a.zip"])
def test_what_is_not_read_is_met_with_what_to_do(name: str, tmp_path: Path) -> None:
    """A file of another program is named as such."""
    (tmp_path / name).write_bytes(b"PK\x03\x04")

    with pytest.raises(InputError) as caught:
        document(tmp_path / name)
    assert caught.value.problems[0].help


def word(xml: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", xml)
    return out.getvalue()


BOMB = '<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><d>&b;</d>'


@pytest.mark.parametrize("raw", [b"", b"PK\x03\x04", word("<a>"), word(BOMB), word("<a>" * 5000), b"%PDF-1.4"])
@pytest.mark.parametrize("suffix", [".docx", ".ipynb", ".pdf"])
def test_a_broken_or_hostile_container_is_an_error(raw: bytes, suffix: str, tmp_path: Path) -> None:
    """Neither entities, nor depth, nor half a file do anything but raise an error made for people."""
    path = tmp_path / f"a{suffix}"
    path.write_bytes(raw)

    with pytest.raises(InputError):
        document(path)


def test_without_pypdf_a_pdf_is_met_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is named."""
    monkeypatch.setitem(sys.modules, "pypdf", None)

    with pytest.raises(InputError, match=r"backpropcalc\[pdf\]"):
        document(PAPERS / "printed.pdf")


def test_a_file_of_many_lines_is_not_read_to_its_end() -> None:
    """Megabytes of working would take a quarter of a minute; what is left out is told."""
    sheet = reads("net_h1 = 0.3775\n" + "so much for now\n" * 30_000, MAZUR.names, ".txt")

    assert ["too-many"] == [problem.code for problem in sheet.problems]
    assert 1 == len(sheet.answers)
