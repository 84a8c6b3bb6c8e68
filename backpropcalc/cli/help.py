"""``--help`` in plain text: commands under their headings, and options under theirs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from typer.core import TyperCommand, TyperGroup

Entry = tuple[str, str]


class Command(TyperCommand):
    """A command whose options are listed under their headings."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write a section for each heading."""
        _sections(_options(self.get_params(ctx), ctx), formatter)


class Program(TyperGroup):
    """The program, whose commands are listed under their headings."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write a section for each heading: commands first, then the options of the program itself."""
        width = formatter.width - 6 - max(map(len, self.commands))
        rows = (
            (str(getattr(command, "rich_help_panel", "")), (name, command.get_short_help_str(width)))
            for name, command in self.commands.items()
        )
        _sections(rows, formatter)
        _sections(_options(self.get_params(ctx), ctx), formatter)


def _options(parameters: Iterable[Any], ctx: Any) -> Iterable[tuple[str, Entry]]:
    for parameter in parameters:
        record = parameter.get_help_record(ctx)
        if record:
            argument = parameter.param_type_name == "argument"
            yield "Arguments" if argument else getattr(parameter, "rich_help_panel", None) or "Options", record


def _sections(rows: Iterable[tuple[str, Entry]], formatter: Any) -> None:
    sections: dict[str, list[Entry]] = {}
    for heading, row in rows:
        sections.setdefault(heading, []).append(row)
    for heading, listed in sections.items():
        with formatter.section(heading):
            formatter.write_dl(listed)
