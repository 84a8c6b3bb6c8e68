"""``backpropcalc exam``."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from backpropcalc.pages import FORMS as PAGES

from .banks import WRITTEN, write_banks
from .options import Changes, Group, SpecFile, Target, option, options, spec_keys, target, write

if TYPE_CHECKING:
    from backpropcalc.exam.forms import Form
    from backpropcalc.exam.sheet import ExamPaper
    from backpropcalc.marking.course.roster import Student
    from backpropcalc.spec.model import Spec

FORMS, OTHER = "Forms", "Another kind of exam"
LETTER = "{form}"
"""Stands in the name of a file for the letter of the form: then each form has a file of its own."""

Ask = Annotated[
    list[str] | None,
    typer.Option(
        "--ask", metavar="NAME", help="Ask for this quantity or phase (repeatable); else as the spec says, or a choice."
    ),
]
KeyFile = Annotated[
    str | None,
    typer.Option("--key", metavar="FILE", help="Also write the key, each line worked out, in the form of its suffix."),
]
Picture = Annotated[
    bool, typer.Option("--picture", help="In LaTeX and PDF too: the picture of the network, in its names (needs TikZ).")
]


class Wanted(NamedTuple):
    """Which forms there are to be, and where their specs go."""

    forms: str | None
    seed: int | None
    roster: str | None
    specs: str | None
    blanks: float | None
    mistakes: int | None
    choices: int | None
    nice: bool
    latex_class: str | None

    @property
    def several(self) -> bool:
        """Whether there are forms at all."""
        return self.forms is not None or self.roster is not None


WANTED = Group(
    (
        option(
            "forms", str, "Forms with numbers of their own: A-D, A,C or how many; see vary in the spec.",
            metavar="FORMS", rich_help_panel=FORMS,
        ),
        option("seed", int, "The seed of their numbers; 0 unless given.", metavar="N", rich_help_panel=FORMS),
        option(
            "roster", str, "The class (name, id, e-mail): a sheet with the name for each, a form for each.",
            metavar="CSV", rich_help_panel=FORMS,
        ),
        option(
            "specs", str, "Write the spec of each form into this folder: check and grade --forms mark by it.",
            metavar="DIR", rich_help_panel=FORMS,
        ),
        option(
            "blanks", float, "Instead of questions: the calculation, this share of it left out, as 0.4.",
            metavar="SHARE", rich_help_panel=OTHER,
        ),
        option(
            "mistakes", int, "Instead of questions: the calculation with so many mistakes in it, to be found.",
            metavar="N", rich_help_panel=OTHER,
        ),
        option(
            "choices", int, "Instead of blanks: so many numbers to choose from, wrong ones of misconceptions.",
            metavar="N", rich_help_panel=OTHER,
        ),
        option(
            "nice", bool, "Forms with numbers that are easy to work with: short sums, few decimals.",
            rich_help_panel=FORMS,
        ),
        option(
            "latex_class", str, "The class of a .tex file: article, or exam, with the key as its solutions.", "--class",
            metavar="article|exam", rich_help_panel="Output",
        ),
    ),
    Wanted,
)  # fmt: skip


@options(keys=spec_keys("exam"), wanted=WANTED, banks=WRITTEN, target=target(*PAGES))
def exam(
    spec: SpecFile,
    target: Target,
    keys: Changes,
    wanted: Wanted,
    banks: Mapping[str, str],
    ask: Ask = None,
    key: KeyFile = None,
    picture: Picture = False,
) -> None:
    """Write an exam: a sheet with blanks and room to work, and its key; in forms if you like.

    The sheet has what is given, each question with its points and a blank; --show says whether formulas stand there,
    the names alone, or nothing. The spec's ask says what is asked, points what it counts, precision how finely.

    Each form has numbers of its own, drawn on the grid that the spec's vary says until no misconception gives the
    right number; its key says which slips the numbers tell apart. The same seed gives the same forms everywhere. With
    {form} in a file's name each form is a file, otherwise all are in one.

    Example: backpropcalc exam net.yaml --forms A-D --seed 7 -o exam.pdf --key key.pdf --specs forms/
    """
    from backpropcalc.exam.exercises import Exercise
    from backpropcalc.exam.questions import asked
    from backpropcalc.exam.sheet import QuestionSheet
    from backpropcalc.spec.load import load

    loaded = load(spec).override(**keys)
    words = tuple(ask or ())
    target = target._replace(drawn=picture)
    other = beside(target, key)
    _possible(wanted, target)
    exercise = Exercise(wanted.blanks, wanted.mistakes, wanted.choices, wanted.seed or 0)
    if not wanted.several:
        questions = asked(loaded, words)
        _write_banks(banks, [(QuestionSheet(questions), loaded.source)])
        sheet, answers = exercise.papers(questions)
        hand_out(wanted, target, other, {"": [sheet]}, {"": [answers]})
        return
    forms = _forms(loaded, words, keys, wanted)
    _write_banks(banks, [(QuestionSheet(form.questions, form.stamp), form.file) for form in forms.made])
    if wanted.specs is not None:
        _write_specs(wanted.specs, forms)
    made = {form.stamp.letter: exercise.papers(form.questions, form.stamp, form.remarks) for form in forms.made}
    sheets = {letter: list(_sheets(sheet, forms.having[letter])) for letter, (sheet, _) in made.items()}
    hand_out(wanted, target, other, sheets, {letter: [answers] for letter, (_, answers) in made.items()})
    print(_told(forms.made), file=sys.stderr)


class Forms(NamedTuple):
    """The forms, and by their letters the students who have each."""

    made: Sequence[Form]
    having: Mapping[str, Sequence[Student]]


def _forms(spec: Spec, words: Sequence[str], keys: Changes, wanted: Wanted) -> Forms:
    from backpropcalc.exam.forms import Drawing, letters
    from backpropcalc.marking.course.roster import roster

    students = roster(wanted.roster) if wanted.roster else []
    drawing = Drawing(spec, words, {name: _yaml(value) for name, value in keys.items()}, wanted.seed or 0, wanted.nice)
    made = list(drawing.forms(letters(wanted.forms or str(len(students)))))
    return Forms(made, {form.stamp.letter: students[n :: len(made)] for n, form in enumerate(made)})


def _write_banks(wanted: Mapping[str, str], papers: Sequence[tuple[ExamPaper, str]]) -> None:
    """The questions of each paper, and its spec, for the systems that are wanted."""
    if wanted:
        from backpropcalc.exam.bank import form

        write_banks(wanted, [form(paper, text) for paper, text in papers])


Papers = Mapping[str, Sequence["ExamPaper"]]
"""The papers of each form."""


def hand_out(wanted: Wanted, target: Target, other: Target | None, sheets: Papers, keys: Papers) -> None:
    """Write sheets and keys: those of a form into a file of its own if the name has its letter, else all into one."""
    for to, papers in ((target, sheets), (other, keys)):
        if to is None:
            continue
        if to.file is None or LETTER not in to.file:
            _hand_out(wanted, to, list(papers), sheets, keys, papers is keys)
            continue
        for letter in papers:
            named = to._replace(file=to.file.replace(LETTER, letter))
            _hand_out(wanted, named, [letter], sheets, keys, papers is keys)


def _hand_out(wanted: Wanted, to: Target, letters: Sequence[str], sheets: Papers, keys: Papers, answers: bool) -> None:
    """Write the papers of some forms into one file: the keys, if they are the ``answers``, or the sheets."""
    from backpropcalc import render
    from backpropcalc.exam import examclass, sheet

    if wanted.latex_class == "exam" and to.form == "latex":
        pairs = [(one, keys[letter][0]) for letter in letters for one in sheets[letter][: 1 if answers else None]]
        both = [one for one, _ in pairs], [key for _, key in pairs]
        to.write(lambda out: examclass.write(*both, out, answers, to.drawn))
        return
    some = [paper for letter in letters for paper in (keys if answers else sheets)[letter]]
    to.write(lambda out: render.write(sheet.Papers(some), out, to.form, **to.looks()))


def beside(sheet: Target, file: str | None) -> Target | None:
    """Where the key goes, if it goes anywhere. Raises ``InputError`` if it would take the place of the sheet."""
    from os.path import realpath

    from backpropcalc.errors import fail

    if file is None:
        return None
    made: Target = target(*PAGES).made(file, sheet.ascii, picture=sheet.drawn, **dict.fromkeys(PAGES, False))
    if sheet.file is not None and made.file is not None and realpath(sheet.file) == realpath(made.file):
        raise fail("usage", "the sheet and the key cannot be the same file")
    return made


def _possible(wanted: Wanted, target: Target) -> None:
    """Raises ``InputError`` for options that cannot be."""
    from backpropcalc.errors import fail

    if wanted.latex_class not in (None, "article", "exam"):
        from backpropcalc.errors import one_of, printable

        said = f"--class cannot be {printable(wanted.latex_class)!r}"
        raise fail("usage", said, one_of(wanted.latex_class, ("article", "exam")))
    if wanted.latex_class == "exam" and target.form != "latex":
        raise fail("usage", "--class exam goes with --latex or -o FILE.tex")
    if wanted.nice and not wanted.several:
        raise fail("usage", "--nice goes with --forms or --roster", "as in --forms A-D --nice")
    if wanted.specs is not None and not wanted.several:
        raise fail("usage", "--specs goes with --forms or --roster", "as in --forms A-D --seed 7")
    kinds = [name for name in ("blanks", "mistakes", "choices") if getattr(wanted, name) is not None]
    if wanted.seed is not None and not wanted.several and not kinds:
        said = "--seed goes with --forms, --roster, --blanks, --mistakes or --choices"
        raise fail("usage", said, "as in --forms A-D --seed 7")
    if len(kinds) > 1:
        raise fail("usage", f"--{kinds[0]} and --{kinds[1]} exclude each other")
    if wanted.choices is not None and not 2 <= wanted.choices <= 8:
        raise fail("usage", f"--choices takes 2 to 8 numbers to choose from, not {wanted.choices}")
    if wanted.blanks is not None and not 0 < wanted.blanks <= 1:
        raise fail("usage", f"--blanks takes a share from 0 to 1, not {wanted.blanks:g}", "as in --blanks 0.4")
    if wanted.mistakes is not None and not 1 <= wanted.mistakes <= 20:
        raise fail("usage", f"--mistakes takes 1 to 20 mistakes, not {wanted.mistakes}")
    if LETTER in (target.file or "") and not wanted.several:
        raise fail("usage", f"{LETTER} in a file's name goes with --forms or --roster")


def _sheets(sheet: ExamPaper, students: Sequence[Student]) -> Iterator[ExamPaper]:
    """The sheet of a form, or one for each student who has it."""
    from dataclasses import replace

    from backpropcalc.errors import printable

    for name in [printable(student.name) for student in students] or [""]:
        yield replace(sheet, student=name)


def _write_specs(folder: str, forms: Forms) -> None:
    """The spec of each form, and the list of who has which."""
    from os.path import join

    from backpropcalc.files import make_folder
    from backpropcalc.marking.course.forms import LIST, listing

    make_folder(folder)
    texts = {f"{form.stamp.letter}.yaml": form.file for form in forms.made}
    rows = [(form.stamp, who) for form in forms.made for who in (forms.having[form.stamp.letter] or (None,))]
    texts[LIST] = listing((stamp.letter, stamp.digest, who) for stamp, who in rows)
    for name, text in texts.items():
        write(join(folder, name), _writer(text))


def _writer(text: str) -> Any:
    return lambda out: out.write(text)


def _yaml(value: object) -> str:
    """The value of a flag as a spec has it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _told(forms: Sequence[Form]) -> str:
    """How many draws it took, and why the others were rejected."""
    from collections import Counter

    from backpropcalc.errors import count

    rejected: Counter[str] = sum((form.rejected for form in forms), Counter())
    said = f"{count(len(forms), 'form')}, {count(rejected.total(), 'draw')} rejected"
    reasons = "".join(f"\n  {times:>5}  {reason}" for reason, times in rejected.most_common())
    return said + (":" + reasons if reasons else "")
