"""The script of a live page worked by node: every number that it shows against ours."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from typing import Any

import backpropcalc as bp
from backpropcalc.algebra.javascript import operations
from backpropcalc.algebra.terms import Var
from backpropcalc.execution.values import is_finite
from backpropcalc.pages.calculation import Page
from backpropcalc.render.live import Program

NODE = shutil.which("node")
WORK = """
const out = [];
function live(page) {
  const constants = page.constants.map(number), texts = [];
  let now = page.given.map(number);
  for (let n = 1; n <= page.iterations; n++) {
    const v = [...now];
    if (page.count !== null) v[page.count] = number(String(n));
    page.work(v, constants);
    if (n === page.iterations) page.after(v, constants);
    v.forEach((value, slot) => {
      if (!isFinite_(value)) return texts.push(String(value.s));
      const lasting = lasts(page, v, slot);
      const { text, whole } = shown(value, page.digits, lasting);
      texts.push((whole && lasting ? "= " : "≈ ") + text);
    });
    for (const [old, renewed] of page.carried) now[old] = v[renewed];
  }
  out.push(texts);
}
"""


def ours(page: Page) -> Iterator[str]:
    """Each number of a page in the order of its program: its sign and its digits, iteration by iteration."""
    program, digits = Program(page), page.digits
    steps = {step.var for step in page.trace.after}
    last = page.trace.spec.iterations if page.trace.spec.kind == "network" else None
    for values in page.trace.iterations():
        if last is None and values.iteration < page.trace.spec.iterations:
            continue
        for var in program.slots:
            if var not in steps or values.iteration == last:
                yield said(var, values, digits)


def said(var: Var, values: Any, digits: Any) -> str:
    value = values.of(var)
    if not is_finite(value):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    exact = values.exact(var)
    text = digits.shown(value, None if exact else False)
    return ("= " if exact and digits.exactly(value, text) else "≈ ") + text


def differences(pages: Iterable[Page]) -> tuple[int, list[tuple[int, str, str]]]:
    """How many numbers were compared, and those that differ: which page, ours, the script's."""
    expected, source = [], operations() + WORK
    for page in pages:
        expected.append(list(ours(page)))
        source += Program(page).written()
    source += "process.stdout.write(JSON.stringify(out));"
    done = subprocess.run([NODE or "node", "-"], input=source, capture_output=True, text=True, check=False)
    assert not done.stderr, done.stderr[:2000]
    found = json.loads(done.stdout)
    count = sum(map(len, expected))
    wrong = []
    for n, (mine, theirs) in enumerate(zip(expected, found, strict=True)):
        assert len(mine) == len(theirs)
        wrong += [(n, a, b) for a, b in zip(mine, theirs, strict=True) if a != b]
    return count, wrong


def live(given: bp.Spec) -> Page:
    """The page of a spec."""
    return bp.page(given)
