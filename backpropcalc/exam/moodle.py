"""Moodle XML: for each form one cloze question of all values, and a numerical question for each value.

The elements are those that Moodle's XML format reads (docs.moodle.org, "Moodle XML format"), the text of a cloze
question is written as "Embedded Answers (Cloze) question type" has it:
``{points:NUMERICAL:=value:tolerance#feedback~…}``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from .bank import Form, Item

_OF_CLOZE = re.compile(r'[}~#/"\\]')
"""What ends a part of an embedded answer unless there is a backslash before it."""


def quiz(forms: Sequence[Form]) -> str:
    """The question bank of some forms, a category for each."""
    root = Element("quiz")
    for form in forms:
        _category(root, form)
        _cloze(root, form)
        for item in form.items:
            _numerical(root, form, item)
    indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _category(root: Element, form: Form) -> None:
    question = SubElement(root, "question", type="category")
    parts = ["$course$", "top", *(part.replace("/", "//") for part in (form.title, f"Form {form.letter}") if part)]
    _text(question, "category", "/".join(parts))


def _question(root: Element, kind: str, name: str, html: str, mark: str) -> Element:
    question = SubElement(root, "question", type=kind)
    _text(question, "name", name)
    _text(question, "questiontext", html, format="html")
    _text(question, "generalfeedback", "", format="html")
    SubElement(question, "penalty").text = "0.3333333"
    SubElement(question, "hidden").text = "0"
    SubElement(question, "idnumber").text = mark
    return question


def _cloze(root: Element, form: Form) -> None:
    gaps = "".join(f"<p>{_html(item.name)} = {_gap(item)}</p>" for item in form.items)
    _question(root, "cloze", form.name, _given(form) + gaps, form.digest)


def _gap(item: Item) -> str:
    """The embedded answer; whole points only, which is all that Moodle reads there."""
    right = f"={item.shown}:{item.tolerance}#{feedback('Right.')}"
    wrong = (f"%0%{wrong.shown}:{item.tolerance}#{feedback(_html(wrong.text))}" for wrong in item.wrong)
    return f"{{{max(1, round(item.points))}:NUMERICAL:{'~'.join((right, *wrong))}}}"


def feedback(text: str) -> str:
    """A sentence as it stands in an embedded answer."""
    return _OF_CLOZE.sub(lambda sign: "\\" + sign[0], text)


def _numerical(root: Element, form: Form, item: Item) -> None:
    html = f"{_given(form)}<p>{_html(item.name)} = ?</p>"
    question = _question(root, "numerical", f"{form.name}: {item.name}", html, f"{form.digest}-{item.id}")
    question.insert(3, _element("defaultgrade", f"{item.points:g}"))
    _answer(question, "100", item.shown, item.tolerance, "Right.")
    for wrong in item.wrong:
        _answer(question, "0", wrong.shown, item.tolerance, escape(wrong.text))
    for name, value in (("unitgradingtype", "0"), ("unitpenalty", "0.1"), ("showunits", "3"), ("unitsleft", "0")):
        SubElement(question, name).text = value


def _answer(question: Element, fraction: str, shown: str, tolerance: str, feedback: str) -> None:
    answer = SubElement(question, "answer", fraction=fraction, format="moodle_auto_format")
    SubElement(answer, "text").text = shown
    SubElement(answer, "tolerance").text = tolerance
    _text(answer, "feedback", feedback, format="html")


def _given(form: Form) -> str:
    rows = "".join(f"<tr><th>{_html(label)}</th><td>{_html(said)}</td></tr>" for label, said in form.given)
    return f"<table>{rows}</table><p>{_html(form.asked)}</p>"


def _html(text: str) -> str:
    """Text in a question, in which nothing begins an embedded answer."""
    return escape(text).replace("{", "&#123;").replace("}", "&#125;")


def _element(name: str, text: str) -> Element:
    element = Element(name)
    element.text = text
    return element


def _text(parent: Element, name: str, text: str, **attributes: str) -> None:
    SubElement(SubElement(parent, name, attributes), "text").text = text
