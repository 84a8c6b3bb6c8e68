"""Finds commands that end in anything but a page or an error: ``python tests/support/hunt.py --cases 100000``.

The program is imported once; each case runs ``backpropcalc.cli.main`` in a fork of this process, in an empty folder,
with limits on time and memory. What may come out of it is exit code 0, 1 or 2, and files that are whole. Failures are
grouped by where they happened, and each group is shown with its smallest case. ``--seed`` is the number of the first
case; ``--case 1234`` runs one again and shows it.
"""

from __future__ import annotations

import argparse
import faulthandler
import io
import json
import os
import random
import re
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout, suppress
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "COLUMNS": "80", "BACKPROPCALC_DEBUG": "1"}

import specimens
from specimens import Specimen

SECONDS = 20
"""Of processor time; five times as many on the clock."""
MEGABYTES = 500
LIMITS = (
    (signal.SIGPROF, signal.ITIMER_PROF, SECONDS),
    (signal.SIGALRM, signal.ITIMER_REAL, 5 * SECONDS),
)
UNCAUGHT = 99
BATCH = 100
"""So many cases share a fork, unless one of them fails: then it is judged again in a fork of its own."""
MEMORY = "/dev/shm" if os.path.isdir("/dev/shm") else None
"""A folder on no disk, if there is one."""
REPORT = 5000
"""After so many cases it says how far it is."""
OLD = "what stood here before\n"
SPECS = Path(__file__).parents[2] / "specs"
Files = dict[str, str]
Words = list[str]


class Case(NamedTuple):
    """A command line, and the files in the folder where it runs."""

    kind: str
    words: Words
    files: Files

    @property
    def size(self) -> int:
        """How much there is to read."""
        return sum(map(len, self.words)) + sum(map(len, self.files.values()))


class Failure(NamedTuple):
    """What went wrong, in a form that is equal for the same mistake, and all that is known of it."""

    group: str
    detail: str


# Command lines

FORMS = ("--latex", "--markdown", "--json")
SUFFIXES = (".tex", ".md", ".json", ".txt", ".yaml", ".csv", ".dot", ".html", ".typ", "")
Option = Callable[[random.Random, Specimen], Words]


def _name(rng: random.Random, made: Specimen) -> str:
    """The id, or something like the name, of a quantity."""
    if "expression" in made.keys or "expressions" in made.keys:
        return rng.choice(["J", "f", "dJ/da", "df/dx", "u", "a", "h1", "dh1/dx", "1", ""])
    if "minimise" in made.keys:
        return rng.choice(["theta[1]", "slope[1]", "f[0]", "theta", "x[2]"])
    layers = max(1, len(made.sizes) - 1)
    n = rng.randint(1, layers)
    units = made.sizes[n] if made.sizes else 1
    j, i = rng.randint(1, units), rng.randint(1, made.sizes[n - 1] if made.sizes else 1)
    name = rng.choice(
        [f"w[{n},{j},{i}]", f"dE/dw[{n},{j},{i}]", f"w[{n},{j},{i}]+", f"b[{n},{j}]", f"b[{n}]", f"dE/db[{n},{j}]",
         f"dE/db[{n}]", f"z[{n},{j}]", f"a[{n},{j}]", f"E[{j}]", "E", f"dE/da[{n},{j}]", f"da[{n},{j}]/dz[{n},{j}]",
         f"dE/dz[{n},{j}]", f"z+[{n},{j}]", "E+", f"x[{i}]", f"t[{j}]", f"z[{n}]", f"dE/dw[{n}]", "w5", "dE_total/dw5",
         "J", "net_h1", "O", "dL/dw1", "w11[2]*", f"dE[1]/da[{n},{j}]", "alpha", "eta", "nonsense", "w[9,9,9]"]
    )  # fmt: skip
    return name + rng.choice(["", "", "", "(1)", "(2)", "(9)"])


def _flag(*words: str) -> Option:
    return lambda rng, made: list(words)


def _choice(flag: str, *values: str) -> Option:
    return lambda rng, made: [flag, rng.choice(values)]


def _named(flag: str) -> Option:
    return lambda rng, made: [flag, _name(rng, made)]


def _file(flag: str, *suffixes: str) -> Option:
    return lambda rng, made: [flag, "out" + rng.choice(suffixes)]


def _form(rng: random.Random, made: Specimen) -> Words:
    return rng.choice([["--latex"], ["--markdown"], ["--json"], ["--latex", "--standalone"], ["--standalone"]])


