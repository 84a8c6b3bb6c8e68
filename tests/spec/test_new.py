"""A spec to start from is one that runs, or has gaps that are named."""

import pathlib

import pytest
import yaml
from commands import call

import backpropcalc as bp
from backpropcalc.spec.new import GAP, Plan, sizes_of, template


@pytest.mark.parametrize("shape", ["2-3-1", "1-1", "4-2-2-3", "2x2", "3,1"])
@pytest.mark.parametrize("seed", [0, 7])
def test_a_drawn_spec_runs(shape: str, seed: int) -> None:
    spec = bp.loads(template(Plan(sizes_of(shape), seed), "schema.json"))

    assert sizes_of(shape) == spec.sizes
    assert all(line.value == line.value for line in spec.run())


def test_drawn_numbers_have_two_decimals_and_none_is_zero() -> None:
    found = yaml.safe_load(template(Plan((3, 4, 2), 7), "s"))
    numbers = [n for matrix in found["weights"] for row in matrix for n in row]

    assert 20 == len(numbers)
    assert all(n and round(n, 2) == n and abs(n) < 1 for n in numbers)


def test_the_same_seed_draws_the_same() -> None:
    assert template(Plan((2, 3, 1), 7), "s") == template(Plan((2, 3, 1), 7), "s") != template(Plan((2, 3, 1), 8), "s")


def test_a_template_with_gaps_is_derived_and_not_run() -> None:
    """Its shape is known, its numbers are not: one message counts the gaps and points at the first."""
    text = template(Plan((2, 2, 1)), "s")
    spec = bp.loads(text)
    with pytest.raises(bp.InputError) as error:
        list(spec.run())

    gaps = text.replace("Fill in each ___", "").count(GAP)
    (problem,) = error.value.problems
    line, column, _ = problem.where
    assert f"{gaps} numbers are left to fill in" in problem.message
    assert text.splitlines()[line - 1][column - 1 :].startswith(GAP)
    assert (2, 2, 1) == spec.sizes


@pytest.mark.parametrize(
    "shape", ["", "2", "a-b", "0-1", "2-0-1", "-1-2", "99999-2", "2--3", "2-3-1;x", "60-1", "1-" * 20 + "1"]
)
def test_what_is_no_shape_is_refused(shape: str) -> None:
    with pytest.raises(bp.InputError):
        sizes_of(shape)


def test_a_file_is_never_overwritten(tmp_path: pathlib.Path) -> None:
    target = tmp_path / "net.yaml"
    first = call("new", "2-1", "--seed", "7", "-o", str(target))
    before = target.read_text(encoding="utf-8")
    second = call("new", "2-1", "--seed", "8", "-o", str(target))

    assert (0, 2, "") == (first.code, second.code, second.out)
    assert before == target.read_text(encoding="utf-8")
    assert before.startswith("# yaml-language-server: $schema=")
