"""The figures of marking over random networks: ``python tests/benchmarks/marking.py [honest papers] [slips]``.

The papers are written by ``student.py``, which shares no formula with the program.
"""

from __future__ import annotations

import math
import random
import struct
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

import formulas
from papers import fixed, sheet, significant, spec, trimmed
from student import EVERYWHERE, Net, Student, random_net

from backpropcalc.api import loads
from backpropcalc.marking.judge.key import Key
from backpropcalc.marking.judge.marking import mark, score
from backpropcalc.marking.judge.marks import Mark
from backpropcalc.marking.why.explain import Explainer
from backpropcalc.spec.model import Spec

Style = Callable[[float], str]
MISTAKES = ("mistake",)
FOUND = ("last-digit", "truncated")
FINE = ("correct", "rounded", "follows")


@dataclass
class Figures:
    """Counts of a run."""

    honest: int = 0
    accused: list[str] = field(default_factory=list)
    half: int = 0
    slips: int = 0
    found: int = 0
    missed: list[str] = field(default_factory=list)
    followers: int = 0
    wronged: list[str] = field(default_factory=list)
    explained: int = 0
    named: int = 0
    alone: int = 0
    silent: Counter[str] = field(default_factory=Counter)
    per_rule: dict[str, Counter[str]] = field(default_factory=dict)


def style(rng: random.Random) -> Style:
    """A student's way of writing numbers: 2 to 6 decimals or 3 to 6 significant digits, with or without zeros."""
    digits = rng.randint(2, 6)
    write: Style = partial(fixed, decimals=digits)
    if rng.random() < 0.5:
        write = partial(significant, digits=max(3, digits))
    return (lambda v: trimmed(write(v))) if rng.random() < 0.5 else write


def honest_paper(rng: random.Random, net: Net) -> tuple[dict[str, str], str]:
    """A paper without a mistake: worked in full or with rounded values, all or some of the steps shown."""
    write = style(rng)
    carry = rng.choice(["full", "rounded", "shown rounded"])
    share = rng.choice([1.0, 1.0, 0.7, 0.4, 0.15])
    ids = list(Student(net).work().values)
    shown = {name for name in ids if rng.random() < share}

    def written(name: str, value: float) -> float:
        return float(write(value)) if carry == "rounded" or (carry != "full" and name in shown) else value

    values = Student(net, written, short=rng.random() < 0.3).work().values
    return {name: write(value) for name, value in values.items() if name in shown}, carry


def honest(count: int, figures: Figures, seed: int = 0) -> None:
    """Mark honest papers; none may have a mistake."""
    rng = random.Random(seed)
    while figures.honest < count:
        net = random_net(rng)
        loaded = loads(net.yaml())
        key = Key.of(loaded.run())
        for _ in range(5):
            try:
                paper, carry = honest_paper(rng, net)
            except (ValueError, ArithmeticError):
                continue  # rounded to 0 or 1, where the logarithm ends
            marks = mark(key, sheet(loaded, paper))
            figures.honest += 1
            wrong = [m for m in marks if m.verdict in MISTAKES]
            figures.half += any("last-digit" in m.notes or "truncated" in m.notes for m in marks)
            if wrong:
                figures.accused.append(f"{carry} {wrong[0].var.id} {_line(wrong[0])}\n{net}\n{paper}")


def _line(m: Mark) -> str:
    shown = m.answer.shown.text if m.answer else ""
    return f"{m.var.id}: {shown}, true {m.expected}, own {m.own}, {m.verdict} {m.notes}"


def slips(count: int, figures: Figures, seed: int = 1, names: tuple[str, ...] = ()) -> None:
    """Mark papers with one slip, at 4 decimals with every step shown, and explain it."""
    rng = random.Random(seed)
    turn = 0
    while figures.slips < count:
        net = random_net(rng)
        loaded = loads(net.yaml())
        explainer = Explainer(loaded.run())
        could = [c for c in dict.fromkeys(Student(net).work().could) if not names or c[0] in names]
        by_slip: dict[str, list[str]] = {}
        for slip, where in could:
            by_slip.setdefault(slip, []).append(where)
        for slip in rng.sample(sorted(by_slip), min(6, len(by_slip))):
            turn += 1
            where = EVERYWHERE if turn % 4 == 0 else rng.choice(by_slip[slip])
            carry = turn % 2 == 0

            def written(name: str, value: float, carry: bool = carry) -> float:
                return float(fixed(value, 4)) if carry else value

            try:
                student = Student(net, written, slip, where, seed=turn, short=False).work()
                paper = {name: fixed(value, 4) for name, value in student.values.items()}
            except (ValueError, ArithmeticError):
                continue
            _judge(figures, loaded, explainer, student, slip, where, paper)


