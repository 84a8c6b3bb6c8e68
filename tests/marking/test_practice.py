"""``practice``: the tutor asks line after line and judges as ``check`` does; nothing that is typed stops it."""

from __future__ import annotations

import json
import os
import pty
import random
import select
import signal
import sys
import time
from pathlib import Path

import pytest
from commands import call
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import ROOT, SPECS
from papers import fixed, spec
from student import Student, random_net

from backpropcalc.api import loads
from backpropcalc.errors import InputError
from backpropcalc.marking.examination import questions
from backpropcalc.marking.progress import Attempt, Progress, load
from backpropcalc.marking.tutor import COMMANDS, VERDICTS, Tutor
from backpropcalc.spec.model import Spec

MAZUR = str(SPECS / "mazur.yaml")


def tutor(described: Spec) -> Tutor:
    return Tutor(questions(described), Progress.of(described))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_right_answers_are_right_from_first_to_last(seed: int) -> None:
    """A student who works by plain Python and rounds to six decimals is right at once everywhere."""
    net = random_net(random.Random(seed))
    values = Student(net, lambda name, value: float(fixed(value, 6))).work().values
    talk = tutor(loads(net.yaml()))
    while not talk.done:
        before = talk.progress.at
        said = talk.reply(fixed(values[talk.var.id], 6))
        assert talk.progress.at == before + 1, said

    assert all(attempt.alone for attempt in talk.progress.lines.values())
    assert f"{len(talk.order)} of {len(talk.order)} line" in talk.summary()[0]
    assert len(talk.summary()) == 2


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2, 3, 4, 6])
def test_one_slip_that_is_kept_is_one_mistake(seed: int) -> None:
    """Who goes on with a wrong value is judged by it from there on: nothing else is called wrong."""
    rng = random.Random(seed)
    net = random_net(rng)
    talk, wrong = tutor(loads(net.yaml())), []
    slip, at = rng.choice([found for found in Student(net).work().could if found[1] in {var.id for var in talk.order}])
    values = Student(net, lambda name, value: float(fixed(value, 5)), slip=slip, where=at).work().values
    while not talk.done:
        var, before = talk.var, talk.progress.at
        said = talk.reply(fixed(values[var.id], 5))
        wrong += [var.id] if said[0].startswith("Not right") else []
        if talk.progress.at == before:
            talk.reply("skip")

    assert set(wrong) <= {at}


def test_the_conversation_reads_like_this() -> None:
    """Verdicts, the slip by name, three hints, why, show, back, skip, and what to practise in the end."""
    lines = [
        "0.3775",
        "0.5933",
        "0.0425",
        "hint",
        "hint",
        "hint",
        "hint",
        "why",
        "0,3925",
        "show",
        "back",
        "skip",
        "quit",
    ]
    done = call("practice", MAZUR, stdin="\n".join(lines), env={"COLUMNS": "200"})

    assert (0, "") == (done.code, done.err)
    for sentence in (
        "net_h1 = ?  (1 of 43)\nRight.\nout_h1 = ?",
        "Not right. You left out the bias b1 (0.35).",
        "It uses w3 = 0.25, i1 = 0.05, w4 = 0.3, i2 = 0.1, b1 = 0.35.  (hint again for more)\n",
        "\nnet_h2 = w3 · i1 + w4 · i2 + b1  (hint again for more)\nnet_h2 = 0.25 · 0.05 + 0.3 · 0.1 + 0.35\n",
        "There is no further hint: show gives the answer.",
        "out_h2 = 1 / (1 + e^(−net_h2)) = 1 / (1 + e^(−0.3925)) ≈ 0.596884378\n",
        "3 of 43 lines right, 2 of them at once and without help.",
        "To practise: net_h2 (forgot-bias); out_h2 (shown).",
    ):
        assert sentence in done.out


@pytest.mark.parametrize(
    "typed",
    ["", "   ", "abc", "=", "w1 = 3", "hnt", "\x00\x1b[2J", "1e999", "-", "1/0", "9" * 5000, "net_h1", "0.3775 apples"],
)
def test_whatever_is_typed_is_answered(typed: str) -> None:
    """A sentence each time, without control characters; the question stays."""
    talk = tutor(spec("mazur"))
    said = talk.reply(typed)

    assert said
    assert all(text.isprintable() for text in said)


@settings(max_examples=25)
@given(
    st.lists(
        st.text(max_size=12) | st.sampled_from(["hint", "why", "skip", "back", "show", "0.5", "1/3", "help"]),
        max_size=25,
    )
)
def test_no_conversation_stops_the_tutor(typed: list[str]) -> None:
    """Any commands and any garbage in any order."""
    talk = tutor(spec("mazur"))
    for text in typed:
        assert all(said.isprintable() for said in talk.reply(text))
        assert 0 <= talk.progress.at <= len(talk.order)
    talk.summary()


@pytest.mark.parametrize("name", ["graph-j", "parabola", "mlp-bce", "relu-sigmoid-softmax"])
def test_every_kind_of_spec_can_be_practised(name: str) -> None:
    """Networks, graphs and descents: the value of every line, shown to nine digits, is right."""
    talk = tutor(spec(name))
    while not talk.done:
        var = talk.var
        said = talk.reply(repr(talk.examination.key.truth[var]))
        assert any(said[0].startswith(start) for start in VERDICTS.values()) and not said[0].startswith("Not"), (
            var,
            said,
        )