def _input(rng: random.Random, made: Specimen) -> Words:
    size = made.sizes[0] if made.sizes else 2
    given = ",".join(str(round(rng.uniform(-2, 2), 2)) for _ in range(size))
    return ["--input", rng.choice([given, given, given, "1/3", "x", "", "1e400,1", "0;5"])]


_WRITTEN: dict[str, Option] = {
    "--latex": _form,
    "--markdown": _form,
    "--json": _form,
    "--standalone": _form,
    "-o": _file("-o", *SUFFIXES),
    "--ascii": _flag("--ascii"),
    "--notation": _choice("--notation", *specimens.NOTATIONS, "mazur", "nonsense"),
}
_PART: dict[str, Option] = {
    "--only": _named("--only"),
    "--phase": _choice("--phase", "forward", "loss", "backward", "update", "after", "nonsense"),
}
_DIGITS: dict[str, Option] = {
    "--decimals": _choice("--decimals", "0", "1", "2", "3", "4", "9", "15", "16", "-1", "x"),
    "--significant": _choice("--significant", "1", "2", "3", "5", "15", "0"),
}
_REPORT: dict[str, Option] = {"--hints": _flag("--hints"), "--show-solution": _flag("--show-solution")}
OPTIONS: dict[str, dict[str, Option]] = {
    "run": _WRITTEN | _PART | _DIGITS | {
        "--dot": _flag("--dot"),
        "--carry": _choice("--carry", "full", "rounded", "rounded", "x"),
        "--exact": _flag("--exact"),
        "--chain": _choice("--chain", "factors", "delta", "full"),
        "--view": _choice("--view", "scalar", "matrix", "matrix"),
        "--iterations": _choice("--iterations", "1", "2", "3", "5", "0", "-1"),
        "-q": _flag("-q"),
        "--all": _flag("--all"),
        "--plot": _file("--plot", ".svg", ".png", ".x"),
    },
    "derive": {key: _WRITTEN[key] for key in ("--latex", "--markdown", "--standalone", "-o", "--ascii", "--notation")}
    | {"--view": _choice("--view", "scalar", "matrix", "index")},
    "check": _WRITTEN | _PART | _REPORT | {
        "--fail-under": _choice("--fail-under", "0", "50", "100", "nan", "x"),
        "--gradescope": _file("--gradescope", ".json", ".x"),
    },
    "grade": _WRITTEN | _PART | _REPORT | {
        "--reports": _choice("--reports", "reports", "students", "answers.yaml"),
        "--roster": _choice("--roster", "class.csv", "spec.yaml", "missing.csv"),
        "--moodle": _file("--moodle", ".csv", ".x"),
        "--canvas": _file("--canvas", ".csv"),
        "--assignment": _choice("--assignment", "Homework 3 (4711)", "", "x"),
        "--excel": _flag("--excel"),
    },
    "answers": {key: _WRITTEN[key] for key in ("-o", "--notation")} | _PART,
    "train": _WRITTEN | _DIGITS | {
        "--shuffle": _flag("--shuffle"),
        "--iterations": _choice("--iterations", "0", "1", "3", "20", "300", "-1"),
        "--epochs": _choice("--epochs", "1", "2", "10"),
        "--batch-size": _choice("--batch-size", "1", "2", "7", "0"),
        "--learning-rate": _choice("--learning-rate", "0.1", "1/3", "10", "1e300", "0", "-1", "x"),
        "--seed": _choice("--seed", "0", "1", "99"),
        "--update": _choice("--update", "simultaneous", "sequential"),
        "--until-loss": _choice("--until-loss", "0.1", "1e9", "0", "-1", "1/3", "x"),
        "--every": _choice("--every", "1", "2", "1000", "0"),
        "--show": _choice("--show", "1", "2", "20", "0", "999999"),
        "--save": _file("--save", ".yaml", ".yml", ".txt"),
        "--csv": _file("--csv", ".csv", ".yaml"),
        "--plot": _file("--plot", ".svg", ".x"),
        "--plot-boundary": _file("--plot-boundary", ".svg", ".x"),
        "-q": _flag("-q"),
    },
    "predict": {key: _WRITTEN[key] for key in ("--json", "-o", "--ascii", "--notation")} | _DIGITS
    | {"--input": _input, "--csv": _choice("--csv", "data.csv", "other.csv", "missing.csv")},
    "exam": {key: _WRITTEN[key] for key in ("--latex", "--markdown", "--standalone", "-o", "--ascii", "--notation")}
    | {
        "--forms": _choice("--forms", "2", "A-C", "A,C", "0", "x"),
        "--seed": _choice("--seed", "0", "7", "-1"),
        "--blanks": _choice("--blanks", "0.4", "0", "1", "2"),
        "--mistakes": _choice("--mistakes", "1", "3", "0", "99"),
        "--choices": _choice("--choices", "4", "2", "1"),
        "--ask": _named("--ask"),
        "--key": _file("--key", ".tex", ".md", ".x"),
        "--moodle": _file("--moodle", ".xml"),
        "--qti": _file("--qti", ".zip"),
        "--roster": _choice("--roster", "class.csv", "missing.csv"),
    },
    "practice": dict(_PART),
    "export": {"--torch": _flag("--torch"), "--numpy": _flag("--numpy")},
    "info": {key: _WRITTEN[key] for key in _WRITTEN} | {"NAME": lambda rng, made: [_name(rng, made)]},
}  # fmt: skip
"""Command to its options, each with a way to draw its value: nearly always one that is right."""
WRITES = ("-o", "--save", "--csv", "--plot", "--gradescope", "--moodle", "--canvas", "--key", "--qti")
"""Options that name a file to be written."""
SAME = {"-o": ("--output",), "-q": ("--quiet",)}
"""Short names, and the long ones."""
NOT_TRIED = frozenset({"--help", "--pdf"})
"""Options that are left out on purpose: TeX takes its time."""
NEEDS = {"check": "answers", "grade": "students"}
WEIGHTS = {
    "run": 6,
    "derive": 2,
    "check": 3,
    "grade": 1,
    "answers": 1,
    "train": 4,
    "predict": 1,
    "info": 1,
    "exam": 2,
    "practice": 1,
    "export": 1,
}
RARE = {"--plot": 0.03, "--plot-boundary": 0.03, "-o": 0.15}
"""Options that cost time, and how often they are taken; the others are taken so that there are two or three."""