def _visible(student: Student, name: str, paper: dict[str, str]) -> bool:
    """Whether a slip shows: more than two units of the last place."""
    return abs(float(paper[name]) - student.right[name]) > 2e-4 and math.isfinite(student.values[name])


def _judge(
    figures: Figures, loaded: Spec, explainer: Explainer, student: Student, slip: str, where: str, paper: dict[str, str]
) -> None:
    sites = [name for name in student.right if _visible(student, name, paper)]
    if not sites or (len(sites) < len(student.right) and where != EVERYWHERE):
        return
    marks = explainer.explained(mark(explainer.key, sheet(loaded, paper)))
    by_id = {m.var.id: m for m in marks}
    for name in sites[:1]:
        m = by_id[name]
        figures.slips += 1
        if m.verdict not in MISTAKES and not set(FOUND) & set(m.notes):
            figures.missed.append(f"{slip} {_line(m)} right {student.right[name]}")
            continue
        figures.found += 1
        if slip == "any-number" or m.verdict not in MISTAKES:
            continue
        figures.explained += 1
        names = [b.rule for b in m.because]
        tally = figures.per_rule.setdefault(slip, Counter())
        tally["all"] += 1
        if slip in names:
            figures.named += 1
            tally["named"] += 1
            figures.alone += len(names) == 1
            tally["alone"] += len(names) == 1
        figures.silent[f"{slip} → {', '.join(names) or 'nothing'}"] += names != [slip]
    if where == EVERYWHERE:
        return
    for m in marks:
        if m.var.id not in sites:
            figures.followers += 1
            if m.verdict not in FINE or set(FOUND) & set(m.notes):
                figures.wronged.append(f"{slip} at {where}: {_line(m)}")


@dataclass
class Tally:
    """How often a slip was made, named at all, among the two likeliest, alone, and something else named instead."""

    made: int = 0
    named: int = 0
    likeliest: int = 0
    alone: int = 0
    false: int = 0

    def judge(self, slip: str, m: Mark) -> None:
        """Count one."""
        names = [because.rule for because in m.because]
        alike = {slip} | ALIKE.get(slip, set())
        self.made += 1
        self.named += bool(alike & {*names, *m.others})
        self.likeliest += bool(alike & set(names))
        self.alone += len(names) == 1 and names[0] in alike
        self.false += bool(names) and not alike & {*names, *m.others}


ALIKE = {"sign-lost": {"sign-of-error", "sign-of-loss", "edge-sign"}}
"""Slips that give the same number by the nature of the thing."""
UNNAMED = "any-number"
"""A number out of the air: whatever is named of it is false."""


def injected(count: int, seed: int = 3, nets: int = 4000) -> dict[str, Tally]:
    """Each slip at one line of a paper in 4 decimals that shows every step, in ``count`` random networks."""
    rng = random.Random(seed)
    tallies: dict[str, Tally] = {}
    for turn in range(nets):
        net = random_net(rng)
        try:
            could = list(dict.fromkeys(Student(net).work().could))
        except (ValueError, ArithmeticError):
            continue
        places: dict[str, list[str]] = {}
        for slip, where in could:
            places.setdefault(slip, []).append(where)
        wanted = [slip for slip in sorted(places) if tallies.setdefault(slip, Tally()).made < count]
        if not wanted:
            continue
        loaded = loads(net.yaml())
        explainer = Explainer(loaded.run())
        for slip in rng.sample(wanted, min(6, len(wanted))):
            try:
                student = Student(net, slip=slip, where=rng.choice(places[slip]), seed=turn).work()
                paper = {name: fixed(value, 4) for name, value in student.values.items()}
            except (ValueError, ArithmeticError):
                continue
            made = [name for name in student.right if _visible(student, name, paper)]
            if made and abs(float(paper[made[0]])) < 1e4:
                marks = explainer.explained(mark(explainer.key, sheet(loaded, paper)))
                tallies[slip].judge(slip, next(m for m in marks if m.var.id == made[0]))
    return tallies


