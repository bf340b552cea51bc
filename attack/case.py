# SPDX-License-Identifier: Apache-2.0
"""A case of the attack: what is typed, the files around it, and what must come of it."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["DONE", "REFUSED", "WORKS", "Case", "refused"]

REFUSED = (2,)  # bad input: one line says what was expected, what was found, what to do
DONE = (0, 1)  # it works, whatever the verdict
WORKS = (0,)


@dataclass(frozen=True)
class Case:
    """A command line, or a statement of Python, that is run in a folder of its own."""

    kind: str  # what is hostile: numbers, names, memory, data, ...
    words: tuple[str, ...]  # the command line after `isinglass`; or one string of Python
    codes: tuple[int, ...] = REFUSED  # what the exit code may be
    files: Mapping[str, bytes] = field(
        default_factory=dict
    )  # name -> content, beside the good files that `words` names
    prepare: Callable[[Path], Any] | None = None  # what no bytes can say: links, pipes, sparse files
    says: str = ""  # a regular expression found in what is printed
    python: bool = False
    environment: Mapping[str, str | None] | None = None  # a process of its own; None: unset
    wrapper: tuple[str, ...] = ()  # words before the command, in a process of its own
    note: str = ""  # what is prepared, in words

    @property
    def alone(self) -> bool:
        """Must it have a process of its own?"""
        return self.environment is not None or bool(self.wrapper)

    def __str__(self) -> str:
        """What is typed."""
        around = " ".join(f"{k}={'' if v is None else v}" for k, v in (self.environment or {}).items())
        words = [self.words[0].rpartition("\n")[2]] if self.python else map(short, self.words)
        small = [f"[{name}: {ascii(content.decode(errors='replace'))[1:-1]}]" for name, content in self.files.items()
                 if len(content) < 200]  # fmt: skip
        return " ".join(filter(None, (around, *self.wrapper, *words, *small, self.note)))


def short(word: str) -> str:
    """A word as it can be printed: quoted where it is empty or strange, cut where it is long."""
    plain = word and word.isprintable() and not set(word) & set(" \"'")
    text = word if plain else ascii(word)
    return text if len(text) < 200 else f"{text[:100]}...({len(word)} characters)"


def refused(kind: str, line: str, *words: str, **more: Any) -> Case:
    """A case that must be refused; `line` is split at spaces, `words` are added as they are."""
    return Case(kind, (*line.split(), *words), **more)


def can_deny() -> bool:
    """Whether file permissions hold for this user: not for root."""
    return os.geteuid() != 0