@lru_cache
def options(command: str) -> dict[str, Option]:
    """Those of ``OPTIONS``, and what else the help lists, by what it says of its value."""
    from backpropcalc.cli import main

    out = io.StringIO()
    columns, os.environ["COLUMNS"] = os.environ["COLUMNS"], "200"
    with redirect_stdout(out), suppress(SystemExit):
        main([command, "--help"])
    os.environ["COLUMNS"] = columns
    found = dict(OPTIONS[command])
    for short, long, value in re.findall(r"^ +(?:(-\w), )?(--[\w-]+)(?: (\S+))?", out.getvalue(), re.M):
        if not {short, long} & {*found, *NOT_TRIED}:
            found[long] = _valued(long, value)
    return found


def _valued(flag: str, value: str) -> Option:
    if "|" in value:
        return _choice(flag, *value.split("|"))
    if value.isupper():
        return _choice(flag, "0", "1", "2", "x", "out.txt")
    return _flag(flag)


def command_line(rng: random.Random, made: Specimen, command: str, answers: str = "answers.yaml") -> Words:
    """A command with a few of its options; without ``--iterations`` training of a drawn spec would take its time."""
    known = options(command)
    share = rng.choice([0, 1, 2, 3, 5]) / len(known)
    chosen = [key for key in known if rng.random() < RARE.get(key, share)]
    words = [command, "spec.yaml"]
    if command == "check":
        words.append(answers)
    if command == "grade":
        words.append("students")
    for key in chosen:
        for _ in range(2 if key in ("--only", "--phase", "--input") and rng.random() < 0.3 else 1):
            words += known[key](rng, made)
    return words


# Cases: valid specs, mutated specs, mutated answers


def case(number: int) -> Case:
    """The case with this number, always the same."""
    rng = random.Random(number)
    return rng.choices([valid, mutated_spec, mutated_answers], [5, 4, 3])[0](rng)


def valid(rng: random.Random) -> Case:
    """A valid spec under a random command."""
    command = rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    number = rng.randint(1, PAPERS)
    made = _paper(number) if command in NEEDS else specimens.specimen(rng)
    words, files = command_line(rng, made, command), {"spec.yaml": made.text, **made.files}
    if command in NEEDS:
        suffix = rng.choice(list(ANSWERS))
        files |= _answers(rng, number, suffix, command)
        words = [f"answers{suffix}" if word == "answers.yaml" else word for word in words]
    if command == "grade":
        files["class.csv"] = "name,id,email\nanna,1,anna@x.org\nBert,2,b@x.org\n"
    if command == "predict":
        files["other.csv"] = "x0,x1,x2,y0\n0.1,0.2,0.3,1\n0.5,-1,2,0\n"
    return Case("valid spec", words, files | _old(rng, words))


