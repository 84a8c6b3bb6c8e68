"""Papers as the systems of schools hand them out, whose they are, and copies."""

from __future__ import annotations

import random
import zipfile
from pathlib import Path

import pytest

from backpropcalc.errors import InputError
from backpropcalc.marking.course.copies import alike
from backpropcalc.marking.course.roster import Student, assigned, roster
from backpropcalc.marking.course.submissions import Submission, opened, submissions

ANSWER = "net_h1: 0.3775\n"


def folder(root: Path, *files: str) -> Path:
    """A folder with an answer in each of ``files``."""
    for file in files:
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(ANSWER)
    return root


def test_a_folder_per_student_as_moodle_makes_it(tmp_path: Path) -> None:
    """The name and the participant's number come from the folder, whatever the file is called."""
    root = folder(tmp_path, "Ben Müller_123456_assignsubmission_file/hw.txt", "Ada L_77_assignsubmission_file_/x.yaml")
    found = {s.student: s.number for s in submissions(root)}

    assert {"Ben Müller": "123456", "Ada L": "77"} == found


def test_files_without_folders_as_moodle_makes_them(tmp_path: Path) -> None:
    """Without folders Moodle writes name and number before the file's own name."""
    root = folder(tmp_path, "Ben Müller_123456_assignsubmission_file_homework 3.txt")

    assert [("Ben Müller", "123456")] == [(s.student, s.number) for s in submissions(root)]


def test_files_as_canvas_names_them(tmp_path: Path) -> None:
    """The sortable name in a word, LATE if it was, the user's number."""
    root = folder(tmp_path, "mullerben_12345_678901_homework.txt", "lovelaceada_LATE_99_678902_my_hw_2.txt")
    found = {(s.student, s.number, s.late) for s in submissions(root)}

    assert {("mullerben", "12345", False), ("lovelaceada", "99", True)} == found


def test_folders_as_gradescope_exports_them(tmp_path: Path) -> None:
    """Names, numbers and addresses come from the list beside the folders."""
    root = folder(tmp_path, "assignment_1_export/submission_11/hw.txt", "assignment_1_export/submission_12/hw.txt")
    (root / "assignment_1_export" / "submission_metadata.yml").write_text(
        "submission_11:\n  :submitters:\n  - :name: Ben Müller\n    :sid: '12345'\n    :email: ben@x.edu\n"
        "submission_12:\n  :submitters: []\n"
    )
    found = {(s.student, s.number, s.email) for s in submissions(root)}

    assert {("Ben Müller", "12345", "ben@x.edu"), ("submission_12", "12", "")} == found


def test_plain_names_stay_as_they_are(tmp_path: Path) -> None:
    """A file called after the student, digits and all, is not taken for one of Canvas."""
    root = folder(tmp_path, "anna.yaml", "ben_2.txt", "group_1_2.txt", "carla/answers.csv")

    assert {"anna", "ben_2", "group_1_2", "carla"} == {s.student for s in submissions(root)}


def test_several_files_of_one_student_are_told_apart(tmp_path: Path) -> None:
    """Each has its own row and its own report."""
    root = folder(tmp_path, "Ben M_5_assignsubmission_file/a.txt", "Ben M_5_assignsubmission_file/b.txt")
    found = submissions(root, reports="out")

    assert ["Ben M (a.txt)", "Ben M (b.txt)"] == [s.student for s in found]
    assert 2 == len({s.report for s in found})


def test_a_zip_is_read_as_the_folder_that_it_holds(tmp_path: Path) -> None:
    """Members that would climb out of the folder are unpacked inside it."""
    path = tmp_path / "class.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mullerben_12345_678901_homework.txt", ANSWER)
        archive.writestr("../../climbing.txt", ANSWER)
        archive.writestr("__MACOSX/._x.txt", "junk")
    with opened(path) as root:
        names = {s.student for s in submissions(root)}
        outside = [p for p in tmp_path.iterdir() if p != path]

    assert {"mullerben", "climbing"} == names
    assert [] == outside
    assert not root.exists()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"not a zip"])
