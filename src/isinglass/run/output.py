# SPDX-License-Identifier: Apache-2.0
"""Output paths: checked before the work; written whole or not at all; nothing is overwritten."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from isinglass.errors import InputError

__all__ = ["new_path", "publish", "whole_file", "whole_folder", "write_atomically"]

LONGEST = 1000  # letters: some systems take no more


def new_path(path: str | Path, what: str = "output") -> Path:
    """The path, checked to be new and writable.  Errors: InputError where it is not."""
    path = Path(path)
    parent = path.parent
    if len(str(path)) > LONGEST:
        raise InputError(
            f"a path for the {what} of at most {LONGEST} letters", f"{len(str(path))}", "choose a shorter one"
        )
    if path.is_dir() and not path.is_symlink():
        raise InputError(f"a new path for the {what}", f"the folder {path}", "choose a name that does not exist yet")
    if os.path.lexists(path):
        raise InputError(f"a new path for the {what}", f"that {path} exists", "choose another name or move it away")
    if not parent.exists():
        raise InputError(f"a folder to write the {what} to", f"no {parent}", f"create it: mkdir -p {parent}")
    if not parent.is_dir():
        raise InputError(f"a folder to write the {what} to", f"that {parent} is a file", "choose another path")
    try:
        probe = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        os.close(os.open(probe, os.O_CREAT | os.O_EXCL))
        probe.unlink()
    except OSError as error:
        found = f"in {parent}: {error.strerror}"
        raise InputError(f"a path to write the {what} to", found, "choose another folder or name") from None
    return path


def write_atomically(path: str | os.PathLike, content: bytes) -> None:
    """Write `content` to `path` atomically: a reader finds either the old file or the whole new one."""
    path = Path(path)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # so that the new name survives a power failure
    finally:
        os.close(folder)


@contextmanager
def whole_file(path: Path, what: str = "output") -> Iterator[Path]:
    """A temporary file beside `path` to write to; renamed to `path` at the end, when its bytes are on the disk."""
    path = new_path(path, what)
    temporary = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}."))
    try:
        yield temporary / path.name
        sync(temporary / path.name)
        os.replace(temporary / path.name, new_path(path, what))
        sync(path.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


@contextmanager
def whole_folder(path: Path, what: str = "run") -> Iterator[Path]:
    """A temporary folder beside `path` to fill; renamed to `path` at the end, when all of it is on the disk."""
    path = new_path(path, what)
    temporary = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}."))
    try:
        yield temporary
        publish(temporary, path, what)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def publish(temporary: Path, path: Path, what: str = "run") -> None:
    """Rename a filled folder to `path`, once every byte of it is on the disk."""
    for file in temporary.rglob("*"):
        sync(file)
    temporary.chmod(0o755)
    os.rename(temporary, new_path(path, what))
    sync(path.parent)


def sync(path: Path) -> None:
    """fsync of a file or folder, so that it survives a power failure."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