def _old(rng: random.Random, words: Words) -> Files:
    """In half of the cases the files that are to be written exist already."""
    outputs = [b for a, b in pairwise(words) if a in WRITES]
    return {name: OLD for name in outputs if rng.random() < 0.5 and name.startswith("out")}


SHIPPED = {path.name: path.read_text(encoding="utf-8") for path in sorted(SPECS.glob("*.yaml"))}
PIECES = (
    "[", "]", "{", "}", ":", ": ", "- ", "\n", "  ", "'", '"', "#", "&a ", "*a", "!", "|", ">", "%", "@", "`", ",", "~",
    "null", "1e999", "1e400", "1e-400", "-0", "nan", ".inf", "0", "1/3", "1/0", "99999999999999999999", "\t", "\0",
    "\x1b[31m", "<<: ", "? ", "---\n", "é", "∂", "softmax", "sequential", "xW", "WTx", "{name: elu, alpha: 0}", "[[1]]",
    "relu", "step", "[]", "[[]]", "{}", "true", "½", "０", "−1", "0,5", "-", "1e308", "-1e308", "5e-324", "2**99", "()",
    "matrix", "rounded", "adam", "mazur", "mlp", "letters",
)  # fmt: skip


def spans(rng: random.Random, text: str) -> str:
    """Some spans cut out, doubled, or replaced by what YAML and numbers are made of."""
    for _ in range(rng.randint(1, 4)):
        start = rng.randint(0, len(text))
        end = min(len(text), start + rng.choice([0, 0, 1, 2, 5, 20]))
        text = text[:start] + rng.choice([rng.choice(PIECES), text[start:end] * 2, ""]) + text[end:]
    return text


VALUES: tuple[Any, ...] = (
    None, True, [], {}, [[]], [[[]]], 0, 1, -1, 2, 0.5, 1e308, -1e308, 5e-324, "1e400", "1e-400", "nan", "inf", "", "x",
    "1/3", "1/0", 10**30, 1000, "weights", "softmax", "relu", "step", "xW", "matrix", "rounded", "adam", "mlp", "mazur",
    [1], [0, 1], [[1, 2]], {"name": "elu"}, {"name": "softmax"}, "a" * 30, "w[1,1,1]", {"x": 1}, "x**x", "1/x",
    "log(x)", "letters", "delta", "full", "sequential", "all", {"formula": "x"}, "\x1b[1m", "sqrt(x - x)", "log(x - x)",
)  # fmt: skip


def trees(rng: random.Random, keys: Any) -> Any:
    """A value somewhere in the tree of a spec taken out, doubled, wrapped, or replaced by any other."""
    for _ in range(rng.randint(1, 3)):
        places = [place for place in _places(keys) if place[0]]
        if not places:
            return keys
        parent, key = rng.choice(places)
        way = rng.randrange(5)
        if way == 0:
            del parent[key]
        elif way == 1 and isinstance(parent, list):
            parent.insert(key, parent[key])
        elif way == 2:
            parent[key] = [parent[key]]
        elif way == 3 and isinstance(parent[key], list) and parent[key]:
            parent[key] = parent[key][0]
        else:
            parent[key] = rng.choice(VALUES)
    return keys


def _places(tree: Any) -> Iterator[tuple[Any, Any]]:
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in items:
        yield tree, key
        yield from _places(value)


def mutated_spec(rng: random.Random) -> Case:
    """A spec with something wrong in it somewhere, in its text or in its tree."""
    made = specimens.specimen(rng)
    way = rng.randrange(3)
    files = dict(made.files)
    if way == 0:
        name = rng.choice([*SHIPPED])
        text = spans(rng, SHIPPED[name])
        files["iris.csv"] = (SPECS / "iris.csv").read_text()
    elif way == 1:
        text = spans(rng, made.text)
    else:
        text = json.dumps(trees(rng, json.loads(made.text)), ensure_ascii=False)
    command = rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    words = command_line(rng, made, command)
    if command == "train" and "--iterations" not in words and "--epochs" not in words:
        words += ["--iterations", "20"]
    files |= {"spec.yaml": text}
    if command == "check":
        files["answers.yaml"] = "z[1,1]: 0.5\na[1,1]: 0.6\nE: 1\n"
    if command == "grade":
        files["students/anna.yaml"] = "z[1,1]: 0.5\na[1,1]: 0.6\nE: 1\n"
    return Case("mutated spec", words, files | _old(rng, words))


