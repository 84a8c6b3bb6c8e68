"""What the source of the package says: which module imports which, in circles or not, and how large things are."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

Imports = Mapping[str, Collection[str]]
"""The modules that each module imports."""
BRANCHES = (ast.If, ast.IfExp, ast.For, ast.While, ast.comprehension, ast.ExceptHandler, ast.match_case)


def module_names(package: Path) -> dict[str, Path]:
    """Every module by its dotted name inside the package: a folder by its own, the package itself as ``__init__``."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" and parts[1:] else parts)] = path
    return found


def imported(source: str, folder: tuple[str, ...], modules: Collection[str], package: str = "backpropcalc") -> set[str]:
    """The modules of the package that a module in ``folder`` imports: on top, in a function, for types only."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            whole = [alias.name.split(".") for alias in node.names]
            found.update(".".join(parts[1:]) or "__init__" for parts in whole if parts[0] == package)
        elif isinstance(node, ast.ImportFrom):
            parts = tuple(node.module.split(".")) if node.module else ()
            if node.level:
                base = (*folder[: len(folder) - node.level + 1], *parts)
            elif parts[:1] == (package,):
                base = parts[1:]
            else:
                continue
            for alias in node.names:
                inner = ".".join((*base, alias.name))
                found.add(inner if inner in modules else ".".join(base) or "__init__")
    return found


def climbing(imports: Imports, level: Mapping[str, int]) -> set[tuple[str, str]]:
    """The imports of a module that stands higher, as (importing, imported)."""
    return {(here, other) for here, others in imports.items() for other in others if level[other] > level[here]}


def circles(imports: Imports) -> set[frozenset[str]]:
    """The sets of modules of which each leads to each other: Tarjan's strongly connected components of two or more."""
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    waiting: list[str] = []
    found = set()

    def visit(module: str) -> None:
        number[module] = lowest[module] = len(number)
        waiting.append(module)
        for other in imports.get(module, ()):
            if other not in number:
                visit(other)
                lowest[module] = min(lowest[module], lowest[other])
            elif other in waiting:
                lowest[module] = min(lowest[module], number[other])
        if lowest[module] == number[module]:
            start = waiting.index(module)
            found.add(frozenset(waiting[start:]))
            del waiting[start:]

    for module in imports:
        if module not in number:
            visit(module)
    return {circle for circle in found if len(circle) > 1}


def functions(source: str) -> Iterator[tuple[str, int, int]]:
    """Every function and method: its name, its lines from ``def`` to its end, and its branches.

    A branch is an ``if``, also one inside an expression, a loop, a comprehension, an ``except`` or a ``case``.
    """

    def within(node: ast.AST, outer: str) -> Iterator[tuple[str, int, int]]:
        for child in ast.iter_child_nodes(node):
            name = outer
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                name = f"{outer}.{child.name}" if outer else child.name
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (child.end_lineno or child.lineno) - child.lineno + 1
                yield name, lines, sum(isinstance(inner, BRANCHES) for inner in ast.walk(child))
            yield from within(child, name)

    return within(ast.parse(source), "")
