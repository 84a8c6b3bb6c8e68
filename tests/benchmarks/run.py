"""What ``run`` costs, as ratios to something measured in the same minute: ``python tests/benchmarks/run.py``.

Start-up: the whole of ``run specs/mazur.yaml`` against importing the libraries it cannot do without, and sympy.
Throughput: lines of LaTeX per second of the processor against a bare f-string loop that writes the same lines, and
against handcalcs.
Growth: processor time and peak memory per line of a 784-128-10 network against 100-32-10, as JSON and as LaTeX.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
MAZUR = str(ROOT / "specs" / "mazur.yaml")
ITERATIONS = 10_000
COST = (
    "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL);"
    "used = resource.getrusage(resource.RUSAGE_CHILDREN); print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)"
)
"""Processor time and peak memory of a command."""


def seconds(action: Callable[[], object], times: int = 1) -> float:
    """The median of how long ``action`` takes."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        action()
        found.append(time.perf_counter() - start)
    return sorted(found)[len(found) // 2]


def processor_seconds(action: Callable[[], object], times: int) -> float:
    """The median of the processor time of ``action`` and of what it starts: others may be at work beside it."""

    def spent() -> float:
        return sum(os.times()[:4])

    found = []
    for _ in range(times):
        start = spent()
        action()
        found.append(spent() - start)
    return sorted(found)[len(found) // 2]


def python(*arguments: str) -> Callable[[], object]:
    """Run this Python with ``arguments``, its output thrown away."""
    return lambda: subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)


def report(what: str, ratio: float, bar: str, ok: bool) -> None:
    """One line of the result."""
    print(f"{what:<64} {ratio:>9.2f}   bar {bar:<9} {'ok' if ok else 'MISSED'}")


def start_up() -> None:
    """The whole process, as it is installed, against its imports."""
    installed = str(Path(sys.executable).with_name("backpropcalc"))
    run = seconds(lambda: subprocess.run([installed, "run", MAZUR], check=True, stdout=subprocess.DEVNULL), 15)
    libraries = seconds(python("-c", "import yaml, rich.table, typer"), 15)
    sympy = seconds(python("-c", "import sympy"), 7)
    report("run mazur / import yaml, rich.table, typer", run / libraries, "<= 1.4", run <= 1.4 * libraries)
    report("run mazur / import sympy", run / sympy, "< 1", run < sympy)


def fstrings(path: Path) -> Callable[[], None]:
    """A loop that writes the lines of our first iteration again and again, every number in them by an f-string."""
    from backpropcalc import load

    page = path.with_suffix(".one.tex")
    python("-m", "backpropcalc", "run", MAZUR, "--latex", "-o", str(page))()
    lines = [line for line in page.read_text(encoding="utf-8").splitlines(keepends=True) if "&" in line]
    values = [line.value for line in load(MAZUR).run()]
    source = []
    for line in lines:
        text = line.replace("{", "{{").replace("}", "}}")
        source.append(re.sub(r"\d\.\d+", lambda found: f"{{v[{len(found[0])}]:.{len(found[0]) - 2}f}}", text))
    scope: dict[str, object] = {"v": values}
    body = "".join(f"            write(f{text!r})\n" for text in source)
    head = "def loop(path):\n    with open(path, 'w') as out:\n        write = out.write\n"
    head += f"        for _ in range({ITERATIONS}):\n"
    exec(head + body, scope)
    loop = scope["loop"]
    assert callable(loop)
    return lambda: loop(path)


def throughput() -> None:
    """Lines of LaTeX per second."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "out.tex"
        ours = processor_seconds(
            python("-m", "backpropcalc", "run", MAZUR, "--iterations", str(ITERATIONS), "--latex", "-o", str(path)), 3
        )
        bare = processor_seconds(fstrings(path), 3)
    from backpropcalc import load

    lines = ITERATIONS * len(load(MAZUR).run().main)
    print(
        f"   {lines:,} lines of the calculation: {lines / ours:,.0f} per second, the f-string loop {lines / bare:,.0f}"
    )
    report("throughput / f-string loop", bare / ours, ">= 0.33", bare / ours >= 1 / 3)
    try:
        from handcalcs.handcalcs import LatexRenderer
    except ImportError:
        print("throughput / handcalcs: not measured (pip install handcalcs)")
        return
    names = {"w_1": 0.15, "i_1": 0.05, "w_2": 0.2, "i_2": 0.1, "b_1": 0.35, "net": 0.3775}
    options = {"override": "", "precision": None, "sympy": False, "sci_not": None}

    def handcalcs() -> None:
        for _ in range(20):
            LatexRenderer("net = w_1 * i_1 + w_2 * i_2 + b_1", names, options).render()

    rate = 20 / seconds(handcalcs, 3)
    report("throughput / handcalcs", lines / ours / rate, ">= 1000", lines / ours / rate >= 1000)


def network(sizes: list[int]) -> str:
    """A spec whose weights are drawn."""
    draw = random.Random(0)
    targets = [1] + [0] * (sizes[-1] - 1)
    inputs = [round(draw.random(), 3) for _ in range(sizes[0])]
    activation = ["sigmoid"] * (len(sizes) - 2) + ["softmax"]
    return (
        f"inputs: {inputs}\ntargets: {targets}\nsizes: {sizes}\ninit: {{scheme: xavier}}\n"
        f"activation: [{', '.join(activation)}]\nloss: cross_entropy\nlearning_rate: 0.1\n"
    )


def growth() -> None:
    """Processor time and peak memory of a large network against a smaller one."""
    found: dict[str, list[float]] = {"json": [], "tex": []}
    with tempfile.TemporaryDirectory() as folder:
        for sizes in ([100, 32, 10], [784, 128, 10]):
            spec, name = Path(folder) / "net.yaml", "-".join(map(str, sizes))
            spec.write_text(network(sizes), encoding="utf-8")
            lines = 0
            for form, rates in found.items():
                out = Path(folder) / f"out.{form}"
                command = [sys.executable, "-m", "backpropcalc", "run", str(spec), "--all", "-o", str(out)]
                done = subprocess.run(
                    [sys.executable, "-c", COST, *command], check=True, capture_output=True, text=True
                )
                took, peak = map(float, done.stdout.split())
                if form == "json":
                    with out.open(encoding="utf-8") as stream:
                        lines = sum(1 for _ in stream) - 2
                rates.append(1e6 * took / lines)
                print(
                    f"   {name} as {form}: {lines:,} lines, {took:.1f} s, {rates[-1]:.0f} µs a line, peak {peak:.0f} MB"
                )
                report(f"peak memory of {name} as {form} in MB", peak, "< 300", peak < 300)
    for form, (small, large) in found.items():
        report(f"time per line as {form}, 784-128-10 / 100-32-10", large / small, "<= 1.5", large <= 1.5 * small)


if __name__ == "__main__":
    start_up()
    throughput()
    growth()
