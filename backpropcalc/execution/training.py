"""Training: which runner moves the parameters of a network on."""

from __future__ import annotations

from backpropcalc.spec.network import Network

from .runner import PYTHON_UP_TO, Runner
from .stage import Stages


def learner(spec: Network) -> Runner:
    """A runner at the start of the training of ``spec``, of the kind that is fastest for it."""
    stages = Stages(spec)
    if spec.method.carry == "rounded":
        from .hand import Rounded

        return Rounded(stages)
    if spec.parameters * stages.schedule.size <= PYTHON_UP_TO:
        from .compiled_cells import CompiledCells

        return CompiledCells(stages)
    from .tensors import Tensors

    return Tensors(stages)