ANSWERS = {
    ".yaml": lambda pairs: "".join(f"{a}: {b}\n" for a, b in pairs),
    ".json": lambda pairs: json.dumps(dict(pairs), ensure_ascii=False),
    ".csv": lambda pairs: "name,value\n" + "".join(f'"{a}",{b}\n' for a, b in pairs),
    ".txt": lambda pairs: "".join(f"{a} = {b}\n" for a, b in pairs),
    ".md": lambda pairs: "# work\n\n" + "".join(f"- ${a} = {b}$\n" for a, b in pairs),
    ".tex": lambda pairs: "\\begin{align*}\n" + "".join(f"{a} &= {b} \\\\\n" for a, b in pairs) + "\\end{align*}\n",
}
WORKED = {".txt": "terminal", ".md": "markdown", ".tex": "latex"}
"""Suffix of working to the form of a page that is working of the same kind."""
SCRAWL = (
    "0,5", "1.2e-3", "1.2·10^-3", "3/8", "0.5 ≈ 0.50", "= 0.5", "−1", "--1", "1/0", "nan", "inf", "1e999", "1e-999",
    "", "0.0.1", "½", "٣", "０.5", "x", "=", "≈", "(", ")", "·", "*", "/", "^", "**", "e^(", "exp(1000)", "ln(0)",
    "ln(-1)", "sqrt(-1)", "\\frac{1}{0}", "\\frac{", "{", "}", "$", "\\", "\\\\", "&", "&=", "10^400", "9^9^9^9",
    "0^-1", "[1,2]", "1 2 3", "\t", "\n", "\n\n", "\0", "\ufeff", "\x1b[31m", "'", '"', ",", ";", ":", ": ", "#",
    "?", "!", "@", "~", "null", "true", "[", "]", "[[", "- ", "0" * 300, "9" * 400, "(" * 60, "2^2^2^2^2^2", "σ(1)",
    "∂E/∂w", "e", "π", "%", "1 %", "1..2", "...", "…", "tanh(", "|x|", "max(0, 1)", "z[1,1]", "w1", "E", "+", "-",
    "−", "−(−1)", "0.1 + 0.2 = 0.3 = 0.4",
)  # fmt: skip


def _pairs(rng: random.Random, made: Specimen) -> list[tuple[str, str]]:
    """Names and values as a student might give them."""
    count = rng.choice([1, 3, 8, 20])
    return [
        (_name(rng, made), rng.choice([f"{rng.uniform(-1, 2):.4f}", "0", "1", rng.choice(SCRAWL)]))
        for _ in range(count)
    ]


def _answers(rng: random.Random, number: int, suffix: str, command: str) -> Files:
    """The true answers as the program writes them, or a student's, in the format of ``suffix``."""
    folder = "students/" if command == "grade" else ""
    stem = "anna" if command == "grade" else "answers"
    worked = suffix in WORKED and rng.random() < 0.6
    text = _page(number, WORKED[suffix]) if worked else ANSWERS[suffix](_truth(number) or _pairs(rng, _paper(number)))
    return {f"{folder}{stem}{suffix}": text or "E = 1\n"}


PAPERS = 300
"""So many specs are marked; their pages are made once."""
BY_HAND = 60
"""Weights times samples of what a student works by hand."""


@lru_cache(PAPERS)
def _paper(number: int) -> Specimen:
    """A spec that is marked: nine of ten are no longer than what a student works by hand."""
    made = specimens.specimen(random.Random(-number))
    numbers = "sizes" not in made.keys or "init" in made.keys
    by_hand = made.work <= BY_HAND or number % 10 == 0
    return made if numbers and by_hand else specimens.coarse(random.Random(-number))