def test_what_was_wrong_in_a_paper_is_asked_alone(tmp_path: Path) -> None:
    """``--wrong`` takes an answer file and asks its mistakes and what is missing there."""
    (tmp_path / "a.yaml").write_text("net_h1: 0.0275\nout_h1: 0.5069\n")
    done = call("practice", MAZUR, "--phase", "forward", "--wrong", str(tmp_path / "a.yaml"), stdin="0.3775\n")

    assert "net_h1 = ?  (1 of 7)\nRight.\nnet_h2 = ?  (2 of 7)" in done.out


def test_it_goes_on_where_it_was_left(tmp_path: Path) -> None:
    """After every answer all is in the file; when all is done, what was not right at once is asked again."""
    file = str(tmp_path / "p.json")
    words = ("practice", MAZUR, "--only", "out_h1", "--save", file)
    assert "net_h1 = ?  (1 of 2)" in call(*words, stdin="0.1\n").out
    assert {"answer": "0.1", "tries": 1} == {
        key: json.loads(Path(file).read_text())["lines"]["z[1,1]"][key] for key in ("answer", "tries")
    }
    assert "out_h1 = ?  (2 of 2)" in call(*words, stdin="0.3775").out
    assert "2 of 2 lines right, 1 of them at once" in call(*words, stdin="0.5933").out
    again = call(*words, stdin="0.3775").out
    assert "net_h1 = ?  (1 of 1)\nRight.\n" in again
    assert "1 of 1 line right, 1 of them at once" in again


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"spec": 3}', '{"spec": "x", "at": 0, "lines": {"a": {"tries": "1"}}}', "\x00", "[" * 100_000],
)
def test_a_file_of_something_else_is_said(text: str, tmp_path: Path) -> None:
    """Neither read as progress nor overwritten."""
    file = tmp_path / "p.json"
    file.write_text(text)
    done = call("practice", MAZUR, "--save", str(file), stdin="1")

    assert (2, "", text) == (done.code, done.out, file.read_text())
    assert "p.json is no file that practice has saved" in done.err


def test_progress_with_other_numbers_is_no_progress(tmp_path: Path) -> None:
    described = spec("mazur")
    file = tmp_path / "p.json"
    file.write_text(Progress("0" * 16, 3, lines={"z[1,1]": Attempt("1", 1)}).text())
    with pytest.raises(InputError, match="saved for other numbers"):
        load(str(file), described)


def test_new_numbers_in_each_round(tmp_path: Path) -> None:
    """The same seed gives the same numbers, which are kept until the round is done; the next one has others."""
    file = str(tmp_path / "p.json")
    words = ("practice", MAZUR, "--only", "net_h1", "--new", "--save", file)
    first = call(*words, "--seed", "3", stdin="hint").out
    assert "It uses w1 = 0.1, i1 = 0.02, w2 = 0.15, i2 = 0.03, b1 = 0.35." in first
    assert "net_h1 = w1 · i1 + w2 · i2 + b1 = 0.1 · 0.02 + 0.15 · 0.03 + 0.35" in call(*words, stdin="show").out
    second = call(*words, stdin="show").out
    assert "net_h1 = w1 · i1 + w2 · i2 + b1 = " in second
    assert "0.1 · 0.02 + 0.15 · 0.03" not in second


def test_the_page_for_the_browser_has_the_same_words() -> None:
    """Its step mode says what the tutor says."""
    script = (ROOT / "backpropcalc/render/live.js").read_text(encoding="utf-8")

    assert VERDICTS["correct"] in script
    assert "is not a number" in script and "is not a number" in tutor(spec("mazur")).reply("abc")[0]


@pytest.mark.parametrize(
    ("name", "typed", "id"), [("mazur", "0.0275", "z[1,1]"), ("graph-j", "7", "u"), ("parabola", "-16", "f[0](1)")]
)
def test_at_a_terminal_of_40_columns(name: str, typed: str, id: str, tmp_path: Path) -> None:
    """Prompts, wrapped lines; an interruption says so, and what was answered is in the file."""
    process, terminal = pty.fork()
    if process == 0:
        os.environ.update(COLUMNS="40", TERM="dumb")
        os.execv(
            sys.executable,
            [
                sys.executable,
                "-m",
                "backpropcalc",
                "practice",
                str(SPECS / f"{name}.yaml"),
                "--save",
                str(tmp_path / "p"),
            ],
        )
    seen = _until(terminal, "> ")
    os.write(terminal, typed.encode() + b"\n")
    seen += _until(terminal, "\n> ")
    time.sleep(0.5)  # the prompt is there before anything is waited for
    os.kill(process, signal.SIGINT)
    seen += _until(terminal, "stopped")
    status = _ended(process)

    assert 130 == os.waitstatus_to_exitcode(status)
    assert (typed, 1, False) == tuple(
        json.loads((tmp_path / "p").read_text())["lines"][id][key] for key in ("answer", "tries", "right")
    )
    assert max(map(len, seen.replace("\r", "").splitlines())) <= 40


def _ended(process: int) -> int:
    """The exit status, waited for; killed if it does not come."""
    for _ in range(200):
        done, status = os.waitpid(process, os.WNOHANG)
        if done:
            return status
        time.sleep(0.05)
    os.kill(process, signal.SIGKILL)
    return os.waitpid(process, 0)[1]


def _until(terminal: int, text: str) -> str:
    """What is printed until ``text`` appears, for at most half a minute."""
    seen, end = "", time.monotonic() + 30
    while text not in seen and time.monotonic() < end:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            seen += os.read(terminal, 1000).decode("utf-8", "replace")
        except OSError:
            break
    return seen


def test_help_tells_the_commands() -> None:
    assert [COMMANDS] == tutor(spec("mazur")).reply("help")
    assert all(word in COMMANDS for word in ("hint", "why", "skip", "back", "show", "quit"))
