"""The command line in this process, as a shell would call it."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import pytest

from backpropcalc.cli import main


class Done(NamedTuple):
    """What a command has left behind."""

    code: int
    out: str
    err: str


def call(
    *words: str, cwd: Path | None = None, stdin: str = "", encoding: str = "utf-8", env: dict[str, str] | None = None
) -> Done:
    """Calls the program with pipes of ``encoding`` around it and nothing but ``env`` in the environment."""
    with _pipes(stdin, encoding) as (out, err), patch.dict(os.environ, env or {}, clear=True), chdir(cwd or Path.cwd()):
        try:
            main(list(words))
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0
        sys.stdout.flush()
        sys.stderr.flush()
        return Done(code, out.getvalue().decode(encoding), err.getvalue().decode(encoding))


@contextmanager
def _pipes(stdin: str, encoding: str) -> Iterator[tuple[io.BytesIO, io.BytesIO]]:
    raw = io.BytesIO(stdin.encode("utf-8")), io.BytesIO(), io.BytesIO()
    texts = [io.TextIOWrapper(stream, encoding, write_through=True) for stream in raw]
    with patch.multiple(sys, stdin=texts[0], stdout=texts[1], stderr=texts[2]):
        yield raw[1], raw[2]


def as_json(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    """What a command that goes well prints with --json."""
    code, out, err = cli(capsys, *words, "--json")
    assert (0, "") == (code, err)
    return json.loads(out)


def cli(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error, in the environment of the test."""
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    out, err = capsys.readouterr()
    code = ended.value.code
    return (code if isinstance(code, int) else 0), out, err
