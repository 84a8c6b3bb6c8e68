"""The options that commands share: flags from the table of keys, help under headings, examples, completion, -o."""

import shlex
from pathlib import Path
from typing import Any

import pytest
import typer
from commands import call
from oracle import SPECS

from backpropcalc.cli import _app
from backpropcalc.cli.commands import COMMANDS
from backpropcalc.spec.keys import TABLE, flags_of, keys_of

MAZUR = str(SPECS / "mazur.yaml")
PROGRAM: Any = typer.main.get_command(_app([]))


@pytest.mark.parametrize("command", COMMANDS)
def test_each_key_that_a_command_takes_is_a_flag_of_it_with_the_sentence_of_the_key(command: str) -> None:
    """Name, metavar and help are the key's own, and no other flag claims to be one."""
    flags = {option.name: option for option in PROGRAM.commands[command].params}

    for name, key in flags_of(command).items():
        assert [key.flag] == flags[name].opts
        assert key.plain.lower() in flags[name].help.lower()
        assert (key.readable.metavar or None) == flags[name].metavar
    named_alike = {key.name for key in TABLE if f"--{key.name}" in {o for f in flags.values() for o in f.opts}}
    assert named_alike - set(flags_of(command)) <= {"title", "seed", "activation", "loss", "only", "ask", "show"}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_example_of_each_command_is_one_that_it_takes(command: str) -> None:
    """The help ends with an example, whose options and arguments the command knows."""
    help = " ".join(PROGRAM.commands[command].help.split())
    program, name, *words = shlex.split(help.partition("Example: ")[2])

    assert ("backpropcalc", command) == (program, name)
    PROGRAM.commands[command].make_context(command, words)


def test_help_has_headings_and_summaries_that_fit() -> None:
    """Commands stand under what they are for, in one line of 80 columns each; options under theirs."""
    lines = call("--help", env={"COLUMNS": "80"}).out.splitlines()
    run = call("run", "--help", env={"COLUMNS": "80"}).out

    assert ["Work:", "Mark:", "Train:", "Look up and start:", "Options:"] == [
        line for line in lines if line.endswith(":") and not line.startswith(" ")
    ]
    for name, entry in COMMANDS.items():
        assert f"  {name} {entry.does}".split() in [line.split() for line in lines]
    assert all(f"\n{heading}:\n" in run for heading in ("Arguments", "Part of the calculation", "Output", "Options"))


def test_the_shell_completes_commands_options_and_words() -> None:
    """What bash asks for: the commands, the flags, and the words of a key."""

    def completed(line: str, word: int) -> set[str]:
        env = {"_BACKPROPCALC_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(word)}
        return set(call(env=env).out.split())

    assert {"derive"} == completed("backpropcalc de", 1)
    assert {"--carry", "--chain"} == completed("backpropcalc run --c", 2)
    assert {"full", "factors"} == completed("backpropcalc run --chain f", 3)


@pytest.mark.parametrize(
    "words",
    [
        ["run", MAZUR], ["run", MAZUR, "--json"], ["derive", MAZUR], ["info", MAZUR], ["functions"], ["answers", MAZUR],
        ["schema"], ["new", "2-1", "--seed", "1"], ["predict", MAZUR], ["train", MAZUR, "--show", "1"],
    ],
)  # fmt: skip
def test_a_dash_is_standard_output(words: list[str], tmp_path: Path) -> None:
    """``-o -`` writes what no -o writes, and no file."""
    plain, dashed = call(*words, cwd=tmp_path), call(*words, "-o", "-", cwd=tmp_path)

    assert (0, plain.out) == (dashed.code, dashed.out)
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "--decimals", "99"], "--decimals must be a whole number from 0 to 15, not '99'"),
        (["run", "--carry", "round"], "--carry cannot be 'round'"),
        (["train", "--learning-rate", "nan"], "infinity and NaN cannot be calculated with"),
        (["train", *["--learning-rate", "1"] * 9], "a list of up to 8"),
        (["train", "--batch-size", "0"], "--batch-size must be a whole number from 1"),
        (["new", "2-1", "--loss", "mse"], "did you mean 'mean_squared_error'?"),
        (["new", "2-1", "--activation", "relu,relu"], "2 activations for 1 layer"),
    ],
)
def test_a_flag_is_refused_as_its_key_is(words: list[str], said: str) -> None:
    """The same check and the same words, with the flag for the key."""
    command, *more = words
    done = call(command, *([] if command == "new" else [MAZUR]), *more)

    assert (2, "") == (done.code, done.out)
    assert said in done.err


def test_nought_is_a_value() -> None:
    """A flag that is 0 is given."""
    assert "0.3775" not in call("run", MAZUR, "--decimals", "0", "--phase", "forward").out


def test_train_and_predict_take_names_and_digits() -> None:
    """The page is in the notation and with the decimals that are asked for."""
    trained = call("train", MAZUR, "--iterations", "10", "--notation", "letters", "--decimals", "3").out
    predicted = call("predict", MAZUR, "--decimals", "2").out

    assert "W_i1j1" in trained
    assert "0.751365" not in predicted
    assert "0.75" in predicted


def test_new_takes_activation_loss_and_samples_and_writes_the_schema_beside_it(tmp_path: Path) -> None:
    """The spec runs as it is; an editor finds the schema in the same folder."""
    words = ["--seed", "3", "--activation", "relu,softmax", "--loss", "cross_entropy", "--samples", "3"]
    done = call("new", "2-4-3", *words, "-o", "net.yaml", cwd=tmp_path)
    text = (tmp_path / "net.yaml").read_text(encoding="utf-8")
    again = call("new", "2-1", "--seed", "1", "-o", "other.yaml", cwd=tmp_path)

    assert (0, 0) == (done.code, again.code)
    assert "wrote net.yaml and backpropcalc.schema.json" in done.out
    assert "# yaml-language-server: $schema=backpropcalc.schema.json\n" in text
    assert (tmp_path / "backpropcalc.schema.json").read_text(encoding="utf-8") == call("schema").out
    assert 0 == call("run", "net.yaml", "--quiet", cwd=tmp_path).code
    assert "activation: [relu, softmax]" in text and "loss: cross_entropy" in text


def test_a_template_with_gaps_is_derived_and_not_run(tmp_path: Path) -> None:
    """``derive`` and ``info`` take it; every command that needs numbers says once how many are left."""
    call("new", "2-3-1", "-o", "net.yaml", cwd=tmp_path)

    assert [0, 0] == [call(command, "net.yaml", cwd=tmp_path).code for command in ("derive", "info")]
    for command in ("run", "train", "predict"):
        done = call(command, "net.yaml", cwd=tmp_path)
        assert (2, 1) == (done.code, done.err.count("numbers are left to fill in")), command
    for command in ("run", "train", "predict"):
        done = call(command, "-", stdin="sizes: [2, 1]\nactivation: sigmoid\nloss: squared_error\nlearning_rate: 1")
        assert (2, 1) == (done.code, done.err.count("sizes and no numbers")), command


def test_the_keys_of_the_kinds_are_those_of_the_table() -> None:
    """Every kind has a title, the digits, and the rules of marking."""
    for kind in ("network", "graph", "descent"):
        assert {"title", "decimals", "significant", "carry", "points"} <= set(keys_of(kind))
