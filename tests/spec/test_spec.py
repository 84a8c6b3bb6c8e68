"""The spec file: every key, and every way to get it wrong, with its place and a way out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from oracle import MAZUR, SPECS, spec, text, values

import backpropcalc as bp

GOOD = (SPECS / "mazur.yaml").read_text(encoding="utf-8")


def problems(source: str) -> list[Any]:
    with pytest.raises(bp.InputError) as raised:
        bp.loads(source, "net.yaml")
    return raised.value.problems


def report(source: str) -> str:
    with pytest.raises(bp.InputError) as raised:
        bp.loads(source, "net.yaml")
    return raised.value.report()


@pytest.mark.parametrize("path", sorted(SPECS.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_shipped_specs_have_a_title_and_say_their_source(path: Path) -> None:
    """Each comes with its title and, in a comment, the document that it is from."""
    assert bp.load(path).title
    assert path.read_text(encoding="utf-8").startswith("# ")


def test_the_defaults() -> None:
    """What a spec that only says what it must is taken to mean."""
    made = bp.loads("inputs: [1]\ntargets: [0]\nweights: [[[2]]]\nactivation: sigmoid\nloss: squared_error")

    assert ("", "Wx", "simultaneous", 1, None) == (
        made.title, made.orientation, made.update, made.iterations, made.learning_rate,
    )  # fmt: skip
    assert ("layered", "to_from", 6, None, "full") == (
        made.style.notation, made.style.index, made.style.decimals, made.style.significant, made.method.carry,
    )  # fmt: skip
    assert ({"w[1,1,1]"}, None) == (made.train, made.layers[0].bias)
    assert {"z[1,1]": 2.0} == {key: x for key, x in values(made).items() if key.startswith("z")}


def test_without_a_learning_rate_there_is_no_update() -> None:
    """The rate is needed by the update only: without it the calculation ends with the gradients."""
    found = values(spec(MAZUR, learning_rate=None))

    assert "dE/dw[1,1,1]" in found
    assert [] == [key for key in found if "+" in key]


NUMBERS = {
    "1e-3": 0.001, "1E3": 1000.0, ".5": 0.5, "1/3": 1 / 3, "012": 12.0, "−0.5": -0.5, "-0.5": -0.5, "+2": 2.0,
    "5.": 5.0, "007.50": 7.5, "-1/4": -0.25, "'0.25'": 0.25, "1e+2": 100.0, "1 / 4": 0.25, "0": 0.0, "-0": 0.0,
    "0.1e1": 1.0, ".5/2": 0.25, "00": 0.0,
}  # fmt: skip
"""What a reader of the page takes the text to mean, whatever YAML makes of it (012 is octal there, 1E3 a word)."""


@pytest.mark.parametrize("written", NUMBERS)
def test_numbers_mean_what_they_look_like(written: str) -> None:
    """The text of the file is what counts."""
    made = bp.loads(text(MAZUR).replace("0.05", f"{written}" if "'" not in written else written.replace("'", '"'), 1))

    assert pytest.approx(NUMBERS[written], abs=0) == values(made)["x[1]"]


@pytest.mark.parametrize(
    "written",
    ["1_000", "0x10", "ten", "nan", ".inf", "-inf", "1e999", "1/0", "1..2", "1e", "~", "true", "1e5/2"],
)
def test_what_is_no_number_is_refused(written: str) -> None:
    """The error points at it; nothing is guessed."""
    (problem,) = problems(GOOD.replace("[0.05, 0.10]", f"[1, {written}]", 1))

    assert (5, 14, "number") == (problem.where.line, problem.where.column, problem.code)


def test_a_decimal_comma_in_a_value() -> None:
    """As a value it gets a hint; between brackets YAML sees one number more, and the error says why none fits."""
    (value,) = problems(GOOD.replace("learning_rate: 0.5", "learning_rate: 0,5"))
    (listed,) = problems(GOOD.replace("[0.05, 0.10]", "[1, 0,5]", 1))

    assert ("number", "write it with a decimal point") == (value.code, value.help)
    assert ("shape", "a comma separates two numbers: for one half write 0.5, not 0,5") == (listed.code, listed.help)


KEYS: dict[str, Any] = {
    "orientation": ("xW", lambda s: s.orientation == "xW"),
    "update": ("sequential", lambda s: s.update == "sequential"),
    "iterations": (3, lambda s: s.iterations == 3),
    "decimals": (0, lambda s: (s.style.decimals, s.style.significant) == (0, None)),
    "carry": ("rounded", lambda s: s.method.carry == "rounded"),
    "chain": ("delta", lambda s: s.method.chain == "delta"),
    "title": ("Hello", lambda s: s.title == "Hello"),
    "notation": ({"extends": "layered", "index": "from_to", "loss": "C"}, lambda s: s.style.index == "from_to"),
    "names": ({"w[1, 1, 1]": "w14"}, lambda s: s.style.names == {"w[1,1,1]": "w14"}),
    "train": (["biases", "w[1,1,2]"], lambda s: s.train == {"b[1]", "b[2]", "w[1,1,2]"}),
    "learning_rate": ("1/3", lambda s: s.learning_rate.text == "1/3"),
    "biases": ([None, [1, 2]], lambda s: [layer.bias is None for layer in s.layers] == [True, False]),
    "activation": (["relu", {"name": "elu", "alpha": 2}], lambda s: s.layers[1].parameters["alpha"].text == "2"),
    "loss": ({"name": "squared_error", "outputs": "mean", "samples": "sum"}, lambda s: s.outputs == "mean"),
}


@pytest.mark.parametrize("key", KEYS)
def test_each_key_is_understood(key: str) -> None:
    """A value other than the default is taken over."""
    value, holds = KEYS[key]
    made = spec(MAZUR, **{key: value})

    assert holds(made)


def test_significant() -> None:
    """Significant digits instead of decimals."""
    made = spec(MAZUR, decimals=None, significant=3)

    assert (None, 3) == (made.style.decimals, made.style.significant)


def test_a_batch_and_both_orientations() -> None:
    """A row per sample; and the same network written for x W + b."""
    batch = {"inputs": [[1, 2], [3, 4]], "targets": [[0], [1]], "activation": "tanh", "loss": "squared_error"}
    rows, columns = spec(batch, weights=[[[5, 6]]]), spec(batch, weights=[[[5], [6]]], orientation="xW")

    assert values(rows) == values(columns)
    assert 39 == values(rows)["z[1,1](2)"]


# Each line of a spec that is wrong, what is said, where (line, column, width of the carets), and the help.
WRONG = [
    ("title: A step", "title: [a, b]", "the title must be a text, not a list of 2", (4, 8, 1), ""),
    ("inputs:  [0.05, 0.10]", "inputs:  [0.05, 0.1O]", "inputs[2] must be a number, not '0.1O'", (5, 17, 4), ""),
    ("inputs:  [0.05, 0.10]", "inputs:  5", "inputs must be a list of numbers, not '5'",
     (5, 10, 1), "as in [0.05, 0.1]"),
    ("inputs:  [0.05, 0.10]", "inputs:  [[1, 2], 3]", "inputs must be a matrix: a list of rows",
     (5, 10, 1), "as in [["),
    ("inputs:  [0.05, 0.10]", "inputs:  [[1, 2], [3]]", "row 2 of inputs has 1 number, row 1 has 2", (5, 19, 1), ""),
    ("targets: [0.01, 0.99]", "targets: [0.01]", "1 target for 2 neurons of the last layer", (6, 10, 1), ""),
    ("targets: [0.01, 0.99]", "targets: [[1, 2], [3, 4]]", "2 rows of targets for 1 sample", (6, 10, 1), ""),
    ("  - [[0.15, 0.20], [0.25, 0.30]]", "  - [[0.15, 0.20], [0.25]]", "row 2 of the weights of layer 1 has 1 number",
     (8, 20, 1), ""),
    ("  - [[0.15, 0.20], [0.25, 0.30]]", "  - [[0.15], [0.20]]",
     "the weights of layer 1 have 1 column for 2 inputs below", (8, 5, 1), "`orientation: xW`?"),
    ("  - [[0.40, 0.45], [0.50, 0.55]]", "  - [0.40, 0.45]", "the weights of layer 2 must be a matrix", (9, 5, 1),
     "with one layer there is a bracket more: [[["),
    ("biases: [0.35, 0.60]", "biases: [0.35]", "biases must be a list with an entry for each layer (2)", (10, 9, 1),
     "null (none)"),
    ("biases: [0.35, 0.60]", "biases: [[0.1], 1]", "1 bias for 2 neurons of layer 1", (10, 10, 1), ""),
    ("biases: [0.35, 0.60]", "biases: [x, 1]", "the bias of layer 1 must be a number, not 'x'", (10, 10, 1), ""),
    ("activation: sigmoid", "activation: sigmod", "the activation cannot be 'sigmod'",
     (11, 13, 6), "did you mean 'sigmoid'?"),
    ("activation: sigmoid", "activation: [relu]", "1 activation for 2 layers", (11, 13, 1), ""),
    ("activation: sigmoid", "activation: {alpha: 1}", "the activation has no name",
     (11, 13, 1), "{name: elu, alpha: 1.0}"),
    ("activation: sigmoid", "activation: {name: relu, alpha: 1}", "relu has no parameter 'alpha'", (11, 33, 1), ""),
    ("activation: sigmoid", "activation: {name: elu, alfa: 1}", "unknown key 'alfa' in the activation",
     (11, 25, 4), "'alpha'"),
    ("loss: half_squared_error", "loss: half_square", "the loss cannot be 'half_square'",
     (12, 7, 11), "'half_squared_error'"),
    ("loss: half_squared_error", "loss: {outputs: sum}", "the loss has no name", (12, 7, 1), "as in {name: "),
    ("loss: half_squared_error", "loss: {name: cross_entropy, outputs: avg}", "outputs cannot be 'avg'", (12, 38, 3),
     "one of: sum, mean"),
    ("learning_rate: 0.5", "learning_rate: fast", "learning_rate must be a number, not 'fast'", (13, 16, 4), ""),
    ("learning_rate: 0.5", "learning_rate: .nan", "learning_rate must be a number", (13, 16, 4), "infinity and NaN"),
    ("learning_rate: 0.5", "learning_rat: 0.5", "unknown key 'learning_rat' in the spec",
     (13, 1, 12), "'learning_rate'"),
    ("learning_rate: 0.5", "loss: squared_error", "'loss' appears twice in the spec", (13, 1, 4), "keep one of them"),
    ("train: [weights]", "train: weights", "train must be a list, not 'weights'",
     (14, 8, 7), "as in [weights, biases]"),
    ("train: [weights]", "train: [wieghts]", "'wieghts' is no parameter", (14, 9, 7), "did you mean 'weights'?"),
    ("train: [weights]", 'train: ["w[1,1,9]"]', "'w[1,1,9]' is no parameter", (14, 9, 10), "did you mean 'w[1,1,"),
    ("notation: mazur", "notation: mazzur", "the notation cannot be 'mazzur'", (15, 11, 6), "did you mean 'mazur'?"),
    ("notation: mazur", "notation: {extends: mazur, index: from_to}", "only the notation layered has",
     (15, 35, 7), ""),
    ("notation: mazur", "notation: {extends: mazur, weight: 1w}", "'1w' cannot be a name",
     (15, 36, 2), "a letter, then"),
    ("notation: mazur", "names: [a]", "names must be a mapping of keys", (15, 8, 1), 'as in {"w[1,1,1]": w14}'),
    ("notation: mazur", 'names: {"w[1,1,1]": "a b"}', "'a b' cannot be a name", (15, 21, 5), "a letter, then"),
    ("decimals: 9", "decimals: 16", "decimals must be a whole number from 0 to 15, not '16'", (16, 11, 2), ""),
    ("decimals: 9", "decimals: 1.5", "decimals must be a whole number", (16, 11, 3), ""),
    ("decimals: 9", "significant: 0", "significant must be a whole number from 1 to 15", (16, 14, 1), ""),
    ("decimals: 9", "iterations: 0", "iterations must be a whole number from 1 to", (16, 13, 1), ""),
    ("decimals: 9", "carry: round", "carry cannot be 'round'", (16, 8, 5), "did you mean 'rounded'?"),
    ("decimals: 9", "update: both", "update cannot be 'both'", (16, 9, 4), "one of: simultaneous, sequential"),
    ("decimals: 9", "orientation: WX", "orientation cannot be 'WX'", (16, 14, 2), "did you mean"),
    ("decimals: 9", "chain: long", "chain cannot be 'long'", (16, 8, 4), "one of: factors, delta"),
    ("decimals: 9", "1: 2", "unknown key '1' in the spec", (16, 1, 1), "known keys"),
    ("decimals: 9", "a: &x 1", "anchors and aliases are not supported", (16, 4, 1), "write the value out"),
    ("decimals: 9", "a: *x", "", (16, 4, 1), ""),
    ("decimals: 9", "a: !!python/name:os.system x", "the tag tag:yaml.org,2002:python/name:os.system",
     (16, 4, 1), "plain"),
    ("decimals: 9", "decimals: [1", "not valid YAML", (18, 1, 1), "a bracket too many or too few"),
    ("decimals: 9", "\tdecimals: 9", "not valid YAML", (16, 1, 1), "with spaces, not with tabs"),
    ("decimals: 9", "---\na: 1", "a second document", (16, 1, 1), ""),
    ("decimals: 9", "a: " + "[" * 30 + "]" * 30, "nested too deeply", (16, 15, 1), ""),
]  # fmt: skip


@pytest.mark.parametrize(("line", "instead", "message", "where", "help"), WRONG, ids=lambda x: str(x)[:30])
def test_each_error_has_its_place_and_its_help(line: str, instead: str, message: str, where: Any, help: str) -> None:
    """What is said, the line and column it is said of, the carets under it, and what would be right."""
    assert line in GOOD
    broken = "\n".join(instead if x.startswith(line) else x for x in GOOD.splitlines()) + "\n"
    found = problems(broken)
    problem = found[0] if "appears twice" not in message else found[-1]

    assert message in problem.message
    assert help in problem.help
    if message:
        assert where[:2] == tuple(problem.where)[:2]
        assert where[2] == problem.where.width


@pytest.mark.parametrize(
    ("key", "line"),
    [("inputs:  [", 5), ("targets: [", 6), ("biases: [", 10), ("learning_rate: 0", 13)],
)
def test_a_colon_without_a_space_is_blamed_on_its_own_line(key: str, line: int) -> None:
    """YAML takes `inputs:[1]` for a word and complains of a line below it."""
    (problem,) = problems(GOOD.replace(key, key.replace(" ", ""), 1))

    assert ("a space is missing after the colon", line) == (problem.message, problem.where.line)
    assert f"write `{key.split(':')[0]}: " in problem.help
    (alone,) = problems("inputs:[1]")
    assert "write `inputs: [1]`" == alone.help


WORDS = {
    "loss": {
        "mse": "mean_squared_error", "MSE": "mean_squared_error", "bce": "binary_cross_entropy", "ce": "cross_entropy",
        "cross-entropy": "cross_entropy",
    },
    "activation": {"linear": "identity", "logistic": "sigmoid", "leaky relu": "leaky_relu", "ReLU": "relu"},
    "optimiser": {"sgd": "gradient_descent", "Adam": "adam"},
}  # fmt: skip


@pytest.mark.parametrize(("key", "word", "meant"), [(k, w, m) for k, words in WORDS.items() for w, m in words.items()])
def test_another_word_for_the_same_is_answered_with_the_one_that_is_meant(key: str, word: str, meant: str) -> None:
    """What books and libraries call it; only that one word is offered."""
    (problem,) = problems(text(MAZUR, **{key: word}))

    assert f"did you mean {meant!r}?" == problem.help


def test_other_words_for_keys() -> None:
    """The same for keys."""
    assert "did you mean 'learning_rate'?" in report(text(MAZUR, lr=0.5))
    assert "did you mean 'optimiser'?" in report(text(MAZUR, optimizer="adam"))


def test_a_row_of_targets_for_several_samples_is_offered_as_a_column() -> None:
    """One output, two samples: the two numbers of the row are a row each."""
    batch = {"inputs": [[1, 2], [3, 4]], "targets": [1, 0], "weights": [[[5, 6]]], "biases": None}
    (problem,) = problems(text(MAZUR, **batch))

    assert "a row per sample: [[1], [0]]" == problem.help


def test_a_bracket_too_many_is_no_decimal_comma() -> None:
    """It is blamed where the inner list begins, and what follows from it is not blamed too."""
    (deep,) = problems(text(MAZUR, weights=[[[[0.15, 0.2], [0.25, 0.3]]], [[0.4, 0.45], [0.5, 0.55]]]))
    (row,) = problems(GOOD.replace("[[0.15, 0.20], [0.25, 0.30]]", "[[0.15,0.20,1], [0.25,0.30,1]]"))

    assert "is there a bracket too many?" == deep.help
    assert "comma" not in row.help


def test_the_line_is_shown_with_carets_under_the_spot() -> None:
    """File, line and column; the line as it stands; carets; the nearest word."""
    assert (
        "net.yaml:11:13: the activation cannot be 'sigmod'\n"
        "   11 | activation: sigmod\n"
        "      |             ^^^^^^\n"
        "      = did you mean 'sigmoid'?"
    ) == report(GOOD.replace("activation: sigmoid", "activation: sigmod"))


def test_all_problems_of_a_file_are_reported_at_once() -> None:
    """Every line above that can be wrong together is, in the order of the file."""
    singles = [item for item in WRONG if item[3][0] in (4, 5, 11, 12, 13, 14, 15, 16) and "a: " not in item[1]]
    chosen = {item[0]: item for item in reversed(singles) if "YAML" not in item[2] and "second" not in item[2]}
    broken = "\n".join(
        next((item[1] for line, item in chosen.items() if x.startswith(line)), x) for x in GOOD.splitlines()
    )
    found = problems(broken)

    assert {item[2] for item in chosen.values()} == {
        item[2] for item in chosen.values() if any(item[2] in problem.message for problem in found)
    }
    assert [tuple(p.where) for p in found] == sorted(tuple(p.where) for p in found)
    assert len(chosen) == 8


@pytest.mark.parametrize("key", ["inputs", "targets", "weights", "activation", "loss"])
def test_a_missing_key(key: str) -> None:
    """The key is named, with an example of it."""
    assert "biases" in MAZUR
    (problem,) = problems(text(MAZUR, **{key: None}))

    assert f"the key {key!r} is missing" == problem.message
    assert problem.help.startswith(f"for example `{key}: ")


@pytest.mark.parametrize("source", ["", "hello", "- 1", "[]", "null", "# only a comment\n", "3"])
def test_what_is_no_spec_at_all(source: str) -> None:
    """It is said what it is and how a spec begins."""
    (problem,) = problems(source)

    assert problem.message.startswith("the spec must be a mapping of keys, not ")
    assert "backpropcalc examples mazur" in problem.help


def test_what_was_there_is_named() -> None:
    """The text itself, not "nothing"."""
    assert "not 'hello'" in report("hello")
    assert "not a list of 2" in report("[1, 2]")
    assert "not nothing" in report("")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """Not there, a folder, not text, too large: each is said, none is a traceback."""
    (tmp_path / "binary.yaml").write_bytes(b"inputs: [1]\ntitle: \xff\xfe")
    (tmp_path / "large.yaml").write_bytes(b"# " + b"x" * 17_000_000)
    said = {}
    for name in ("missing.yaml", ".", "binary.yaml", "large.yaml", "a\0b"):
        with pytest.raises(bp.InputError) as raised:
            bp.load(f"{tmp_path}/{name}" if "\0" not in name else name)
        said[name] = raised.value.problems[0]

    assert "No such file" in said["missing.yaml"].message
    assert "Is a directory" in said["."].message
    assert ("this is not UTF-8 text", (2, 8)) == (said["binary.yaml"].message, said["binary.yaml"].where[:2])
    assert "is larger than 16 MB" in said["large.yaml"].message
    assert "cannot read" in said["a\0b"].message


def test_windows_files() -> None:
    """A byte order mark and CRLF line ends are no problem, and places are still right."""
    assert bp.loads(GOOD.replace("\n", "\r\n")).title == bp.loads(GOOD).title
    assert "net.yaml:11:13:" in report(GOOD.replace("sigmoid", "sigmod").replace("\n", "\r\n"))


def test_a_byte_order_mark(tmp_path: Path) -> None:
    """As Windows editors write it."""
    path = tmp_path / "net.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())

    assert bp.load(path).title == bp.loads(GOOD).title


def test_control_characters_do_not_reach_the_terminal() -> None:
    """What the user wrote is shown in an error with control characters made visible."""
    said = report(GOOD.replace("activation: sigmoid", 'activation: "\\e[31mred\\u202e"'))

    assert "\x1b" not in said
    assert "\u202e" not in said


OVERRIDES: dict[str, tuple[dict[str, Any], str]] = {
    "notation": ({"notation": "mazr"}, "--notation cannot be 'mazr'"),
    "decimals": ({"decimals": 99}, "--decimals must be a whole number from 0 to 15, not '99'"),
    "both": ({"decimals": 2, "significant": 2}, "give either --decimals or --significant, not both"),
    "iterations": ({"iterations": 0}, "--iterations must be a whole number from 1"),
}


@pytest.mark.parametrize("name", OVERRIDES)
def test_overriding_with_what_cannot_be(name: str) -> None:
    """Flags are checked like keys."""
    changes, said = OVERRIDES[name]
    with pytest.raises(bp.InputError, match=said):
        spec(MAZUR).override(**changes)


def test_overriding() -> None:
    """A flag replaces the key; decimals and significant replace each other."""
    made = spec(MAZUR).override(significant=3, notation="phi", iterations=2)

    assert (None, 3, "phi", 2) == (made.style.decimals, made.style.significant, made.style.notation, made.iterations)
    assert (4, None) == (made.override(decimals=4).style.decimals, made.override(decimals=4).style.significant)


@pytest.mark.parametrize("word", ["alpha", "eta", "lr", "α", "learning-rate", "learnig_rate"])
def test_a_key_under_another_word_is_one_problem(word: str) -> None:
    """It is known which key is meant, so that this key is not missing as well, and its value is read."""
    with pytest.raises(bp.InputError) as refused:
        bp.loads(f"{{minimize: theta**2, start: {{theta: -4}}, {word}: 0.1}}")

    assert ["unknown-key"] * 2 == [problem.code for problem in refused.value.problems]
    assert {"did you mean 'minimise'?", "did you mean 'learning_rate'?"} == {p.help for p in refused.value.problems}


@pytest.mark.parametrize(
    ("written", "help"), [("0,5", "decimal point"), ("[0,05; 0,10]", "commas between them"), ("50%", "50 % is 0.5")]
)
def test_numbers_as_they_are_written_elsewhere(written: str, help: str) -> None:
    """Decimal commas, with semicolons between numbers, and percentages."""
    key = "inputs" if written.startswith("[") else "learning_rate"
    with pytest.raises(bp.InputError) as refused:
        bp.loads(re.sub(rf"(?m)^{key}: .*$", f"{key}: {written}", (SPECS / "mazur.yaml").read_text(encoding="utf-8")))

    assert help in refused.value.report()
