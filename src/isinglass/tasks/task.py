# SPDX-License-Identifier: Apache-2.0
"""What a task is: one verb, one kind of problem, its settings as a frozen dataclass, and `run`."""

import ast
import difflib
import inspect
import re
import textwrap
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import MISSING, field, fields
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeVar

from isinglass.errors import InputError
from isinglass.run.progress import ProgressCallable
from isinglass.tasks.setting.validate import check_number, expected, fits

__all__ = [
    "ARRAY",
    "FUNCTION",
    "AbstractTask",
    "Preset",
    "Verb",
    "check_setting",
    "described",
    "is_instance",
    "setting",
]

Verb = Literal["approximate", "infer", "sample"]
Preset = Literal["smoke", "laptop", "paper"]
T = TypeVar("T")
FUNCTION, ARRAY = "collections.abc:Callable", "isinglass.data.arrays:ArrayLike"
RANGED = (  # types whose values have a range, and lists that are not empty
    int, float, int | None, float | None, tuple[int, ...], tuple[float, ...], tuple[int, ...] | None, tuple[str, ...]
)  # fmt: skip


class AbstractTask(ABC):
    """A frozen dataclass of settings: the keywords of the verb, and the flags of the command if it has one.

    Law: two runs with equal settings, problem and key give equal numbers.
    """

    verb: ClassVar[Verb]
    problem: ClassVar[tuple[str, ...]]  # "module:Class" of what it takes; a name, so that nothing heavy is imported
    what: ClassVar[str]  # the kind of problem, in words
    command: ClassVar[str] = ""  # the command of the command line; none: Python alone
    least: ClassVar[dict[str, float]] = {}  # numbers that may be 0 or below, and the smallest; all others are positive
    guide: ClassVar[str] = "docs/conventions.md"  # the page of the documentation that explains it
    source: ClassVar[type | None] = None  # dataclass of what names the problem there, with `read() -> (problem, more)`

    @classmethod
    def takes(cls, settings: Mapping[str, Any]) -> bool:
        """Is this the task for these settings?  Of several with one verb and problem, the first that says so."""
        return True

    @abstractmethod
    def run(self, key: Any, problem: Any, *, progress: ProgressCallable, checkpoint: Path | None) -> Any:
        """The result of the task.  `checkpoint`: a folder for what a stopped run needs to go on, bit for bit."""

    @classmethod
    def in_words(cls) -> dict[str, str]:
        """The first sentence of the docstring, the papers after its `Ref:`, and the page of the documentation."""
        own = cls.__doc__ or ""
        told = "" if own.startswith(f"{cls.__name__}(") else inspect.cleandoc(own)  # not what a dataclass makes up
        sentence = re.split(r"\.\s|\.$|\n\n", told, maxsplit=1)[0]
        papers = re.search(r"\bRef: (.+?)\.?\s*(?:\n\n|\n[A-Z]\w*: |$)", told, re.DOTALL)
        said = {"question": sentence, "paper": papers[1] if papers else "", "guide": cls.guide}
        return {name: " ".join(text.split()) for name, text in said.items() if text}

    @classmethod
    def made(cls, *args: Any, **settings: Any) -> "AbstractTask":
        """The task with these settings.

        Errors: InputError for one that does not exist, or whose value is not of its type or among its choices.
        """
        names = [f.name for f in fields(cls)]  # pyright: ignore[reportArgumentType]
        if len(args) > len(names):
            raise InputError(f"at most {len(names)} settings of {cls.__name__}", str(len(args)), "name them")
        placed = dict(zip(names, args, strict=False))
        if twice := set(placed) & set(settings):
            found = f"{', '.join(twice)} by place and by name"
            raise InputError(f"each setting of {cls.__name__} once", found, "give all but the first by name")
        given = {name: plain_number(value) for name, value in (placed | settings).items()}
        for name in given:
            if name not in names:
                close = difflib.get_close_matches(name, names, 1)
                fix = f"did you mean {close[0]}?" if close else "leave it out"
                raise InputError(f"settings among {', '.join(names)}", name, fix)
        for f in fields(cls):  # pyright: ignore[reportArgumentType]
            if f.name in given:
                check_setting(f, given[f.name], cls.least)
        return cls(**given)


