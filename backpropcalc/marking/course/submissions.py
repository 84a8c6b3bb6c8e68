"""Where the papers of a class come from: a plain folder, or what Moodle, Canvas or Gradescope hand out; also as a zip.

The names are those that the systems give today:

- Moodle, "Download all submissions": a folder ``Name_123456_assignsubmission_file`` for each student, or, without
  folders, files ``Name_123456_assignsubmission_file_homework.txt``; the number is that of the participant.
- Canvas, "Download submissions": files ``mullerben_LATE_12345_678901_homework.txt``: the sortable name in one word, the
  number of the user, that of the submission, the student's own file name.
- Gradescope, "Export submissions": folders ``submission_123456`` beside ``submission_metadata.yml``.
"""

from __future__ import annotations

import os
import re
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from backpropcalc.errors import InputError, fail, printable
from backpropcalc.marking.read.decoding import SUFFIXES
from backpropcalc.spec.reading import Node, parse, read_text

MOST_FILES = 5_000
MOST_BYTES = 500_000_000
"""What a zip may hold when it is unpacked."""
METADATA = "submission_metadata.yml"
_MOODLE = re.compile(r"(?P<name>.+?)_(?P<number>\d+)_assignsubmission_(?:file|onlinetext)(?:_(?P<file>.*))?")
_CANVAS = re.compile(r"(?P<name>[^_]+)(?P<late>_LATE)?_(?P<number>\d+)_\d+_(?P<file>.+)", re.IGNORECASE)
_GRADESCOPE = re.compile(r"submission_(?P<number>\d+)")


@dataclass(frozen=True)
class Submission:
    """An answer file and the student whose it is; ``report`` is where the report goes (empty: nowhere).

    ``number`` and ``email`` are what the system that handed the file out knows the student by, if it says so.
    """

    path: str
    student: str
    report: str = ""
    number: str = ""
    email: str = ""
    late: bool = False
    form: str = ""
    """The letter of the form that it answers, where there are forms."""

    @property
    def file(self) -> str:
        """The name of the file."""
        return printable(os.path.basename(self.path))


@contextmanager
def opened(folder: str | Path) -> Iterator[Path]:
    """The folder itself, or, of a zip, one with its files for as long as the block lasts.

    Raises ``InputError`` if it cannot be read or would grow beyond all measure.
    """
    path = Path(folder)
    if not path.is_file() or path.suffix.lower() != ".zip":
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="backpropcalc-") as inside:
        _unpack(path, inside)
        yield Path(inside)


def _unpack(path: Path, inside: str) -> None:
    name = printable(str(path))
    try:
        with zipfile.ZipFile(path) as archive:
            files = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(files) > MOST_FILES or sum(entry.file_size for entry in files) > MOST_BYTES:
                raise fail("too-large", f"{name} holds more than {MOST_FILES:,} files or {MOST_BYTES // 10**6} MB")
            for entry in files:
                archive.extract(entry, inside)  # it drops "..", drives and absolute paths by itself
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError) as error:
        raise fail("unreadable-file", f"cannot unpack {name}: {printable(str(error), 100)}") from None


def submissions(
    folder: str | Path, leave_out: Iterable[str | None] = (), reports: str = "", suffix: str = ".md"
) -> list[Submission]:
    """The answer files of a folder and of the folders in it, in the order of their names.

    Hidden files and ``leave_out`` are none. Raises ``InputError`` if it is no folder, or if nothing is in it.
    """
    known = {os.path.realpath(path) for path in leave_out if path and path != "-"}
    root = _only_folder_in(Path(folder))
    people = _people(root)
    handed_in = [
        _submission(path, root, people)
        for path in _files(root, printable(str(folder)))
        if os.path.realpath(path) not in known and path.name != METADATA
    ]
    if not handed_in:
        name = printable(str(folder))
        raise fail("empty-folder", f"there are no answer files in {name}", f"a file per student: {' '.join(SUFFIXES)}")
    return list(_told_apart(handed_in, reports, suffix))


def _only_folder_in(root: Path) -> Path:
    """The folder that a zip of a folder holds, where there is nothing beside it; Gradescope's export is so."""
    try:
        inside = [entry for entry in root.iterdir() if not entry.name.startswith((".", "__MACOSX"))]
    except OSError:
        return root
    lone = len(inside) == 1 and inside[0].is_dir() and (inside[0] / METADATA).exists()
    return inside[0] if lone else root


def _files(root: Path, name: str) -> Iterator[Path]:
    """The files of a folder, then those of the folders in it."""
    try:
        entries = sorted(root.iterdir(), key=lambda entry: entry.name)
    except OSError as error:
        raise fail("unreadable-folder", f"cannot read the folder {name}: {error.strerror}") from None
    for entry in entries:
        if entry.name.startswith((".", "__MACOSX")):
            continue
        if entry.is_file():
            yield entry
        elif entry.is_dir():
            yield from (path for path in sorted(entry.rglob("*")) if path.is_file() and path.name[0] != ".")


def _submission(path: Path, root: Path, people: Mapping[str, Submission]) -> Submission:
    """Whose a file is, by the names of the folder it lies in and of the file."""
    folder = path.relative_to(root).parts[0] if path.parent != root else ""
    if folder in people:
        return replace(people[folder], path=str(path))
    if match := _MOODLE.fullmatch(folder or path.stem):
        return Submission(str(path), match["name"].strip(), number=match["number"])
    if not folder and (match := _CANVAS.fullmatch(path.name)):
        return Submission(str(path), match["name"], number=match["number"], late=match["late"] is not None)
    if match := _GRADESCOPE.fullmatch(folder):
        return Submission(str(path), folder, number=match["number"])
    return Submission(str(path), folder or path.stem)


def _people(root: Path) -> dict[str, Submission]:
    """Who handed in which folder, as Gradescope's list says; empty without one."""
    path = root / METADATA
    if not path.is_file():
        return {}
    try:
        tree = parse(read_text(path), path.name)
    except InputError:  # the folders' own names must do
        return {}
    people = {}
    for key, value in tree.pairs() if tree.kind == "mapping" else ():
        submitter = next(iter(_entry(value, "submitters") or ()), None)
        if submitter is not None:
            name, number, email = (_text(_entry(submitter, word)) for word in ("name", "sid", "email"))
            people[key.text] = Submission("", printable(name or key.text, 80), number=number, email=email)
    return people


def _entry(node: Node, word: str) -> Node | None:
    """The value of a key that is written as Ruby writes a symbol, with a colon before it, or plainly."""
    pairs = node.pairs() if node.kind == "mapping" else iter(())
    return next((value for key, value in pairs if key.text.lstrip(":") == word), None)


def _text(node: Node | None) -> str:
    return "" if node is None else node.text


def _told_apart(handed_in: list[Submission], reports: str, suffix: str) -> Iterator[Submission]:
    """Each with a name of its own, the file's added where a student handed in several, and the name of its report."""
    times = Counter(submission.student.casefold() for submission in handed_in)
    for submission in handed_in:
        student, file = submission.student, os.path.basename(submission.path)
        if times[student.casefold()] > 1:
            student = file if os.path.splitext(file)[0] == student else f"{student} ({file})"
        name = student.replace("/", "_").replace(os.sep, "_").replace("\0", "_")
        report = os.path.join(reports, name + suffix) if reports else ""
        yield replace(submission, student=student, report=report)