def injected_into_formulas(count: int, seed: int = 4) -> tuple[dict[str, Tally], int, list[str]]:
    """The same for graphs and descents; beside it honest papers in 2 to 6 decimals, and those that were accused."""
    rng = random.Random(seed)
    tallies: dict[str, Tally] = {}
    papers, accused = 0, []
    for turn in range(20 * count):
        work = formulas.KINDS[turn % len(formulas.KINDS)](rng)
        wanted = [
            (slip, line.id)
            for line in work.lines
            for slip in line.slips
            if tallies.setdefault(slip, Tally()).made < count
        ]
        if not wanted:
            continue
        loaded = loads(work.text)
        explainer = Explainer(loaded.run())
        for digits in (2, 3, 4, 6):
            for carried in (15, digits):
                honest = {name: fixed(value, digits) for name, value in work.work(digits=carried).items()}
                marks = explainer.explained(mark(explainer.key, sheet(loaded, honest)))
                papers += 1
                accused += [f"{work.text}{_line(m)}" for m in marks if m.verdict in MISTAKES]
        for slip, at in rng.sample(wanted, min(5, len(wanted))):
            wrong, right = work.work(slip, at, 4), work.work(digits=4)
            if abs(wrong[at] - right[at]) > 2e-4:
                paper = {name: fixed(value, 4) for name, value in wrong.items()}
                marks = explainer.explained(mark(explainer.key, sheet(loaded, paper)))
                tallies[slip].judge(slip, next(m for m in marks if m.var.id == at))
    return tallies, papers, accused


def in_full(count: int, seed: int = 5) -> tuple[int, list[str]]:
    """Honest papers as a program prints them, in doubles and in float32, and those that were accused."""
    rng = random.Random(seed)
    papers, accused = 0, []

    def single(value: float) -> float:
        return float(struct.unpack("f", struct.pack("f", value))[0])

    while papers < count:
        net = random_net(rng)
        loaded = loads(net.yaml())
        explainer = Explainer(loaded.run())
        for kept in (float, single):
            values = Student(net, lambda name, value, kept=kept: kept(value)).work().values
            paper = {name: format(Decimal(value), "f") for name, value in values.items()}
            papers += 1
            marks = explainer.explained(mark(explainer.key, sheet(loaded, paper)))
            accused += [f"{kept.__name__} {_line(m)}" for m in marks if m.verdict in MISTAKES][:1]
    return papers, accused


def hollow(count: int, seed: int = 6) -> dict[str, list[float]]:
    """The scores in percent of papers that say nothing: one number throughout, random ones, the truth to one digit."""
    rng = random.Random(seed)
    scores: dict[str, list[float]] = {}
    for _ in range(count):
        loaded = loads(random_net(rng).yaml())
        key = Key.of(loaded.run())
        truth = {step.var.id: key.truth[step.var] for _, step in key.steps}
        papers = {text: dict.fromkeys(truth, text) for text in ("0", "1", "0.5", "0.000", "1.0000")}
        for decimals in (1, 2, 4):
            papers[f"random, {decimals} decimals"] = {name: fixed(rng.uniform(-1, 1), decimals) for name in truth}
        rough = {name: value for name, value in truth.items() if abs(float(significant(value, 1)) - value) > 1e-12}
        papers["the truth to one digit"] = {name: significant(value, 1) for name, value in rough.items()}
        for kind, paper in papers.items():
            scores.setdefault(kind, []).append(score(key, mark(key, sheet(loaded, paper))).percent)
    return scores


def speed() -> Iterator[str]:
    """Papers per second for Mazur's network, and the time of the trace beside it."""
    loaded = spec("mazur")
    explainer = Explainer(loaded.run())
    key = explainer.key
    plain = [name for name in (v.id for v in loaded.run().computed()) if "+" not in name or name.startswith("w")]
    right = {v.id: fixed(key.truth[v], 6) for v in loaded.run().computed() if v.id in plain}
    wrong = {**right, "a[1,1]": "0.3775", "dE/dz[2,1]": "0.741365", "w[1,1,1]+": "0.15022"}
    good, bad = sheet(loaded, right), sheet(loaded, wrong)
    yield f"Mazur's network, {len(right)} values on the paper, {len(key.steps)} quantities"
    honest_time = _time(lambda: mark(key, good))
    yield f"  papers per second, honest               {1 / honest_time:8.0f}"
    slip_time = _time(lambda: mark(key, bad))
    yield f"  papers per second, three mistakes       {1 / slip_time:8.0f}   (bar: 300)"
    told = _time(lambda: explainer.explained(mark(key, bad)))
    yield f"  the same with explanations              {1 / told:8.0f}   (bar: 30)"
    run = _time(lambda: next(iter(loaded.run().iterations())))
    work = _time(lambda: Key(key.steps, key.given).truth)
    yield f"  trace from the spec {run * 1e3:.2f} ms, its numbers alone {work * 1e3:.2f} ms: "
    yield f"  a marked paper takes {slip_time / run:.1f} and {slip_time / work:.1f} times as long"


