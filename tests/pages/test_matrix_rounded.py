"""Matrices under ``carry: rounded`` work what they show."""

from __future__ import annotations

import io

import networks
import pytest
import reader
from oracle import spec

import backpropcalc as bp


@pytest.mark.parametrize("seed", range(12))
def test_every_matrix_line_gives_its_result_from_the_numbers_that_it_shows(seed: int) -> None:
    """An independent reader works each entry again, exactly, and rounds it once."""
    out = io.StringIO()
    bp.write(bp.page(spec(networks.network(seed), carry="rounded", decimals=2, view="matrix")), out, "latex")
    examiner = reader.Examiner(decimals=2, rounded=True)
    statements = list(reader.statements(out.getvalue(), "latex"))

    assert len(statements) > 8
    assert [] == [(str(statement), faults) for statement in statements if (faults := examiner.faults(statement))]


@pytest.mark.parametrize("name", ["momentum", "adam", "rmsprop"])
def test_ids_of_an_optimisers_matrices_are_unique(name: str) -> None:
    """Weights and biases of a layer have different names for what is remembered of them."""
    keys = {**networks.network(3), "optimiser": name, "iterations": 1}
    page = bp.page(spec(keys, view="matrix", notation="layered"))
    ids = [step.var.id for block in page.blocks(1) for step in block.steps]

    assert len(ids) == len(set(ids))
