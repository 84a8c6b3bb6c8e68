"""The layering, what is imported when, the public names, and tables that must not miss an entry."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from oracle import ROOT, SPECS

import backpropcalc as bp
from backpropcalc.arithmetic import SCALARS, rounded, tensors
from backpropcalc.rules import ACTIVATIONS, LOSSES
from backpropcalc.terms import Num, Op, Term
from backpropcalc.typeset import LATEX, PYTHON, TEXT

PACKAGE = ROOT / "backpropcalc"
ROOMS = [
    {"errors"}, {"terms", "reading", "files", "typeset"}, {"rules"}, {"arithmetic"}, {"spec"}, {"program"}, {"trace"},
    {"notation"}, {"render"}, {"cli"},
]  # fmt: skip
"""From the ground up: a room imports from those before it, when it is loaded (types and functions may look up)."""
LEVEL = {name: level for level, room in enumerate(ROOMS) for name in room}


def loaded(path: Path) -> set[str]:
    """The rooms that a module imports when it is loaded: not inside a function, not for types only."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    level = len(path.relative_to(PACKAGE).parts) - 1
    found: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if node.level == level + 1:
                found |= {module.split(".")[0]} if module else {alias.name for alias in node.names}
            elif module.startswith("backpropcalc."):
                found.add(module.split(".")[1])
    return found


@pytest.mark.parametrize("name", sorted(LEVEL))
def test_imports_point_one_way(name: str) -> None:
    """No room knows those above it."""
    paths = [PACKAGE / f"{name}.py"] if (PACKAGE / f"{name}.py").exists() else sorted((PACKAGE / name).rglob("*.py"))

    assert paths
    for path in paths:
        above = {other for other in loaded(path) if LEVEL.get(other, -1) > LEVEL[name]}
        assert set() == above, path.name


def test_nothing_imports_the_command_line() -> None:
    """Everything the commands do, the library does without them."""
    for path in PACKAGE.rglob("*.py"):
        if "cli" not in path.relative_to(PACKAGE).parts and path.name != "__main__.py":
            assert "cli" not in loaded(path), path.name


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

    assert [] == [name for name in (*HEAVY, "yaml", "rich", "typer", "backpropcalc.trace") if name in found]


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
