"""How terms look in the source of a Python program that people read."""

from __future__ import annotations

from .typeset import ATOM, CONDITION, NUMPY, POWER, PRODUCT, Form, Syntax

SAME = ("sqrt", "sin", "cos", "tan", "tanh", "arctan", "exp", "abs")
"""Operations that arrays have under the same name."""


def source(module: str, xlogy: str) -> Syntax:
    """The syntax of whole tensors in a program that knows NumPy or PyTorch as ``module``.

    ``xlogy`` is how that writes x · ln(y). Sums over rows keep their axis.
    """
    choice = module + ".where({} %s 0, {}, {})"
    down, along = (Form(f"({{}}).sum(axis={axis}, keepdims=True)") for axis in (0, 1))
    return NUMPY._replace(
        forms={
            **NUMPY.forms,
            **{name: Form(f"{module}.{name}({{}})") for name in SAME},
            "ln": Form(f"{module}.log({{}})"),
            "square": Form("{} ** 2", POWER, (ATOM,)),
            "pow": Form("{} ** {}", POWER, (ATOM, ATOM)),
            # The slope where both are equal is that of the first, as it is here.
            "max": Form(f"{module}.where({{0}} >= {{1}}, {{0}}, {{1}})", ATOM, (PRODUCT, PRODUCT)),
            "min": Form(f"{module}.where({{0}} <= {{1}}, {{0}}, {{1}})", ATOM, (PRODUCT, PRODUCT)),
            "xlogy": Form(xlogy, PRODUCT, (PRODUCT, CONDITION)),
            "if_positive": Form(choice % ">"),
            "if_at_least_zero": Form(choice % ">="),
            "matmul": Form("{} @ {}", PRODUCT, (ATOM, ATOM)),
            "sum_rows": down,
            "sum_down": down,
            "sum_columns": along,
            "sum_along": along,
            "broadcast": Form("{}", PRODUCT, (PRODUCT,)),
        },
    )


NUMPY_SOURCE = source("np", "{} * np.log({})")
TORCH_SOURCE = source("torch", "torch.xlogy({}, {})")