def plain_number(value: Any) -> Any:
    """The number of Python for a scalar of NumPy; anything else as it is."""
    return value.item() if type(value).__module__ == "numpy" and getattr(value, "shape", None) == () else value


def check_setting(f: Any, value: Any, least: Mapping[str, float], *, empty: bool = False) -> None:
    """Errors: InputError for a value that is not of the field's type and range; the same for tasks and experiments."""
    check_value(f, value)
    if f.type in RANGED:
        check_number(f.name, value, least.get(f.name), empty=empty)


def check_value(f: Any, value: Any) -> None:
    """Errors: InputError for a value that is not of the field's type, or none of its choices."""
    choices, also = f.metadata.get("choices"), f.metadata.get("also")
    given = value is not None and value is not default_of(f) and not (choices and isinstance(value, str))
    if also is not None and given and not is_instance(value, also):
        kinds = ", ".join([*(choices() if choices else ()), *(f"a {place.rpartition(':')[2]}" for place in also)])
        raise InputError(f"{f.name} among {kinds}", described(value), "choose one of them")
    if choices is None:
        if not fits(value, f.type):
            raise InputError(f"{f.name} {expected(f.type)}", described(value), "see the signature of the verb")
    elif isinstance(value, str) and value not in choices():
        close = difflib.get_close_matches(value, choices(), 1)
        fix = f"did you mean {close[0]!r}?" if close else "choose one of them"
        raise InputError(f"{f.name} among {', '.join(choices())}", repr(value), fix)


def setting(
    default: T,
    *,
    shown: Any = None,
    choices: Callable[[], list[str]] | None = None,
    parse: Callable[[Any], Any] | None = None,
    called: str = "",
    also: tuple[str, ...] | None = None,
    identity: bool = True,
) -> T:
    """A setting whose flag differs from its Python: `shown` is the type of the flag, `parse` makes the value of it.

    `choices`: the words that it may be, found when they are needed.  A setting with neither is no flag at all.
    `called`: the name of a flag that is given once for each of several values.
    `also`: "module:Class" of what else it may be in Python, besides its default; None: the task judges that.
    `identity`: whether a run with another value is another run, whose checkpoint is refused.
    """
    flag = str if shown is None and choices is not None else shown
    metadata = {"flag": flag, "choices": choices, "parse": parse, "called": called, "also": also,
                "identity": identity}  # fmt: skip
    return field(default=default, metadata=metadata)


def documentation(cls: type) -> dict[str, str]:
    """The string after each field: the help of its flag."""
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
    assert isinstance(definition, ast.ClassDef)  # noqa: S101
    return {
        line.target.id: " ".join(str(after.value.value).split())
        for line, after in pairwise(definition.body)
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name)
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
    }


def default_of(f: Any) -> Any:
    """The default of a dataclass field."""
    return f.default if f.default_factory is MISSING else f.default_factory()


def is_instance(problem: Any, places: tuple[str, ...]) -> bool:
    """Is its class, or one that it derives from, one of "module:Class"?  Functions and arrays are of any class.

    Imports nothing.
    """
    if FUNCTION in places and callable(problem) and not isinstance(problem, type):
        return True
    if ARRAY in places and hasattr(problem, "__array__") and not isinstance(problem, type):
        return True
    return any(f"{c.__module__}:{c.__qualname__}" in places for c in type.mro(type(problem)))


def described(value: Any) -> str:
    """A value in a message: its type, and itself where it is short."""
    if isinstance(value, type):
        return f"the class {value.__name__}, not an instance of it"
    text = repr(value)
    return text if isinstance(value, bool | int | float | str) and len(text) < 60 else type(value).__name__
