"""Other programs, for real: ``python tests/benchmarks/programs.py`` (needs torch, and pdflatex for the second part).

Gradients: the scripts of ``export --torch`` for the shipped specs and random networks, run in PyTorch; each must agree.
PDF: the page of each spec by Typst against the same page by pdflatex, as time and as size.
"""

from __future__ import annotations

import contextlib
import io
import shutil
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
NETWORKS = (
    "mazur",
    "mazur-layered",
    "mlp-bce",
    "relu-sigmoid-softmax",
    "two-layer-phi",
    "xor",
    "one-neuron",
    "exam-2-3-1",
)
RANDOM = 200
PAGES = ("mazur", "relu-sigmoid-softmax", "xor", "graph-j", "parabola")


def gradients() -> None:
    """Every value and gradient by hand against PyTorch's."""
    import networks
    from oracle import SPECS, spec

    import backpropcalc as bp
    from backpropcalc.exchange.script import TORCH, script

    given = [bp.load(SPECS / f"{name}.yaml") for name in NETWORKS]
    given += [spec(networks.network(seed)) for seed in range(RANDOM)]
    smooth = [one for one in given if all(layer.rule.name != "step" for layer in one.layers)]
    differ = 0
    for one in smooth:
        out = io.StringIO()
        script(one, TORCH, out)
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(out.getvalue(), "check.py", "exec"), {})
        except AssertionError as error:
            differ += 1
            print(f"   {one.title or one.sizes}: {error}")
    print(f"{len(smooth)} networks against PyTorch, {differ} differ {'ok' if not differ else 'MISSED'}")


def pdf() -> None:
    """A page by Typst against pdflatex."""
    from oracle import SPECS

    import backpropcalc as bp
    from backpropcalc.render import pdf as form

    if shutil.which("pdflatex") is None:
        print("PDF: not measured (no pdflatex)")
        return
    form.ENGINES = {"pdflatex": form.ENGINES["pdflatex"]}
    for name in PAGES:
        page = bp.page(bp.load(SPECS / f"{name}.yaml"))
        found = []
        for make in (form._by_typst, form._by_tex):
            times = []
            for _ in range(3):
                start = time.perf_counter()
                made = make(page, False, False)
                times.append(time.perf_counter() - start)
            found.append((sorted(times)[1], len(made)))
        (typst, small), (tex, large) = found
        print(
            f"{name:<24} Typst {typst:.2f} s / pdflatex {tex:.2f} s = {typst / tex:5.2f}   "
            f"size {small / large:5.2f}   bar <= 2   {'ok' if typst <= 2 * tex else 'MISSED'}"
        )


if __name__ == "__main__":
    gradients()
    pdf()
