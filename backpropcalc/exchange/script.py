"""A script that works a network in NumPy or PyTorch and sets each value beside ours.

The forward pass is our own terms in Python; the gradients are not: PyTorch finds them by automatic differentiation,
NumPy by central differences.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple, TextIO

from backpropcalc.algebra.arithmetic import to_float
from backpropcalc.algebra.fragments import unbroken
from backpropcalc.algebra.source import NUMPY_SOURCE, TORCH_SOURCE
from backpropcalc.algebra.terms import Num, Var
from backpropcalc.algebra.typeset import Syntax, typeset
from backpropcalc.errors import fail, printable
from backpropcalc.execution.trace import Trace
from backpropcalc.execution.values import Values
from backpropcalc.program.steps import Step
from backpropcalc.spec.keys import Method
from backpropcalc.spec.network import Network

MOST_PARAMETERS = 2000
"""A script with more numbers in it is nothing to be read."""
LETTERS = {"loss": "E", "term": "E_outputs", "sample": "E_samples", "x": "x", "t": "t"}
"""How what belongs to no layer is called in the script; anything else has its letter and layer, as ``z1``."""
GIVEN = ("x", "t", "w", "b", "shared")
END = """]:
    print(f"{{name:>8}}  by hand {{ours}}\\n{{'':>8}}  {library:<7} {{theirs.tolist()}}")
    assert {close}, f"{{name}} differs"
print("all close")
"""
DIFFERENCES = '''

def forward():
{lines}    return {names}


def slope(of, step=1e-6):
    """dE by each entry of a parameter, by central differences."""
    slopes = np.zeros_like(of)
    for at in np.ndindex(of.shape):
        for sign in (1, -1):
            of[at] += sign * step
            slopes[at] += sign * forward()[-1].item() / (2 * step)
            of[at] -= sign * step
    return slopes


{names} = forward()
'''


class Library(NamedTuple):
    """Another program: what it is called, how terms look in it, its head, how an array is made, how it compares."""

    name: str
    syntax: Syntax
    head: str
    array: str
    trained: str
    """What an array needs beside its numbers if there is a slope by it."""
    worked: Callable[[Sequence[str], str, str], str]
    """The forward pass, of its lines, the names of what they work out, and those that there are slopes by."""
    slope: str
    """A slope, by its number and the name of what it is by."""
    close: str


def _differences(lines: Sequence[str], names: str, trained: str) -> str:
    return DIFFERENCES.format(lines="".join(f"    {line}" for line in lines), names=names)


def _automatic(lines: Sequence[str], names: str, trained: str) -> str:
    slopes = f"slopes = torch.autograd.grad(E.sum(), [{trained}], materialize_grads=True)\n"
    return "\n" + "".join(lines) + slopes * bool(trained)


NUMPY = Library(
    "NumPy", NUMPY_SOURCE, "import numpy as np\n", "np.array({}{})", "", _differences, "slope({1})",
    "np.allclose(theirs, ours, rtol=1e-5, atol=1e-7)",
)  # fmt: skip
TORCH = Library(
    "PyTorch", TORCH_SOURCE, "import torch\n\ntorch.set_default_dtype(torch.float64)\n", "torch.tensor({}{})",
    ", requires_grad=True", _automatic, "slopes[{0}]",
    "torch.allclose(theirs, torch.tensor(ours), rtol=1e-9, atol=1e-12)",
)  # fmt: skip
LIBRARIES = {"numpy": NUMPY, "torch": TORCH}
"""By the name of the flag."""


def script(spec: Network, library: Library, out: TextIO) -> None:
    """Write the script of the first iteration.

    Raises ``InputError`` if the spec has no numbers, or so many that nobody would read them.
    """
    spec.numbers()
    if spec.parameters > MOST_PARAMETERS:
        raise fail("too-large", f"nobody reads a script with {spec.parameters:,} parameters", "take a smaller network")
    trace = Trace(plain(spec))
    values = next(trace.iterations())
    forward = [step for block in trace.stage(1).forward for step in block.steps]
    slopes = list(_slopes(trace))
    given = [var for var in trace.program.given if var.role in GIVEN]
    trained = [name_of(step.var.of[1]) for step in slopes]
    out.write(
        f'"""Each z, a and gradient of a hand calculation beside that of {library.name}: one sample a column."""\n'
    )
    out.write((f"# {printable(spec.title, 100)}\n" if spec.title else "") + library.head + "\n")
    for var in given:
        more = library.trained if name_of(var) in trained else ""
        out.write(f"{name_of(var)} = {library.array.format(_rows(var, values), more)}\n")
    lines = [f"{name_of(step.var)} = {_source(step, library)}\n" for step in forward]
    names = [name_of(step.var) for step in forward]
    out.write(library.worked(lines, ", ".join(names), ", ".join(trained)) + "\nfor name, theirs, ours in [\n")
    found = [
        *((name, name) for name in names),
        *((f"dE/d{of}", library.slope.format(n, of)) for n, of in enumerate(trained)),
    ]
    for (name, theirs), step in zip(found, (*forward, *slopes), strict=True):
        out.write(f'    ("{name}", {theirs}, {_rows(step.var, values)}),\n')
    out.write(END.format(library=library.name, close=library.close))


def plain(spec: Network) -> Network:
    """The first iteration of a network as a script works it: unrounded, from the old parameters, in whole layers."""
    same = spec.override(update="simultaneous", bias="vector", detail="normal", view="scalar", iterations=1)
    return replace(same, method=Method())


def name_of(var: Var) -> str:
    """What a quantity is called in the script."""
    return LETTERS.get(var.role) or f"{'b' if var.role == 'shared' else var.role}{var.layer}"


def _slopes(trace: Trace) -> Iterator[Step]:
    """The gradient of each parameter that is trained whole."""
    for block in trace.program.blocks:
        for step in block.steps:
            var = step.var
            if var.role == "d" and var.of[0].role == "loss" and var.of[1].role in ("w", "b", "shared"):
                rows, columns = var.shape
                if len(list(step.entries)) == rows * columns:
                    yield step


def _source(step: Step, library: Library) -> str:
    """The right side of a step in Python."""

    def leaf(node: Var | Num, guard: int) -> str:
        if isinstance(node, Var):
            return name_of(node)
        text = node.text if "/" not in node.text else repr(to_float(node.text))
        return f"({text})" if text[0] == "-" and guard else text

    return unbroken(typeset(step.term, library.syntax, leaf))


def _rows(var: Var, values: Values) -> str:
    """The numbers of a tensor as nested lists."""
    rows, columns = var.shape
    return str([[float(values.of(var.at((r, c)))) for c in range(columns)] for r in range(rows)])
