"""A marked paper in the output forms: terminal, LaTeX, Markdown and JSON."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from backpropcalc.errors import Problem
from backpropcalc.execution.trace import is_finite
from backpropcalc.pages.rows import TERMINAL, TEX, Language, Row
from backpropcalc.render.latex import HEAD, undeclared
from backpropcalc.render.markdown import escape as markdown_escape
from backpropcalc.render.terminal import PLAIN, can_write, to_ascii, unbroken, wrapped
from backpropcalc.render.tex import broken
from backpropcalc.render.tex import escape as latex_escape

from .report import Item, Report

FEW = 5
"""Up to so many missing answers have a line each; more are listed below the others."""
STYLES = {"mistake": "bold red", "unreadable": "red", "missing": "yellow", "follows": "cyan", "rounded": "green"}
MAX_PROBLEMS = 30
COLUMNS = ("answer", "expected", "from yours")


def terminal(report: Report, out: TextIO, ascii: bool = False) -> None:
    """Write the paper for the terminal: mistakes first with their explanation, then the marks, the score."""
    _Terminal(report, out, ascii).run()


class _Terminal:
    def __init__(self, report: Report, out: TextIO, ascii: bool) -> None:
        self.report = report
        self.plain = ascii or not can_write(out)
        self.console = Console(file=out, highlight=False, markup=False, emoji=False)
        self.width = max(40, min(self.console.width, 120))
        self.language: Language = PLAIN if self.plain else TERMINAL
        self.items = list(report.items(self.language))

    def line(self, text: str = "", style: str = "") -> None:
        clean = to_ascii(text) if self.plain else text
        self.console.print(Text(clean, style=style), soft_wrap=True)

    def run(self) -> None:
        report = self.report
        self.line(f" {report.title or 'Marks'}", "bold")
        self.line(f" {report.paper.file}   {report.verdicts}")
        self.problems(report.paper.problems)
        wrong = [item for item in self.items if item.wrong]
        if wrong:
            self.heading("Look at this first" if len(wrong) == 1 else "Look at these first")
            for n, item in enumerate(wrong):
                if n:
                    self.line()
                self.explained(item)
        self.heading("Marks")
        self.table()
        solved = [item for item in self.items if item.row and not item.wrong]
        if solved:
            self.heading("Solution of what is missing")
            for item in solved:
                self.working(item.row, 1)
        self.line()
        self.line(f" Score  {report.score}", "bold")

    def heading(self, text: str) -> None:
        self.line()
        self.line(f" {text}", "bold")
        self.line(" " + "─" * (self.width - 1), "blue")

    def problems(self, problems: tuple[Problem, ...]) -> None:
        if problems:
            self.line()
        for problem in problems[:MAX_PROBLEMS]:
            for n, part in enumerate(textwrap.wrap(said(problem), self.width - 4)):
                self.line(("  ! " if n == 0 else "    ") + part, "yellow")
        if len(problems) > MAX_PROBLEMS:
            self.line(f"    … and {len(problems) - MAX_PROBLEMS} more like these")

    def explained(self, item: Item) -> None:
        """A mistake: what was answered, why it is wrong, the line worked in full."""
        self.line(f" {item.name} = {item.answer}" if item.answer else f" {item.name}", STYLES["mistake"])
        for text in item.texts:
            for part in textwrap.wrap(text, self.width - 4, break_long_words=False):
                self.line(f"   {part}")
        if item.row:
            self.working(item.row, 3)

    def working(self, row: Row | None, indent: int) -> None:
        """``name = formula`` and under it the numbers and the value."""
        assert row is not None
        room = self.width - indent - 4
        lines = list(wrapped(f"{row.name} = {row.formula}", room))
        tail = f" {row.relation} {row.value}"
        if row.numbers and unbroken(row.numbers) != row.value:
            numbers = list(wrapped(f"= {row.numbers}", room))
            lines += [f"  {part}" for part in numbers]
        if len(lines[-1]) + len(tail) > room + 2:
            lines.append("  " + tail.strip())
        else:
            lines[-1] += tail
        for part in lines:
            self.line(" " * indent + part, "" if indent == 1 else "green")

    def table(self) -> None:
        """Every mark: name, answer, what is right, what follows from the student's own values, verdict."""
        missing = [item.name for item in self.items if item.verdict == "missing"]
        few = len(missing) <= FEW
        items = [item for item in self.items if few or item.verdict != "missing"]
        rows = [(i.name, i.answer or "-", i.expected, i.own, _verdict(i, self.report)) for i in items]
        heads = ("", *COLUMNS, "")
        widths = [max([cell_len(head), *(cell_len(row[n]) for row in rows)]) for n, head in enumerate(heads)]
        widths[0] = min(widths[0], self.width // 3)
        shown = [n for n in range(5) if n in (0, 1, 4) or any(row[n] for row in rows)]
        self.line(" " + "  ".join(_cell(heads[n], widths[n], n) for n in shown).rstrip(), "dim")
        for row, item in zip(rows, items, strict=True):
            if cell_len(row[0]) > widths[0]:
                self.line(" " + row[0])
                row = ("", *row[1:])
            text = " " + "  ".join(_cell(row[n], widths[n], n) for n in shown)
            self.line(text.rstrip(), STYLES.get(item.verdict, ""))
        if not few:
            self.line()
            for part in textwrap.wrap(
                "missing: " + ",  ".join(n.replace(" ", "\xa0") for n in missing), self.width - 2
            ):
                self.line(f" {part}", STYLES["missing"])


def _cell(text: str, width: int, column: int) -> str:
    room = " " * max(0, width - cell_len(text))
    return text + room if column in (0, 4) else room + text


def said(problem: Problem) -> str:
    """A problem on one line."""
    where = f"line {problem.where.line}: " if problem.where else ""
    return where + problem.message + (f"; {problem.help}" if problem.help else "")


def markdown(report: Report, out: TextIO) -> None:
    """Write the paper as Markdown."""
    items = list(report.items(TEX))
    out.write(f"# {markdown_escape(report.title) or 'Marks'}\n\n")
    out.write(f"{markdown_escape(report.paper.file)}: {markdown_escape(report.verdicts)}\n")
    for n, problem in enumerate(report.paper.problems[:MAX_PROBLEMS]):
        out.write(("\n" if n == 0 else "") + f"- {markdown_escape(said(problem))}\n")
    wrong = [item for item in items if item.wrong]
    if wrong:
        out.write("\n## Look at these first\n")
    for item in wrong:
        answer = f" = {markdown_escape(item.answer)}" if item.answer else ""
        out.write(f"\n### ${item.name}${answer}\n\n")
        out.write("".join(f"{markdown_escape(text)}\n\n" for text in item.texts))
        out.write(_fence(item.row) if item.row else "")
    out.write("\n## Marks\n\n| | answer | expected | from yours | verdict |\n|---|--:|--:|--:|---|\n")
    for item in items:
        cells = (markdown_escape(item.answer), _math(item.expected), _math(item.own), _verdict(item, report))
        out.write(f"| ${item.name}$ | " + " | ".join(cells) + " |\n")
    solved = [item.row for item in items if item.row and not item.wrong]
    if solved:
        out.write("\n## Solution of what is missing\n")
    out.write("".join("\n" + _fence(row) for row in solved))
    out.write(f"\n**Score: {markdown_escape(report.score)}**\n")


def _math(text: str) -> str:
    return f"${text}$" if text else ""


def _verdict(item: Item, report: Report) -> str:
    said = [*(() if report.hints else item.mark.notes), *([item.earned] if item.earned else [])]
    return item.verdict + (f" ({', '.join(said)})" if said else "")


def _fence(row: Row) -> str:
    return "```math\n\\begin{aligned}\n" + " \\\\\n".join(broken(row, 9)) + "\n\\end{aligned}\n```\n"


def latex(report: Report, out: TextIO, standalone: bool = False) -> None:
    """Write the paper as LaTeX: a fragment for inclusion, or a ``standalone`` document."""
    items = list(report.items(TEX))
    texts = [report.title, report.paper.file, *(said(problem) for problem in report.paper.problems[:MAX_PROBLEMS])]
    texts += [text for item in items for text in (item.answer, *item.texts)]
    if standalone:
        out.write(HEAD + undeclared("".join(texts)) + "\\begin{document}\n")
    out.write(f"\\noindent\\textbf{{\\Large {latex_escape(report.title or 'Marks')}}}\\par\n")
    out.write(f"\\noindent {latex_escape(report.paper.file)}: {latex_escape(report.verdicts)}\\par\n")
    for problem in report.paper.problems[:MAX_PROBLEMS]:
        out.write(f"\\noindent {latex_escape(said(problem))}\\par\n")
    wrong = [item for item in items if item.wrong]
    if wrong:
        out.write(_tex_heading("Look at these first"))
    for item in wrong:
        answer = f" = \\text{{{latex_escape(item.answer)}}}" if item.answer else ""
        out.write(f"\n\\medskip\\noindent\\({item.name}{answer}\\)\\par\n")
        out.write("".join(f"\\noindent {latex_escape(text)}\\par\n" for text in item.texts))
        out.write(_align(item.row) if item.row else "")
    out.write(_tex_heading("Marks"))
    for start in range(0, len(items), 30):
        out.write(_tabular(items[start : start + 30], report))
    solved = [item.row for item in items if item.row and not item.wrong]
    if solved:
        out.write(_tex_heading("Solution of what is missing"))
    out.write("".join(map(_align, solved)))
    out.write(f"\n\\medskip\\noindent\\textbf{{Score: {latex_escape(report.score)}}}\\par\n")
    if standalone:
        out.write("\\end{document}\n")


def _tex_heading(text: str) -> str:
    return f"\n\\medskip\\noindent\\textbf{{\\large {text}}}\\par\n"


def _align(row: Row) -> str:
    return "\\begin{align*}\n" + "\\\\\n".join(broken(row, 9)) + "\n\\end{align*}\n"


def _tabular(items: Iterable[Item], report: Report) -> str:
    lines = []
    for item in items:
        answer = latex_escape(item.answer.replace("-", "−"))
        cells = (answer, _inline(item.expected), _inline(item.own), latex_escape(_verdict(item, report)))
        lines.append(f"\\({item.name}\\) & " + " & ".join(cells))
    head = " & " + " & ".join(COLUMNS) + " & \\\\\n\\hline\n"
    body = " \\\\[3pt]\n".join(lines)
    rows = f"{head}\\rule{{0pt}}{{14pt}}{body}"
    table = f"\\begin{{tabular}}{{lrrrl}}\n{rows}\n\\end{{tabular}}"
    return f"\n{{\\renewcommand{{\\arraystretch}}{{1.3}}\\noindent{table}\\par}}\n"


def _inline(text: str) -> str:
    return f"\\({text}\\)" if text else ""


def json_form(report: Report, out: TextIO) -> None:
    """Write the paper as one JSON object; see the contract of ``check --json`` in the README."""
    whole = {
        "marks": list(_marks(report)),
        "score": report.paper.score._asdict(),
        "summary": report.paper.summary,
    }
    json.dump(whole, out, ensure_ascii=False, indent=1)
    out.write("\n")


def _marks(report: Report) -> Iterator[dict[str, Any]]:
    for mark in report.paper.marks:
        yield {
            "id": mark.var.id,
            "name": report.page.notation.ascii(mark.var),
            "answer": float(mark.answer.shown.value) if mark.answer else mark.text or None,
            "expected": None if report.hints else _finite(mark.expected),
            "own": None if report.hints else _finite(mark.own),
            "verdict": mark.verdict,
            "points": round(mark.points, 4),
            "earned": round(mark.earned, 4),
            "notes": [] if report.hints else list(mark.notes),
            "because": [] if report.hints else [{"rule": b.rule, "text": b.text} for b in mark.because],
        }


def _finite(value: Any) -> float | None:
    return float(value) if is_finite(value) else None


FORMS: dict[str, Callable[..., None]] = {
    "terminal": terminal,
    "latex": latex,
    "markdown": markdown,
    "json": json_form,
}
"""Form to the function that writes it: ``FORMS[form](report, out, **options)``."""
