"""The printed values of the documents, marked as students' papers: the marks are the audit's verdicts."""

from __future__ import annotations

import re
from functools import cache

import pytest
from audit import AUDIT
from oracle import PUBLISHED
from papers import answer, spec

from backpropcalc.marking.judge.marking import mark
from backpropcalc.marking.judge.marks import Mark
from backpropcalc.marking.read.sheet import Sheet
from backpropcalc.marking.why.explain import explained
from backpropcalc.notation.names import Names
from backpropcalc.notation.notation import Notation

PAPERS = {
    "neuron": ("one-neuron", ("000-A 4->1 sigmoid output",)),
    "layered": ("mazur-layered", ("000-D Mazur 2-2-2",)),
    "mlp": ("mlp-bce", ("002 2-2-1 BCE",)),
    "exam": ("exam-2-3-1", ("003 2-3-1 BCE",)),
    "mazur": ("mazur", ("004 Mazur 2-2-2",)),
    "threes": (
        "relu-sigmoid-softmax",
        (
            "004 3-3-3-3 relu/sigmoid/softmax",
            "004 cross-entropy of the 3-3-3-3 net (printed twice, l.242-247 and l.730-736)",
        ),
    ),
}
LINE = re.compile(r"(# or )?(\S+): (\S+) +# l\.\d+: (.+)")


@cache
def lines(paper: str) -> list[tuple[bool, str, str, str]]:
    """Whether it is a second reading, name, text, and the audit's verdict of each line of a paper."""
    verdicts = {item["quantity"]: item["verdict"] for item in AUDIT["audit"] if item["example"] in PAPERS[paper][1]}
    text = (PUBLISHED / f"{paper}.yaml").read_text(encoding="utf-8")
    found = [LINE.fullmatch(line) for line in text.splitlines() if not line.startswith("# ") or "# or" in line]
    return [(bool(m[1]), m[2], m[3], verdicts[m[4]]) for m in found if m]


@cache
def marked(paper: str, instead: tuple[str, str] = ("", "")) -> dict[str, Mark]:
    """The marks of a paper by the names of its lines; a second reading may stand instead of the first."""
    network = spec(PAPERS[paper][0])
    trace = network.run()
    names = Names(Notation(network), trace.computed())
    texts = {name: text for second, name, text, _ in lines(paper) if not second}
    if instead[0]:
        texts[instead[0]] = instead[1]
    sheet = Sheet({names.find(name): answer(names.find(name), text) for name, text in texts.items()})
    marks = {m.var: m for m in explained(trace, mark(trace, sheet))}
    return {name: marks[names.find(name)] for name in texts}


def agrees(m: Mark, audit: str) -> bool:
    if audit == "wrong":
        return m.verdict == "mistake" or bool({"last-digit", "truncated", "sign-lost"} & set(m.notes))
    if audit == "carried":
        return m.verdict == "follows"
    return m.verdict in ("correct", "rounded", "follows") and m.credit == 1


EVERY = [(paper, *line) for paper in PAPERS for line in lines(paper)]


@pytest.mark.parametrize(("paper", "second", "name", "text", "audit"), EVERY, ids=lambda x: str(x))
def test_the_mark_is_the_verdict_of_the_audit(paper: str, second: bool, name: str, text: str, audit: str) -> None:
    """Wrong is a mistake made there, carried follows, and what is right or rounded is not accused."""
    m = marked(paper, (name, text) if second else ("", ""))[name]

    assert agrees(m, audit), (m.verdict, m.notes, m.own, audit)