def _time(action: Callable[[], object]) -> float:
    action()
    best = math.inf
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(20):
            action()
        best = min(best, (time.perf_counter() - start) / 20)
    return best


def report(figures: Figures) -> Iterator[str]:
    """The figures beside their bars."""

    def part(a: float, b: float) -> str:
        return f"{100 * a / b:6.2f} %" if b else "–"

    yield f"honest papers                              {figures.honest:7}"
    yield f"  with a mistake                           {len(figures.accused):7}   (bar: 0)"
    yield f"  with half a point lost to the last digit {figures.half:7}"
    yield f"papers with one slip, 4 decimals           {figures.slips:7}"
    yield f"  found at its own step                    {part(figures.found, figures.slips)}   (bar: 98 %)"
    yield f"  the rule among those named               {part(figures.named, figures.explained)}   (bar: 95 %)"
    yield f"  the rule named alone                     {part(figures.alone, figures.explained)}   (bar: 80 %)"
    yield f"marks that follow one slip                 {figures.followers:7}"
    yield f"  called otherwise                         {part(len(figures.wronged), figures.followers)}   (bar: 0.5 %)"


def of_tallies(title: str, tallies: dict[str, Tally]) -> Iterator[str]:
    """Each slip's figures, and all together beside their bars."""
    named = {slip: tally for slip, tally in tallies.items() if slip != UNNAMED and tally.made}
    whole = [sum(getattr(t, part) for t in named.values()) for part in ("made", "named", "likeliest", "alone", "false")]
    airy = tallies.get(UNNAMED, Tally())
    yield f"{title:43}{whole[0]:7}"
    for label, part, bar in (
        ("named", whole[1], "95 %"),
        ("alone or among the two likeliest", whole[2], "90 %"),
        ("alone", whole[3], "80 %"),
    ):
        yield f"  {label:41}{100 * part / whole[0]:6.2f} %   (bar: {bar})"
    of = whole[0] + airy.made
    yield f"  a false name, numbers out of the air too   {100 * (whole[4] + airy.false) / of:6.2f} %   (bar: 2 %)"
    low = [f"{slip} {t.likeliest}/{t.made}" for slip, t in sorted(named.items()) if t.likeliest < 0.9 * t.made]
    yield "  less often among the two likeliest: " + (", ".join(low) or "none")


def of_hollow(scores: dict[str, list[float]]) -> Iterator[str]:
    """The mean and the largest score of each kind of paper that says nothing."""
    count = len(next(iter(scores.values())))
    yield f"papers that say nothing, of {count} networks: score, mean and largest (bar: 10 %)"
    for kind, found in scores.items():
        yield f"  {kind:41}{sum(found) / len(found):6.2f} % {max(found):6.1f} %"


def main() -> None:
    """Run and print."""
    honest_count, slip_count = (int(arg) for arg in (sys.argv[1:3] + ["10000", "5000"][len(sys.argv) - 1 :]))
    each = max(2, slip_count // 25)
    figures = Figures()
    honest(honest_count, figures)
    slips(slip_count, figures)
    print("\n".join((*report(figures), "")), flush=True)
    print("\n".join(of_tallies("slips injected into networks", injected(each))), flush=True)
    tallies, *of_formulas = injected_into_formulas(each)
    print("\n".join(of_tallies("slips injected into graphs and descents", tallies)))
    for what, (papers, accused) in (
        ("on graphs and descents", of_formulas),
        ("in doubles and float32", in_full(max(4, honest_count // 10))),
    ):
        print(
            f"honest papers {what:29}{papers:7}\n  with a mistake                           {len(accused):7}   (bar: 0)"
        )
    print("\n".join((*of_hollow(hollow(max(3, slip_count // 50))), "", *speed())))
    if "-v" in sys.argv:
        print(*figures.accused[:5], sep="\n\n")
        print(*figures.missed[:30], sep="\n")
        print(*figures.wronged[:30], sep="\n")
        print(*(f"{n:4} {text}" for text, n in figures.silent.most_common(60) if n), sep="\n")
        for slip, tally in sorted(figures.per_rule.items()):
            print(f"{slip:24} {tally['all']:5} {tally['named']:5} {tally['alone']:5}")


if __name__ == "__main__":
    main()
