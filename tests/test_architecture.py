"""The layering, what is imported when, the public names, and tables that must not miss an entry."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from oracle import ROOT, SPECS

import backpropcalc as bp
from backpropcalc.algebra.arithmetic import SCALARS, rounded, tensors
from backpropcalc.algebra.terms import Num, Op, Term
from backpropcalc.algebra.typeset import LATEX, PYTHON, TEXT
from backpropcalc.rules.functions import ACTIVATIONS, LOSSES

PACKAGE = ROOT / "backpropcalc"
ROOMS = (
    "errors", "files", "algebra", "rules", "spec", "program", "execution", "notation", "pages", "render",
    "marking.read", "marking.judge", "marking.why", "marking", "api", "__init__", "cli", "__main__",
)  # fmt: skip
"""From the ground up: a room imports from itself and from those before it, nothing else, wherever the import stands."""
CLIMBING = {
    ("pages.matrices", "render.grids"),
    ("pages.matrices", "render.tex"),
    ("pages.pieces", "render.markdown"),
    ("pages.pieces", "render.terminal"),
    ("pages.pieces", "render.tex"),
}
"""Imports that still point up, each to be turned round."""


def module_names() -> dict[str, Path]:
    """Every module of the package by its dotted name, the package itself as ``__init__``."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" and parts[1:] else parts)] = path
    return found


MODULES = module_names()


def room(module: str) -> str:
    """The room that a module stands in."""
    parts = module.split(".")
    inner = ".".join(parts[:2])
    return inner if inner in ROOMS else parts[0]


def imported(module: str) -> set[str]:
    """The modules of the package that a module imports anywhere: on top, in a function, for types only."""
    path = MODULES[module]
    here = path.relative_to(PACKAGE).parts[:-1]
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ImportFrom):
            continue
        parts = tuple(node.module.split(".")) if node.module else ()
        if node.level:
            base = (*here[: len(here) - node.level + 1], *parts)
        elif parts[:1] == ("backpropcalc",):
            base = parts[1:]
        else:
            continue
        for alias in node.names:
            inner = ".".join((*base, alias.name))
            found.add(inner if inner in MODULES else ".".join(base) or "__init__")
    return found


IMPORTS = {module: imported(module) for module in MODULES}


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_one_way(module: str) -> None:
    """No module knows a room above its own, not even in a function or for a type."""
    level = ROOMS.index(room(module))
    above = {other for other in IMPORTS[module] if ROOMS.index(room(other)) > level}

    assert {other for here, other in CLIMBING if here == module} == above


HEAVY = ("numpy", "sympy", "mpmath", "pydantic", "matplotlib", "autograd", "fractions")


def modules(code: str) -> set[str]:
    """What is loaded after running ``code``."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}\nprint('\\n' + ' '.join(sys.modules))"],
        capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    return set(done.stdout.splitlines()[-1].split())


RUN = "from backpropcalc.cli import main\ntry: main({!r})\nexcept SystemExit: pass"


def test_a_small_network_is_run_without_the_heavy_modules() -> None:
    """``run specs/mazur.yaml`` imports no numpy, sympy or pydantic: that is what makes it start at once."""
    found = modules(RUN.format(["run", str(SPECS / "mazur.yaml")]))

    assert [] == [name for name in HEAVY if name in found]


@pytest.mark.parametrize("form", ["--latex", "--markdown", "--json"])
def test_forms_that_are_files_need_no_rich(form: str) -> None:
    """Rich is for the terminal."""
    found = modules(RUN.format(["run", str(SPECS / "mazur.yaml"), form]))

    assert [] == [name for name in (*HEAVY, "rich") if name in found]


def test_importing_the_package_costs_nothing() -> None:
    """The public names are loaded when they are used."""
    found = modules("import backpropcalc")

    assert [] == [name for name in (*HEAVY, "yaml", "rich", "typer", "backpropcalc.execution.trace") if name in found]


def test_the_public_names_are_listed_once() -> None:
    """``__all__``: sorted, each importable, each documented; nothing else is public."""
    assert sorted(bp.__all__) == bp.__all__
    assert len(set(bp.__all__)) == len(bp.__all__)
    for name in bp.__all__:
        assert getattr(bp, name).__doc__, name
    assert set(bp.__all__) <= set(dir(bp))
    with pytest.raises(AttributeError, match="nothing"):
        bp.nothing  # noqa: B018


def test_a_public_name_is_the_same_after_its_module_is_loaded() -> None:
    """No public name is also that of a module of the package, which would take its place."""
    names = {path.stem for path in PACKAGE.iterdir()}

    assert set() == names & set(bp.__all__)


def operators(term: Term | None) -> set[str]:
    if not isinstance(term, Op):
        return set()
    return {term.name}.union(*map(operators, term.args))


def written_and_safe() -> tuple[set[str], set[str]]:
    """The operators of all scalar terms that are written, and of those that are only worked out."""
    import networks
    from oracle import spec

    written: set[str] = set()
    safe: set[str] = set()
    for seed in range(120):
        trace = bp.Trace(spec(networks.network(seed)))
        for step in (*trace.main, *trace.after):
            written |= operators(step.term)
            safe |= operators(step.safe)
    return written, safe


WRITTEN, SAFE = written_and_safe()
JOINED = {"add", "sub", "neg", "mul", "named"}


def test_no_operator_is_missing_from_a_table() -> None:
    """Whatever stands in a term can be worked out in each arithmetic, and whatever is written can be set."""
    kinds = {"text": TEXT.forms, "latex": LATEX.forms, "python": PYTHON.forms}
    missing = {name: WRITTEN - set(forms) - JOINED for name, forms in kinds.items()}
    arithmetics = {"scalars": SCALARS, "rounded": rounded(lambda x: x).functions}

    assert {key: set() for key in kinds} == missing
    assert set() == SAFE - set(PYTHON.forms) - JOINED
    assert {key: set() for key in arithmetics} == {key: (WRITTEN | SAFE) - set(f) for key, f in arithmetics.items()}
    assert set() == {"div", "exp", "max", "xlogy", "xdivy", "log_sum_exp"} - WRITTEN - SAFE


def test_tensors_know_every_operator_of_a_tensor_program() -> None:
    """The same for whole layers."""
    import networks
    from oracle import spec

    functions = tensors().functions
    for seed in range(120):
        program = bp.Trace(spec(networks.network(seed))).program
        for block in (*program.blocks, *program.after):
            for step in block.steps:
                assert set() == (operators(step.term) | operators(step.safe)) - set(functions)


def test_text_and_latex_have_the_same_operators() -> None:
    """An operator that is written in the terminal is written in LaTeX."""
    assert set(TEXT.forms) == set(LATEX.forms)


def test_the_rules_of_the_contract_are_all_there() -> None:
    """Every activation and loss that the contract lists by name."""
    activations = "identity step sigmoid tanh arctan relu leaky_relu prelu elu softplus softmax".split()  # noqa: SIM905
    losses = "half_squared_error squared_error mean_squared_error binary_cross_entropy cross_entropy".split()  # noqa: SIM905

    assert set() == set(activations) - set(ACTIVATIONS)
    assert set() == set(losses) - set(LOSSES)
    assert all(
        isinstance(number, str) and Num(number) for rule in ACTIVATIONS.values() for number in rule.defaults.values()
    )