@lru_cache(PAPERS * 4)
def _page(number: int, form: str) -> str:
    """The program's own page, or nothing if the spec has none; what goes wrong here is found by other cases."""
    from io import StringIO

    import backpropcalc

    made = _paper(number)
    out = StringIO()
    try:
        with tempfile.TemporaryDirectory() as folder:
            for name, text in made.files.items():
                (Path(folder) / name).write_text(text, encoding="utf-8")
            given = backpropcalc.loads(made.text, "spec.yaml", Path(folder)).override(exact=False)
            if made.sizes:
                given = given.override(iterations=1, view="scalar")
            backpropcalc.write(backpropcalc.page(given), out, form)
    except backpropcalc.InputError:
        return ""
    return out.getvalue()


def _truth(number: int) -> list[tuple[str, str]]:
    page = _page(number, "json")
    lines = json.loads(page)["lines"] if page else []
    return [(line["name"], str(line["value"])) for line in lines if not isinstance(line["value"], list)]


def mutated_answers(rng: random.Random) -> Case:
    """True answers, or a student's, in any format, with something wrong in them; sometimes bytes of any kind."""
    number = rng.randint(1, PAPERS)
    made = _paper(number)
    command = rng.choice(["check", "check", "check", "grade"])
    suffix = rng.choice(list(ANSWERS))
    ((name, text),) = _answers(rng, number, suffix, command).items()
    text = text[: rng.choice([500, 3000, 20_000])]
    for _ in range(rng.choice([1, 2, 5, 20])):
        start = rng.randint(0, len(text))
        end = min(len(text), start + rng.choice([0, 0, 1, 2, 5, 20]))
        piece = rng.choice([rng.choice(SCRAWL), rng.choice(PIECES), text[start:end] * 2, "", text[-40:]])
        text = text[:start] + piece + text[end:]
    words = command_line(rng, made, command, name)
    return Case("mutated answers", words, {"spec.yaml": made.text, **made.files, name: text} | _old(rng, words))


# Running them


def judge(given: Case) -> Failure | None:
    """Run it in a fork of this process; what is wrong with how it ended, or None."""
    with tempfile.TemporaryDirectory(prefix="fuzz-", dir=MEMORY) as folder:
        home, logs = _laid_out(given, Path(folder))
        child = os.fork()
        if child == 0:
            _limit()
            os._exit(_attempt(given.words, home, logs))
        _, status, used = os.wait4(child, 0)
        return _verdict(os.waitstatus_to_exitcode(status), used.ru_maxrss, given, home, logs)


def sound(cases: list[Case]) -> str:
    """Run them one after the other in one fork, which is much faster than a fork for each.

    The exit codes of those that ended well, up to the first that did not, or seemed not to.
    """
    with tempfile.TemporaryDirectory(prefix="fuzz-", dir=MEMORY) as folder:
        done = Path(folder) / "done"
        done.touch()
        child = os.fork()
        if child == 0:
            _limit()
            for n, given in enumerate(cases):
                (Path(folder) / str(n)).mkdir()
                home, logs = _laid_out(given, Path(folder) / str(n))
                code = _attempt(given.words, home, logs)
                if _verdict(code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, given, home, logs):
                    break
                with open(done, "a") as stream:
                    stream.write(str(code))
            os._exit(0)
        os.waitpid(child, 0)
        return done.read_text()


def _laid_out(given: Case, folder: Path) -> tuple[Path, Path]:
    """The folder where it runs, with its files, and one for what it says."""
    home, logs = folder / "home", folder / "logs"
    home.mkdir()
    logs.mkdir()
    for name, text in given.files.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8", errors="surrogateescape"))
    if "students" in given.words:
        (home / "students").mkdir(exist_ok=True)
    return home, logs


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (3_000_000_000, 3_000_000_000))
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000_000, 200_000_000))


def _attempt(words: Words, home: Path, logs: Path) -> int:
    """In a fork: the command, its output in files; its exit code. Too long, and the fork ends by a signal."""
    code = UNCAUGHT
    os.chdir(home)
    for descriptor, path in enumerate((os.devnull, logs / "out", logs / "err")):
        opened = os.open(path, os.O_RDONLY if descriptor == 0 else os.O_WRONLY | os.O_CREAT, 0o600)
        os.dup2(opened, descriptor)
        os.close(opened)
    sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0, closefd=False)), encoding="utf-8")
    sys.stdout, sys.stderr = (
        io.TextIOWrapper(io.BufferedWriter(io.FileIO(n, "w", closefd=False)), encoding="utf-8") for n in (1, 2)
    )
    with open(logs / "hang", "w") as trace:
        for number, timer, seconds in LIMITS:
            faulthandler.register(number, file=trace, chain=True)
            signal.setitimer(timer, seconds)
        try:
            from backpropcalc.cli import main

            main(list(words))
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        except BaseException:
            (logs / "trace").write_text(traceback.format_exc(), encoding="utf-8")
        sys.stdout.flush()
        sys.stderr.flush()
        for number, timer, _ in LIMITS:
            signal.setitimer(timer, 0)
            faulthandler.unregister(number)
    return code


