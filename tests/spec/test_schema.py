"""The JSON Schemas say what the program reads and writes."""

import io
import json

import jsonschema
import pytest
import yaml
from oracle import SPECS

import backpropcalc as bp
from backpropcalc.spec import decode, decode_descent, decode_graph
from backpropcalc.spec.new import template
from backpropcalc.spec.schema import folder, spec_schema, text

SPEC = jsonschema.Draft202012Validator(spec_schema())
RUN = jsonschema.Draft202012Validator(json.loads((folder() / "run.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize("schema", [SPEC, RUN], ids=["spec", "run"])
def test_a_schema_is_a_schema(schema: jsonschema.Draft202012Validator) -> None:
    schema.check_schema(schema.schema)


def test_the_file_in_the_package_is_the_one_that_is_printed() -> None:
    assert text() == (folder() / "spec.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", sorted(SPECS.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_shipped_specs_are_valid(path: object) -> None:
    SPEC.validate(yaml.safe_load(path.read_text(encoding="utf-8")))  # type: ignore[attr-defined]


def test_a_new_spec_is_valid() -> None:
    SPEC.validate(yaml.safe_load(template((2, 3, 1), 7, "s")))


@pytest.mark.parametrize(
    ("kind", "keys"), [("network", decode.KEYS), ("graph", decode_graph.KEYS), ("descent", decode_descent.KEYS)]
)
def test_every_key_that_is_read_is_in_the_schema(kind: str, keys: tuple[str, ...]) -> None:
    assert set(keys) == set(spec_schema()["$defs"][kind]["properties"])


MAZUR = yaml.safe_load((SPECS / "mazur.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "change",
    [
        {"activation": "sigmoide"},
        {"loss": "mse"},
        {"weights": [[1, 2]]},
        {"decimals": 99},
        {"colour": "red"},
        {"notation": "mine"},
        {"carry": "off"},
        {"inputs": "x"},
        {"biases": 3},
        {"activation": {"formula": "x"}},
    ],
)
def test_what_the_reader_refuses_is_not_valid(change: dict[str, object]) -> None:
    wrong = {**MAZUR, **change}

    assert not SPEC.is_valid(wrong)
    with pytest.raises(bp.InputError):
        bp.loads(yaml.safe_dump(wrong))


@pytest.mark.parametrize(
    ("name", "style"),
    [
        ("mazur", {}),
        ("mazur", {"exact": True}),
        ("mazur", {"view": "matrix"}),
        ("mazur", {"carry": "rounded"}),
        ("relu-sigmoid-softmax", {}),
        ("xor", {"iterations": 2}),
        ("graph-j", {}),
        ("graph-f", {}),
        ("parabola", {}),
        ("chain-rule", {"exact": True}),
        ("two-layer-phi", {"iterations": 3}),
    ],
)
def test_what_run_prints_is_valid(name: str, style: dict[str, object]) -> None:
    out = io.StringIO()
    bp.write(bp.page(bp.load(SPECS / f"{name}.yaml").override(**style)), out, "json")

    RUN.validate(json.loads(out.getvalue()))
