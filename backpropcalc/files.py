"""Files written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from backpropcalc.errors import fail, printable


@contextmanager
def whole(path: str | Path) -> Iterator[TextIO]:
    """A UTF-8 text stream that becomes ``path`` when the block ends well; otherwise the old file stays as it was.

    Raises ``InputError`` if the file cannot be written.
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
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{target.name[:40]}.", dir=target.parent, text=True)
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n", buffering=1 << 20) as stream:
            yield stream
        os.chmod(temporary, target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask())
        os.replace(temporary, target)
    except OSError as error:
        _remove(temporary)
        raise _cannot(path, error.strerror or "unknown reason") from None
    except BaseException:
        _remove(temporary)
        raise


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


def _remove(temporary: str) -> None:
    if temporary:
        with suppress(OSError):
            os.unlink(temporary)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
