"""Papers written by hand, in every form that students hand in, beside what a fair human marker says of each."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from backpropcalc import load, page
from backpropcalc.marking.examination import Examination, Paper
from backpropcalc.marking.judge.conventions import SAID

PAPERS = Path(__file__).parent / "papers"
SPECS = Path(__file__).parents[2] / "specs"
MARKERS: dict[str, dict[str, Any]] = yaml.safe_load((PAPERS / "markers.yaml").read_text(encoding="utf-8"))
VERDICTS = ("right", "half", "follows", "mistake", "unreadable")


@cache
def examination(spec: str) -> Examination:
    folder, _, name = spec.rpartition("/")
    return Examination(page(load((PAPERS / "specs" if folder else SPECS) / f"{name}.yaml")))


@cache
def marked(name: str) -> Paper:
    return examination(MARKERS[name]["spec"]).paper(PAPERS / name)


def test_every_paper_has_a_marker_and_every_marker_a_paper() -> None:
    """No paper is left out, and there are at least 60."""
    assert sorted(MARKERS) == sorted(
        path.name for path in PAPERS.iterdir() if path.is_file() and path.name != "markers.yaml"
    )
    assert len(MARKERS) >= 60


@pytest.mark.parametrize("name", MARKERS)
def test_the_marks_are_those_of_a_fair_human_marker(name: str) -> None:
    """Right, half right, following, mistaken, unreadable or missing: of each quantity what the marker says."""
    names = examination(MARKERS[name]["spec"]).names
    paper = marked(name)
    found: dict[str, set[str]] = {verdict: set() for verdict in VERDICTS}
    for mark in paper.marks:
        verdict = {"correct": "right", "rounded": "right"}.get(mark.verdict, mark.verdict)
        verdict = "half" if {"last-digit", "truncated"} & set(mark.notes) else verdict
        found.setdefault(verdict, set()).add(names.notation.ascii(mark.var))
    expected = {
        verdict: {names.notation.ascii(names.find(n)) for n in MARKERS[name].get(verdict, "").split()}
        for verdict in VERDICTS
    }

    assert expected == {verdict: found[verdict] for verdict in VERDICTS}


@pytest.mark.parametrize("name", MARKERS)
def test_what_is_said_beside_the_lines_is_what_the_marker_writes_there(name: str) -> None:
    """Lines that are not read, unknown names and corrections are listed with their lines, and nothing else is."""
    said = [problem for problem in marked(name).problems if problem.code != "convention"]

    assert MARKERS[name].get("says", []) == [f"{p.where.line if p.where else 0} {p.code}" for p in said]


@pytest.mark.parametrize("name", MARKERS)
def test_the_convention_of_a_batch_is_named(name: str) -> None:
    """The report says how the paper keeps δ and the gradients, if not as the spec does."""
    named = [problem.message for problem in marked(name).problems if problem.code == "convention"]
    convention = MARKERS[name].get("convention")

    assert ([SAID[convention]] if convention else []) == named
