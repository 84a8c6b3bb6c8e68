"""A script that works a network in NumPy or PyTorch and sets each value beside ours.

The forward pass is our own terms in Python; the gradients are not: PyTorch finds them by automatic differentiation,
NumPy by central differences.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
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
END = """
for name, ours in by_hand.items():
    print(f"{{name:>8}}  by hand {{ours}}\\n{{'':>8}}  {library:<7} {{found[name].tolist()}}")
    assert {close}, f"{{name}} differs"
print("all close")
"""


class Library(NamedTuple):
    """Another program: what it is called, how terms look in it, its imports, how an array is made, how it compares."""

    name: str
    syntax: Syntax
    head: str
    array: str
    gradients: str
    close: str


NUMPY = Library(
    "NumPy",
    NUMPY_SOURCE,
    "import numpy as np\n",
    "np.array({}, dtype=float)",
    '''
def slope(name, step=1e-6):
    """dE by each entry of a parameter, by central differences."""
    slopes = np.zeros_like(given[name])
    for at in np.ndindex(slopes.shape):
        ends = []
        for change in (step, -step):
            moved = {key: value.copy() for key, value in given.items()}
            moved[name][at] += change
            ends.append(forward(**moved)["E"].item())
        slopes[at] = (ends[0] - ends[1]) / (2 * step)
    return slopes


found = forward(**given)
found |= {f"dE/d{name}": slope(name) for name in trained}
''',
    "np.allclose(found[name], np.array(ours), rtol=1e-5, atol=1e-7)",
)
TORCH = Library(
    "PyTorch",
    TORCH_SOURCE,
    "import torch\n\ntorch.set_default_dtype(torch.float64)\n",
    "torch.tensor({}, dtype=torch.float64)",
    """
for name in trained:
    given[name].requires_grad_()
found = forward(**given)
slopes = torch.autograd.grad(found["E"].sum(), [given[name] for name in trained], materialize_grads=True)
found |= {f"dE/d{name}": slope for name, slope in zip(trained, slopes)}
""",
    "torch.allclose(found[name], torch.tensor(ours, dtype=torch.float64), rtol=1e-9, atol=1e-12)",
)
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
    worked = ", ".join(f'"{name_of(step.var)}": {name_of(step.var)}' for step in forward)
    out.write(
        f'"""Each z, a and gradient of a hand calculation beside that of {library.name}: one sample a column."""\n'
    )
    out.write((f"# {printable(spec.title, 100)}\n" if spec.title else "") + library.head + "\ngiven = {\n")
    out.writelines(f'    "{name_of(var)}": {library.array.format(_rows(var, values))},\n' for var in given)
    out.write(f"}}\ntrained = {json.dumps(trained)}\n\n\ndef forward({', '.join(map(name_of, given))}):\n")
    out.writelines(f"    {name_of(step.var)} = {_source(step, library)}\n" for step in forward)
    out.write(f"    return {{{worked}}}\n\n{library.gradients}\nby_hand = {{\n")
    out.writelines(f'    "{name_of(step.var)}": {_rows(step.var, values)},\n' for step in forward)
    out.writelines(f'    "dE/d{name_of(step.var.of[1])}": {_rows(step.var, values)},\n' for step in slopes)
    out.write("}" + END.format(library=library.name, close=library.close))


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
