"""The JSON Schemas say what the program reads and writes."""

import io
import json
import re

import jsonschema
import pytest
import yaml
from oracle import SPECS

import backpropcalc as bp
from backpropcalc.spec.keys import KINDS, keys_of
from backpropcalc.spec.new import Plan, template
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
    SPEC.validate(yaml.safe_load(path.read_text(encoding="utf-8")))


def test_a_new_spec_is_valid() -> None:
    SPEC.validate(yaml.safe_load(template(Plan((2, 3, 1), 7), "s")))


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_of_the_table_is_in_the_schema_with_its_sentence(kind: str) -> None:
    properties = spec_schema()["$defs"][kind]["properties"]

    assert {key.name: key.plain for key in keys_of(kind).values()} == {
        name: said["description"] for name, said in properties.items()
    }


def test_every_form_of_the_table_is_defined() -> None:
    """What a key holds is a definition of the schema, and none is there for nothing."""
    schema = spec_schema()
    wanted = set(re.findall(r'"#/\$defs/(\w+)"', json.dumps(schema)))

    assert wanted == set(schema["$defs"])


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
