"""What the architecture promises: an output form is one class that writes each kind of piece, and writes every page."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from oracle import SPECS

import backpropcalc as bp
from backpropcalc.algebra.fragments import unbroken
from backpropcalc.execution.values import Values
from backpropcalc.pages import pieces
from backpropcalc.pages.derivation import Derivation
from backpropcalc.pages.information import Information
from backpropcalc.pages.pieces import Document, Math, Phrase
from backpropcalc.program.steps import Step
from backpropcalc.render.form import Form
from backpropcalc.render.language import TERMINAL
from backpropcalc.render.script import Script
from backpropcalc.render.scripts import script
from backpropcalc.render.trees import branches
from backpropcalc.render.whole import MatrixScript, equation_name, equation_sides
from backpropcalc.spec.network import Network


class Outline(Form):
    """A plain text outline: a line for each thing, indented under its heading."""

    def __init__(self, document: Document) -> None:
        super().__init__(document)
        self.script, self.level = script(document, TERMINAL), 0

    def line(self, text: str, deeper: int = 0) -> str:
        return f"{'  ' * (self.level + deeper)}- {text}\n"

    def phrase(self, phrase: Phrase) -> str:
        if isinstance(phrase, str):
            return phrase
        return self.script.math(phrase) if isinstance(phrase, Math) else "".join(map(self.phrase, phrase))

    def rows(self, own: Script, steps: Iterable[Step], values: Values) -> str:
        found = [own.written(step, values) for step in steps]
        return "".join(
            self.line(
                " = ".join(unbroken(side) for side in (row.name, row.formula, row.numbers) if side)
                + f" {row.relation} {unbroken((row.value,))}"
            )
            for row in found
        )

    def title(self, title: pieces.Title) -> str:
        return (title.text or title.otherwise) + "\n"

    def heading(self, heading: pieces.Heading) -> str:
        self.level = heading.level
        return self.line(self.phrase(heading.text), -1) if heading.text else ""

    def facts(self, facts: pieces.Facts) -> str:
        return "".join(self.line(f"{label}: {self.phrase(said)}") for label, said in facts.rows)

    def note(self, note: pieces.Note) -> str:
        return self.line(self.phrase(note.text))

    def lines(self, lines: pieces.Lines) -> str:
        return self.rows(self.script, lines.cells, lines.values)

    def matrix_lines(self, lines: pieces.MatrixLines) -> str:
        return self.rows(MatrixScript(self.document, TERMINAL, lines.entries, None), lines.steps, lines.values)

    def equations(self, equations: pieces.Equations) -> str:
        return "".join(
            self.line(
                " = ".join(
                    [unbroken(equation_name(self.script, one))]
                    + [unbroken(side) for side, _ in equation_sides(self.script, one)]
                )
            )
            for one in equations.equations
        )

    def table(self, table: pieces.Table) -> str:
        heads = [self.phrase(heading) for heading in table.headings]
        return "".join(
            self.line(", ".join(f"{head} {self.phrase(cell)}".strip() for head, cell in zip(heads, row, strict=True)))
            for row in table.rows
        )

    def tree(self, tree: pieces.Tree) -> str:
        return "".join(self.line(self.script.math(branch.formula), branch.depth) for branch in branches(tree))


def outline(document: Document) -> str:
    return "".join(Outline(document).written())


SMALL = [path for path in sorted(SPECS.glob("*.yaml")) if "\ndata:" not in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("path", SMALL, ids=lambda path: path.stem)
def test_one_class_writes_every_line_of_the_calculation(path: Path) -> None:
    """Each quantity of the last iteration stands in the outline, named, with the value that the terminal gives it."""
    shown = bp.page(bp.load(path))
    *_, values = shown.trace.iterations()
    written = outline(shown)
    own = script(shown, TERMINAL)
    steps = [step for block in shown.trace.blocks(values.iteration) for step in block.cells]

    assert steps
    for step in steps:
        row = own.written(step, values)
        assert f"- {unbroken(row.name)} = " in written
        assert f" {row.relation} {unbroken((row.value,))}\n" in written


@pytest.mark.parametrize("name", ["mazur", "relu-sigmoid-softmax", "two-layer-phi", "mlp-bce"])
def test_one_class_writes_every_other_document(name: str) -> None:
    """Matrices with all their numbers, the derivation with its general rules, the layers and their sizes."""
    spec = bp.load(SPECS / f"{name}.yaml")
    assert isinstance(spec, Network)
    matrices = outline(bp.page(spec.override(view="matrix")))
    symbols = outline(Derivation(spec))
    information = outline(Information(spec))

    assert spec.layers[0].weights[0][0].text.rstrip("0") in matrices
    assert "- 1  " in symbols and symbols.count(" = ") > 20
    assert "-".join(map(str, spec.sizes)) in information
