"""The forms of an exam, each a spec of its own in one folder, and which of them a paper answers."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from backpropcalc.errors import InputError, fail, printable
from backpropcalc.marking.read.decoding import document
from backpropcalc.spec.reading import read_text

from .roster import Student, assigned
from .submissions import Submission

LIST = "forms.csv"
"""Beside the specs: which form each student has."""
HEADINGS = ("form", "digest", "name", "id", "e-mail")
_DIGEST = re.compile(r"\b[0-9a-f]{8}\b")
_LETTER = re.compile(r"\b(?:form|version|variant|gruppe|group)[\s:=#*\"'_.-]{0,6}([A-Z]{1,2})\b", re.IGNORECASE)


class ExamForm(NamedTuple):
    """A form: its letter, the digest of its numbers, the text of its spec."""

    letter: str
    digest: str
    text: str
    path: str


def digest(text: str) -> str:
    """Eight letters that tell the spec of a form from any other; comments do not count."""
    lines = (line.rstrip() for line in text.splitlines() if not line.startswith("#"))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:8]


def titled(title: str, letter: str) -> str:
    """The title of a form."""
    return f"{title} (form {letter})" if title else f"Form {letter}"


def common(title: str) -> str:
    """The title that all forms have, from that of one of them."""
    return re.sub(r" \(form [A-Z]{1,2}\)$|^Form [A-Z]{1,2}$", "", title)


def forms(folder: str | Path | None) -> dict[str, ExamForm]:
    """The forms in a folder by their letters, which are the names of the files; none without a folder.

    Raises ``InputError`` if there are none, or if a file cannot be read.
    """
    if folder is None:
        return {}
    root = Path(folder)
    paths = sorted(root.glob("*.yaml")) if root.is_dir() else []
    found = {}
    for path in paths:
        text = read_text(path)
        found[path.stem.upper()] = ExamForm(path.stem.upper(), digest(text), text, str(path))
    if not found:
        help = "`backpropcalc exam SPEC --forms A-D --specs DIR` writes them"
        raise fail("no-forms", f"there are no forms (A.yaml, B.yaml …) in {printable(str(folder))}", help)
    return found


def handed_out(folder: str | Path | None) -> dict[str, list[Student]]:
    """Which students have each form, as the list beside the specs says; empty without one."""
    path = Path(folder or "", LIST)
    if folder is None or not path.is_file():
        return {}
    found: dict[str, list[Student]] = {}
    for row in csv.DictReader(io.StringIO(read_text(path))):
        if row.get("form") and row.get("name"):
            student = Student(row["name"], row.get("id") or "", row.get("e-mail") or "")
            found.setdefault(row["form"].upper(), []).append(student)
    return found


def listing(rows: Iterable[tuple[str, str, Student | None]]) -> str:
    """The list that goes beside the specs: the form, its digest, and who has it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADINGS)
    writer.writerows((form, digest, *(who or Student(""))) for form, digest, who in rows)
    return out.getvalue()


def matched(
    files: Sequence[Submission], forms: Mapping[str, ExamForm], students: Mapping[str, Sequence[Student]]
) -> list[Submission]:
    """The papers, each with its form: by the digest or the letter on it, in its name, or as its student was handed it.

    Of a paper that tells none the form stays empty, and of all if there are no forms.
    """
    if not forms:
        return list(files)
    everyone = {student: form for form, some in students.items() for student in some}
    owners = assigned(list(everyone), files)
    by_digest = {form.digest: form.letter for form in forms.values()}

    def form_of(file: Submission) -> str:
        owner = owners.get(file)
        form = _on_paper(file, forms, by_digest) or (everyone[owner] if owner is not None else "")
        return form if form in forms else ""

    return [replace(file, form=form_of(file)) for file in files]


def _on_paper(file: Submission, forms: Mapping[str, ExamForm], by_digest: Mapping[str, str]) -> str:
    """The form that a paper names, in its text or else in the name of its file."""
    try:
        text = document(file.path).text
    except InputError:  # what cannot be read is told where it is marked
        text = ""
    digests = {by_digest[word] for word in _DIGEST.findall(text) if word in by_digest}
    if len(digests) == 1:
        return digests.pop()
    for where in (text, Path(file.path).stem.replace("_", " "), file.student.replace("_", " ")):
        letters: set[str] = {letter.upper() for letter in _LETTER.findall(where)} & forms.keys()
        if len(letters) == 1:
            return letters.pop()
    return ""
