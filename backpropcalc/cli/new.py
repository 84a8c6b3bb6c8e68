"""``backpropcalc new``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .options import options, output

if TYPE_CHECKING:
    from backpropcalc.spec.new import Plan

Shape = Annotated[str | None, typer.Argument(metavar="SIZES", help="Inputs, hidden neurons, outputs: 2-3-1.")]
From = Annotated[
    str | None,
    typer.Option(
        "--from", metavar="FILE", help="Instead of SIZES: the layers in a .safetensors file; see --activation."
    ),
]
Random = Annotated[bool, typer.Option("--random", help="Draw the numbers: multiples of 0.05, easy to work with.")]
Seed = Annotated[
    int | None, typer.Option("--seed", metavar="N", min=0, help="Draw them, always the same for the same N.")
]
Activation = Annotated[
    str, typer.Option("--activation", metavar="NAMES", help="One for all layers, or one per layer: relu,sigmoid.")
]
Loss = Annotated[str, typer.Option("--loss", metavar="NAME", help="The loss, as in binary_cross_entropy.")]
Samples = Annotated[int, typer.Option("--samples", metavar="N", help="How many samples, a row each.")]


@options(file=output("never over one that exists, and the schema for editors beside it"))
def new(
    file: str | None,
    sizes: Shape = None,
    model: From = None,
    random: Random = False,
    seed: Seed = None,
    activation: Activation = "sigmoid",
    loss: Loss = "half_squared_error",
    samples: Samples = 1,
) -> None:
    """Write a commented spec to start from, its numbers drawn or left to be filled in.

    With --from FILE.safetensors the weights and biases are those of that file; what it does not hold, the activations
    and the loss, is said by flags, and inputs and targets are drawn or left open.

    Example: backpropcalc new 2-3-1 --seed 7 --activation relu,sigmoid -o net.yaml
    """
    from backpropcalc.errors import fail, printable
    from backpropcalc.spec.new import Plan, sizes_of, template

    if random and seed is None:
        from random import randrange

        seed = randrange(1000)
    names = tuple(name.strip() for name in activation.split(","))
    if (sizes is None) == (model is None):
        raise fail("usage", "say which: SIZES, as in 2-3-1, or --from FILE.safetensors")
    found, shape = _layers(model) if model is not None else ({}, sizes_of(sizes or ""))
    plan = Plan(shape, seed, names, loss, samples, origin=printable(model or ""), **found)
    if file is None or file == "-":
        sys.stdout.write(template(plan))
    else:
        _create(plan, file)


def _layers(model: str) -> tuple[dict[str, Any], tuple[int, ...]]:
    """The weights and biases in a file, and the sizes that they tell."""
    from backpropcalc.exchange.safetensors import layers

    found = layers(model)
    return found, (len(found["weights"][0][0]), *map(len, found["weights"]))


def _create(plan: Plan, file: str) -> None:
    from pathlib import Path

    from backpropcalc.errors import fail, printable
    from backpropcalc.spec.new import SCHEMA, template, write_schema

    try:
        with open(file, "x", encoding="utf-8", newline="\n") as stream:
            stream.write(template(plan, SCHEMA))
    except FileExistsError:
        raise fail("exists", f"{printable(file)} exists already; nothing was written") from None
    except OSError as error:
        raise fail("unwritable-file", f"cannot write {printable(file)}: {error.strerror}") from None
    schema = write_schema(Path(file).parent)
    also = f" and {printable(str(schema))}" if schema else ""
    print(f"wrote {printable(file)}{also}; now: backpropcalc run {printable(file)}")