def test_a_broken_zip_is_an_error_with_its_name(tmp_path: Path, content: bytes) -> None:
    """Never a traceback."""
    path = tmp_path / "class.zip"
    path.write_bytes(content)

    with pytest.raises(InputError, match=r"class\.zip"), opened(path):
        pass


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    """What the list of contents promises is enough."""
    path = tmp_path / "class.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for n in range(6):
            archive.writestr(f"{n}.txt", b"0" * 100_000_000)

    with pytest.raises(InputError, match="holds more than"), opened(path):
        pass


@pytest.mark.parametrize(
    "text",
    [
        "name,id,e-mail\nBen Müller,12345,ben@x.edu\nAda Lovelace,99,ada@x.edu\n",
        "\ufeffID;First name;Surname;Email address\n12345;Ben;Müller;ben@x.edu\n99;Ada;Lovelace;ada@x.edu\n",
        "Identifier,Full name,Email address,Grade\n"
        'Participant 12345,Ben Müller,ben@x.edu,\nParticipant 99,"Ada Lovelace",ada@x.edu,\n',
    ],
)
def test_a_roster_in_any_order_of_columns(tmp_path: Path, text: str) -> None:
    """Plain, with semicolons and parted names, and Moodle's own grading worksheet."""
    path = tmp_path / "class.csv"
    path.write_text(text, encoding="utf-8")
    expected = [Student("Ben Müller", "12345", "ben@x.edu"), Student("Ada Lovelace", "99", "ada@x.edu")]

    assert expected == roster(str(path))


def test_a_roster_without_names_is_an_error(tmp_path: Path) -> None:
    """It says what the first line must hold."""
    path = tmp_path / "class.csv"
    path.write_text("a,b\n1,2\n")

    with pytest.raises(InputError, match="no column of names"):
        roster(str(path))


@pytest.mark.parametrize(
    "paper",
    [
        Submission("p", "someone", number="12345"),
        Submission("p", "someone", email="BEN@x.edu"),
        Submission("p", "mullerben"),
        Submission("p", "müller ben"),
        Submission("p", "Ben Müller (hw.txt)"),
        Submission("p", "ben"),
    ],
)
def test_whose_a_paper_is(paper: Submission) -> None:
    """By number, by address, by the name in any spelling and order."""
    students = [Student("Ada Lovelace", "99", "ada@x.edu"), Student("Ben Müller", "12345", "ben@x.edu")]

    assert {paper: students[1]} == assigned(students, [paper])


def test_a_name_that_two_students_have_is_nobodys() -> None:
    """Better unassigned than somebody else's."""
    students = [Student("Ben Müller", "1"), Student("Müller Ben", "2")]

    assert {} == assigned(students, [Submission("p", "Ben Müller")])


def test_copies_are_found_and_independent_papers_are_not() -> None:
    """Two of sixty share five wrong numbers; a misconception that twenty share makes nobody a copyist."""
    rng = random.Random(3)
    papers = [
        {f"q{q}": f"{rng.random():.4f}" for q in rng.sample(range(40), 4)} | ({"q99": "1.5"} if n % 3 == 0 else {})
        for n in range(60)
    ]
    papers[7] = {**papers[7], **{f"q{q}": f"0.12{q}" for q in range(5)}}
    papers[31] = {**papers[31], **{f"q{q}": f"0.12{q}" for q in range(5)}}
    found = alike(papers)

    assert [(7, 31)] == [(first, second) for first, second, _ in found]
    assert {f"q{q}" for q in range(5)} == set(found[0][2])


def test_no_copies_in_a_hundred_random_classes() -> None:
    """Wrong numbers that come out of a few common slips are shared by chance and say nothing."""
    rng = random.Random(5)
    accused = 0
    for _ in range(100):
        slips = [f"{rng.random():.3f}" for _ in range(3)]
        papers = [{f"q{q}": rng.choice(slips) for q in rng.sample(range(40), rng.randint(0, 5))} for _ in range(40)]
        accused += len(alike(papers))

    assert accused <= 2