def _verdict(code: int, memory: int, given: Case, home: Path, logs: Path) -> Failure | None:
    """What is wrong with an exit code (a signal if negative), a peak of ``memory`` in kB, and the files."""
    trace = logs / "trace"
    said = (logs / "err").read_text(encoding="utf-8", errors="replace")
    if trace.exists() or "Traceback" in said:
        text = trace.read_text(encoding="utf-8") if trace.exists() else said
        return Failure("traceback " + _place(text), text)
    if code < 0:
        hang = (logs / "hang").read_text()
        frames = re.findall(r'File ".*?backpropcalc/([\w/]+\.py)", line \d+ in (\w+)', hang)
        return Failure(f"ended by signal {-code} in {'.'.join(frames[0]) if frames else '?'}", hang)
    if code not in (0, 1, 2):
        return Failure(f"exit code {code}: " + re.sub(r"\d+", "#", said[:80]), said)
    if memory > MEGABYTES * 1000:
        return Failure("memory", f"{memory // 1000} MB")
    if code == 2 and not said.strip():
        return Failure("exit code 2 without a word", "")
    if (logs / "out").stat().st_size > 30_000_000:
        return Failure("more than 30 MB of output", "")
    if {c for c in said if (ord(c) < 32 and c not in "\n\t") or "\x7f" <= c < "\xa0"}:
        return Failure("control characters in an error", said)
    return _whole(given, code, home)


def _place(trace: str) -> str:
    """Where in the program it happened, and what."""
    frames = re.findall(r'File ".*?backpropcalc/([\w/]+\.py)", line \d+, in (\S+)', trace)
    lines = [line for line in trace.strip().splitlines() if line and not line.startswith((" ", "this is a mistake"))]
    last = lines[-1]
    where = ".".join(frames[-1]) if frames else "?"
    return f"{where}: {re.sub(r'[0-9]+', '#', last)[:60].partition('Var(')[0]}"


def _whole(given: Case, code: int, home: Path) -> Failure | None:
    """Nothing but what was asked for lies about; what failed left the old file as it was."""
    found = {str(path.relative_to(home)): path for path in home.rglob("*") if path.is_file()}
    for name, path in found.items():
        if name in given.files or name.partition("/")[0] in given.words:
            continue
        if path.name.startswith(".") or path.name not in given.words:
            return Failure("a file left behind", name)
    for name, path in found.items():
        if not name.startswith("out"):
            continue
        content = path.read_text(encoding="utf-8", errors="replace")
        if code == 2 and content != given.files.get(name, content):
            return Failure("an error, and the old file is gone", name)
        if code == 2 and name not in given.files:
            return Failure("an error, and a file all the same", name)
        if code == 0 and name.endswith(".json") and content != OLD:
            try:
                json.loads(content)
            except ValueError as error:
                return Failure("JSON that is none", f"{name}: {error}")
    return None


# Making a case smaller


def smaller(given: Case, group: str, budget: int = 120) -> Case:
    """The same failure with fewer options and keys."""
    best = given
    again = True
    while again and budget > 0:
        again = False
        for candidate in _candidates(best):
            budget -= 1
            if budget <= 0:
                break
            found = judge(candidate)
            if found is not None and found.group == group:
                best, again = candidate, True
                break
    return best


