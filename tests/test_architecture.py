"""The rooms: who may import whom, how large things may be, what is imported when, and the public names."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from operator import attrgetter
from pathlib import Path

import pytest
from commands import call
from oracle import ROOT, SPECS
from source import Imports, circles, climbing, functions, imported, module_names

import backpropcalc as bp
from backpropcalc.program import network as program

PACKAGE = ROOT / "backpropcalc"
MODULES = module_names(PACKAGE)
ROOMS = (
    "errors", "files", "algebra", "rules", "spec", "program", "execution", "notation", "pages", "render",
    "marking.read", "marking.judge", "marking.why", "marking", "marking.course", "exam", "exchange", "api",
    "__init__", "cli", "__main__",
)  # fmt: skip
"""From the ground up: a room imports from itself and from those before it, nothing else, wherever the import stands."""
CLIMBING: set[tuple[str, str]] = set()
"""Imports that still point up, each to be turned round."""
CIRCLES: set[frozenset[str]] = set()
"""Modules that still import each other, each circle to be cut."""
BY_NAME = {"__init__"}
"""Modules that import others by a name made up as they run, which hides who needs whom."""

LINES, FUNCTION_LINES, FUNCTION_BRANCHES = 400, 50, 20
TABLES = {"algebra.tensors.tensors", "algebra.terms.element"}
"""Functions that are plain tables, an entry for each operation: they may be long."""


def room(module: str) -> str:
    """The room that a module stands in."""
    parts = module.split(".")
    inner = ".".join(parts[:2])
    return inner if inner in ROOMS else parts[0]


@cache
def imports() -> Imports:
    """What every module imports."""
    return {
        module: imported(path.read_text(encoding="utf-8"), path.relative_to(PACKAGE).parts[:-1], MODULES)
        for module, path in MODULES.items()
    }


LEVEL = {module: ROOMS.index(room(module)) for module in MODULES}


def test_imports_point_one_way() -> None:
    """No module knows a room above its own, not even in a function or for a type."""
    assert CLIMBING == climbing(imports(), LEVEL)


def test_there_are_no_circles() -> None:
    """No two modules need each other, by whatever way round, in different rooms or in one."""
    assert CIRCLES == circles(imports())


def test_imports_can_be_read() -> None:
    """Modules are imported by statements, which tools and people can follow, not by names put together."""
    names = {"import_module", "__import__"}
    hidden = set()
    for module, path in MODULES.items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if names & {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}:
            hidden.add(module)

    assert BY_NAME == hidden


def test_every_room_says_what_it_is_for() -> None:
    """Each folder of the package is a room, and its docstring starts with a sentence."""
    folders = {module: path for module, path in MODULES.items() if path.name == "__init__.py"}
    said = {name: ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) for name, path in folders.items()}

    assert set(folders) <= set(ROOMS)
    assert [] == [name for name, text in said.items() if not text or not text.splitlines()[0].endswith(".")]


def test_the_architecture_has_this_order() -> None:
    """The table of ``backpropcalc/README.md`` is that of the rooms above, from the ground up."""
    table = re.findall(r"^\| `([a-z/.]+)` \|", (PACKAGE / "README.md").read_text(encoding="utf-8"), re.M)

    assert [name for name in ROOMS if "__" not in name] == [
        name.removesuffix(".py").rstrip("/").replace("/", ".") for name in table
    ]


def test_nothing_is_larger_than_can_be_read() -> None:
    """No module has more than 400 lines, no function more than 50 or more than 20 branches, tables excepted."""
    large = set()
    for module, path in MODULES.items():
        source = path.read_text(encoding="utf-8")
        if len(source.splitlines()) > LINES:
            large.add(module)
        for name, lines, branches in functions(source):
            if lines > FUNCTION_LINES or branches > FUNCTION_BRANCHES:
                large.add(f"{module}.{name}")

    assert TABLES == large


# The tests above can fail


def turned(arrow: tuple[str, str]) -> Imports:
    """All imports, one of them turned round."""
    here, other = arrow
    found = {module: set(others) for module, others in imports().items()}
    found[here].remove(other)
    found[other].add(here)
    return found


@pytest.mark.parametrize("name", ROOMS)
def test_an_import_that_is_turned_round_is_found(name: str) -> None:
    """For each room, an arrow to or from another; inside it, one against an arrow that is there is a circle."""
    arrows = sorted((here, other) for here, others in imports().items() for other in others)
    between = next(a for a in arrows if name in map(room, a) and LEVEL[a[0]] > LEVEL[a[1]])

    assert between[::-1] not in CLIMBING
    assert CLIMBING | {between[::-1]} == climbing(turned(between), LEVEL)
    for here, other in [a for a in arrows if name == room(a[0]) == room(a[1])][:1]:
        both = {module: {*others, here} if module == other else others for module, others in imports().items()}
        assert [circle for circle in circles(both) if {here, other} <= circle]


@pytest.mark.parametrize(
    "source",
    [
        "from .terms import Op",
        "from . import terms",
        "from ..algebra.terms import Op",
        "from backpropcalc.algebra import terms",
        "from backpropcalc.algebra.terms import Op",
        "import backpropcalc.algebra.terms",
        "def late():\n    from .terms import Op",
        "if TYPE_CHECKING:\n    from .terms import Op",
    ],
)
def test_an_import_is_seen_however_it_is_written(source: str) -> None:
    """Relative or not, on top, in a function, or for types only."""
    assert {"algebra.terms"} == imported(source, ("algebra",), MODULES)


def test_a_long_way_round_is_a_circle_and_a_fork_is_none() -> None:
    """a → b → c → a is one; two ways from a to d are none; a module that is in no circle is in none."""
    assert {frozenset("abc")} == circles({"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": set()})
    assert set() == circles({"a": {"b", "c"}, "b": {"d"}, "c": {"d"}, "d": set()})
    assert {frozenset("ab"), frozenset("cd")} == circles({"a": {"b"}, "b": {"a", "c"}, "c": {"d"}, "d": {"c"}})


def test_lines_and_branches_are_counted() -> None:
    """Of a function with all it holds, methods and functions inside others too."""
    source = "class A:\n  def m(self):\n    def f(x):\n      return 1 if x else 2\n    return [f(x) for x in y]\n"

    assert [("A.m", 4, 2), ("A.m.f", 2, 1)] == list(functions(source))


# What is loaded when


HEAVY = ("numpy", "sympy", "mpmath", "pydantic", "matplotlib", "autograd")


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


@pytest.mark.parametrize(
    "words",
    ["run", "run --only w5", "run --view matrix", "run --json", "answers", "train", "predict", "info", "info w5"],
)
def test_a_command_compiles_its_network_once(words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many of its pages, traces and stages ask for the program, it is made once."""
    compiled: list[bp.Spec] = []
    variables: Callable[..., object] = program.variables
    monkeypatch.setattr(program, "variables", lambda spec: compiled.append(spec) or variables(spec))
    command, *options = words.split()

    done = call(command, str(SPECS / "mazur.yaml"), *options, cwd=tmp_path)

    assert (0, 1) == (done.code, len(compiled)), done.err


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
        attrgetter("nothing")(bp)


def test_a_public_name_is_the_same_after_its_module_is_loaded() -> None:
    """No public name is also that of a module of the package, which would take its place."""
    names = {path.stem for path in PACKAGE.iterdir()}

    assert set() == names & set(bp.__all__)
