"""Files written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from backpropcalc.errors import fail, printable


@contextmanager
def whole(path: str | Path) -> Iterator[TextIO]:
    """A UTF-8 text stream that becomes ``path`` when the block ends well; otherwise the old file stays as it was.

    Where the system has files without a name (Linux) nothing lies beside it meanwhile, and nothing is left behind if
    the program is killed. Raises ``InputError`` if the file cannot be written.
    """
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        if target.is_dir():
            raise _cannot(path, "it is a folder")
        try:
            with open(target, "w", encoding="utf-8") as stream:  # a device or a pipe cannot be replaced
                yield stream
        except BrokenPipeError:
            raise
        except OSError as error:
            raise _cannot(path, error.strerror or "unknown reason") from None
        return
    beside = target.with_name(f".{target.name[:40]}.{os.urandom(6).hex()}")
    try:
        handle, named = _opened(beside)
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n", buffering=1 << 20) as stream:
            yield stream
            stream.flush()
            if target.exists():
                os.chmod(handle if os.chmod in os.supports_fd else beside, target.stat().st_mode & 0o777)
            if not named:  # a link takes a name that is free, and replacing takes the old one's
                os.link(f"/proc/self/fd/{handle}", beside, src_dir_fd=handle)
        os.replace(beside, target)
    except BaseException as error:
        with suppress(OSError):
            os.unlink(beside)
        if isinstance(error, OSError):
            raise _cannot(path, error.strerror or "unknown reason") from None
        raise


def _opened(beside: Path) -> tuple[int, bool]:
    """A new file in the folder of ``beside``, and whether it has that name; without a name where that is possible."""
    unnamed = getattr(os, "O_TMPFILE", 0)
    if unnamed and os.path.isdir("/proc/self/fd"):
        with suppress(OSError):  # not every file system has them
            return os.open(beside.parent, unnamed | os.O_RDWR | os.O_CLOEXEC, 0o666), False
    return os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666), True


def whole_bytes(path: str | Path, content: bytes) -> None:
    """Write ``content`` to ``path``, whole or not at all. Raises ``InputError`` if it cannot be written."""
    with whole(path) as stream:
        stream.flush()
        stream.buffer.write(content)


def make_folder(path: str) -> None:
    """Make a folder unless it is there. Raises ``InputError`` if it cannot be made."""
    try:
        os.makedirs(path, exist_ok=True)
    except OSError as error:
        raise fail("unwritable-folder", f"cannot make the folder {printable(path)}: {error.strerror}") from None


def _cannot(path: str | Path, reason: str) -> Exception:
    return fail("unwritable-file", f"cannot write {printable(str(path))}: {reason}")