def _candidates(given: Case) -> Iterator[Case]:
    words = given.words
    fixed = 3 if words[0] in NEEDS else 2
    for n in range(fixed, len(words)):
        yield given._replace(words=words[:n] + words[n + 1 :])
        if n + 1 < len(words):
            yield given._replace(words=words[:n] + words[n + 2 :])
    text = given.files["spec.yaml"]
    try:
        keys = json.loads(text)
    except ValueError:
        keys = {}
    for key in list(keys) if isinstance(keys, dict) else ():
        less = {name: value for name, value in keys.items() if name != key}
        yield given._replace(files=given.files | {"spec.yaml": json.dumps(less, ensure_ascii=False)})
    for name, content in given.files.items():
        lines = content.splitlines(keepends=True)
        if len(lines) > 1 and name.startswith(("spec", "answers", "students/")):
            for n in range(0, len(lines), max(1, len(lines) // 8)):
                less = "".join(lines[:n] + lines[n + max(1, len(lines) // 8) :])
                yield given._replace(files=given.files | {name: less})


# The hunt


def load_everything() -> None:
    """Import once what the forks would import each for itself."""
    import gc
    import pkgutil
    from importlib import import_module

    import backpropcalc

    for module in pkgutil.walk_packages(backpropcalc.__path__, "backpropcalc."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    for name in (
        "numpy",
        "sympy",
        "rich.cells",
        "rich.progress",
        "rich.table",
        "yaml",
        "typer",
        "decimal",
        "fractions",
    ):
        import_module(name)
    import sympy

    sympy.diff(sympy.tanh(sympy.Symbol("x")))
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)  # a fork lives for a hundred cases, and most of what they leave is no cycle


class Hunt:
    """Judges cases from number ``first`` on; ``found`` is each group of failure with how many there are, the number of
    the smallest, and itself; ``ended`` counts kinds of cases with their exit codes."""

    def __init__(self, first: int, log: Callable[[str], None]) -> None:
        self.first, self.number, self.log = first, first, log
        self.found: dict[str, tuple[int, int, Failure]] = {}
        self.ended = Counter[tuple[str, str]]()
        self.begun = time.monotonic()

    def run(self, cases: int, seconds: float) -> None:
        """So many, unless it takes longer."""
        load_everything()
        last = self.first + cases
        while self.number < last and time.monotonic() - self.begun < seconds:
            batch = [case(n) for n in range(self.number, min(self.number + BATCH, last))]
            codes = sound(batch)
            self.ended.update(zip((given.kind for given in batch), codes, strict=False))
            before, self.number = self.number, self.number + len(codes)
            if len(codes) < len(batch):
                self.alone(batch[len(codes)])
            if before // REPORT != self.number // REPORT:
                self.report()
        self.report()

    def alone(self, given: Case) -> None:
        """Judge the case that is next in a fork of its own."""
        failure = judge(given)
        self.ended[given.kind, "alone" if failure is None else "failed"] += 1
        if failure:
            count, example, _ = self.found.get(failure.group, (0, self.number, failure))
            if count == 0:
                self.log(f"case {self.number}: {failure.group}")
            best = self.number if given.size < case(example).size else example
            self.found[failure.group] = (count + 1, best, failure)
        self.number += 1

    def report(self) -> None:
        """Say how far it is."""
        took, done = time.monotonic() - self.begun, self.number - self.first
        kinds = Counter[str]()
        for (kind, code), count in sorted(self.ended.items()):
            kinds[kind] += count
            kinds[f"{kind} ended {code}"] += count
        listed = ", ".join(f"{count:,} {kind}" for kind, count in sorted(kinds.items()))
        speed = f"{took:.0f} s, {time.process_time() + sum(os.times()[2:4]):.0f} s of the processor"
        failed = sum(count for count, _, _ in self.found.values())
        self.log(f"{done:,} cases, the first of them {self.first}, in {speed}: {failed} failures; {listed}")


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0, help="the number of the first case")
    parser.add_argument("--seconds", type=float, default=1e9, help="stop after so long")
    parser.add_argument("--case", type=int, help="show one case and how it ends")
    parser.add_argument("--shrink", action="store_true", help="make each failing case small before showing it")
    given = parser.parse_args()
    if given.case is not None:
        load_everything()
        one = case(given.case)
        failure = judge(one)
        if failure and given.shrink:
            one = smaller(one, failure.group)
        print(_shown(one), failure.detail if failure else "no failure", sep="\n")
        return int(failure is not None)
    hunt = Hunt(given.seed, lambda text: print(text, flush=True))
    hunt.run(given.cases, given.seconds)
    found = hunt.found
    for group, (count, example, failure) in sorted(found.items(), key=lambda item: -item[1][0]):
        one = smaller(case(example), group) if given.shrink else case(example)
        print(f"\n== {count} × {group}\ncase {example}: {_shown(one)}\n{failure.detail[-1500:]}")
    return int(bool(found))


def _shown(given: Case) -> str:
    files = "\n".join(f"--- {name}\n{text[:1500]}" for name, text in given.files.items() if text != OLD)
    return f"[{given.kind}] backpropcalc {' '.join(map(repr, given.words))}\n{files}"


if __name__ == "__main__":
    sys.exit(main())
