"""What pages for the browser cost, as ratios: ``python tests/benchmarks/page.py``.

Size: the live page of a network against the LaTeX text of the same lines, plain and compressed. Time: writing the one
against the other. Numbers: those that the script shows of 2,000 random networks of all activations and losses, worked
by node, against ours: how many there are, and how many differ.
"""

from __future__ import annotations

import gzip
import io
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

import networks
from oracle import spec
from script import differences

import backpropcalc as bp

ROOT = Path(__file__).parents[2]
NETWORKS, AT_ONCE = 2000, 50


def written(name: str, form: str) -> tuple[bytes, float]:
    """A page, and the seconds that it took; the shortest of five."""
    given = bp.load(ROOT / "specs" / f"{name}.yaml")
    found = []
    for _ in range(5):
        out, start = io.StringIO(), time.perf_counter()
        bp.write(bp.page(given), out, form)
        found.append(time.perf_counter() - start)
    return out.getvalue().encode(), min(found)


def main() -> None:
    """All of it, a line for each figure."""
    for name in ("mazur", "relu-sigmoid-softmax", "graph-j"):
        (page, slow), (text, fast) = written(name, "html"), written(name, "latex")
        small, smaller = len(gzip.compress(page)), len(gzip.compress(text))
        print(f"{name}: {len(page):,} bytes, {small:,} compressed; {len(page) / len(text):.1f} times the LaTeX,")
        print(f"  compressed {small / smaller:.1f} times; written in {slow / fast:.1f} times its time")
    count = wrong = 0
    for first in range(0, NETWORKS, AT_ONCE):
        pages = (bp.page(spec(networks.network(seed))) for seed in range(first, first + AT_ONCE))
        numbers, different = differences(pages)
        count, wrong = count + numbers, wrong + len(different)
    print(f"{NETWORKS:,} networks: {count:,} numbers in the script, {wrong} differ from ours")


if __name__ == "__main__":
    main()
