# SPDX-License-Identifier: Apache-2.0
"""A pickle as data: what it would build, without building it.

A pickle is a program for a small stack machine.  Only its opcodes of plain values are carried out here: where it names
a class or a function, and where it calls one, stands a `PickledObject` of the name and the arguments.  Nothing is
imported, looked up or called, so that no file can run code; nothing is reserved before its bytes are there.
Ref: CPython, Lib/pickletools.py, which splits the bytes into opcodes and is all that is used of pickle.
"""

import pickletools
from collections.abc import Callable
from typing import Any

from isinglass.errors import InputError

__all__ = ["PickledObject", "pickle_contents"]

PLAIN = (str, bytes, int, float, bool, type(None))
LIMIT = 1_000_000  # opcodes: some seconds; models have about 10⁴


class PickledObject:
    """What a pickle would have made: the name of its class or function, arguments, state, and what was put into it."""

    __slots__ = ("arguments", "entries", "items", "name", "state")

    def __init__(self, name: str, arguments: tuple = ()):
        self.name, self.arguments = name, arguments
        self.state: Any = None  # given to __setstate__, or the attributes
        self.items: list[Any] = []  # appended
        self.entries: dict[Any, Any] = {}  # set by a key

    def __repr__(self) -> str:
        return f"<{self.name}>"


class Mark:
    """Where the arguments of an opcode begin on the stack."""


class Machine:
    """The stack and the memo of a pickle.  Law: every value is plain, a list, a dict, a tuple, or a PickledObject."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def marked(self) -> list[Any]:
        """What stands above the last mark, taken off with it."""
        k = next((k for k in reversed(range(len(self.stack))) if isinstance(self.stack[k], Mark)), None)
        if k is None:
            raise IndexError("no mark")
        above = self.stack[k + 1 :]
        del self.stack[k:]
        return above

    def taken(self, count: int) -> list[Any]:
        """The last values of the stack, taken off."""
        if len(self.stack) < count or any(isinstance(value, Mark) for value in self.stack[len(self.stack) - count :]):
            raise IndexError("an empty stack")
        above = self.stack[len(self.stack) - count :]
        del self.stack[len(self.stack) - count :]
        return above

    def extended(self, values: list[Any]) -> None:
        """Append to what is on the stack."""
        (target,) = self.taken(1)
        self.stack.append(target)
        (target.items if isinstance(target, PickledObject) else checked(target, list)).extend(values)

    def updated(self, pairs: list[Any]) -> None:
        """Set keys of what is on the stack; keys that are no plain value, which nothing here asks for, are left out."""
        (target,) = self.taken(1)
        self.stack.append(target)
        entries = target.entries if isinstance(target, PickledObject) else checked(target, dict)
        for key, value in zip(pairs[::2], pairs[1::2], strict=True):
            if isinstance(key, PLAIN):
                entries[key] = value


def checked(value: Any, kind: type) -> Any:
    """The value.  Raises TypeError where it is of another kind."""
    if not isinstance(value, kind):
        raise TypeError(f"a {type(value).__name__} where a {kind.__name__} is needed")
    return value


def named(value: Any, arguments: Any) -> PickledObject:
    """The record of a call: of a name, or of what a call has made."""
    return PickledObject(checked(value, PickledObject).name, checked(arguments, tuple))


def call(machine: Machine) -> None:
    """Callable, arguments -> record."""
    machine.stack.append(named(*machine.taken(2)))


def call_with_words(machine: Machine) -> None:
    """Class, arguments, named arguments -> record; the named ones are left out."""
    called, arguments, _ = machine.taken(3)
    machine.stack.append(named(called, arguments))


def set_state(machine: Machine) -> None:
    """PickledObject, state -> the record with it."""
    record, state = machine.taken(2)
    checked(record, PickledObject).state = state
    machine.stack.append(record)


def name_of_two(machine: Machine) -> None:
    """Module, name -> record of the name."""
    module, name = machine.taken(2)
    machine.stack.append(PickledObject(f"{checked(module, str)}.{checked(name, str)}"))


def drop(machine: Machine) -> None:
    """POP: a value, or a mark."""
    machine.stack.pop()


def append(machine: Machine) -> None:
    """APPEND."""
    machine.extended(machine.taken(1))


def tuple_of(count: int) -> Callable[[Machine], None]:
    """TUPLE1 to TUPLE3."""
    return lambda machine: machine.stack.append(tuple(machine.taken(count)))


def made_of_marked(make: Callable[[list[Any]], Any]) -> Callable[[Machine], None]:
    """TUPLE, LIST, FROZENSET; sets are lists here."""
    return lambda machine: machine.stack.append(make(machine.marked()))


def dict_of_marked(machine: Machine) -> None:
    """DICT."""
    pairs = machine.marked()
    machine.stack.append({})
    machine.updated(pairs)


STEPS: dict[str, Callable[[Machine], Any]] = {
    "MARK": lambda m: m.stack.append(Mark()),
    "POP": drop,
    "POP_MARK": lambda m: m.marked(),
    "DUP": lambda m: m.stack.append(m.stack[-1]),
    "NONE": lambda m: m.stack.append(None),
    "NEWTRUE": lambda m: m.stack.append(True),  # noqa: FBT003
    "NEWFALSE": lambda m: m.stack.append(False),  # noqa: FBT003
    "EMPTY_LIST": lambda m: m.stack.append([]),
    "EMPTY_SET": lambda m: m.stack.append([]),
    "EMPTY_TUPLE": lambda m: m.stack.append(()),
    "EMPTY_DICT": lambda m: m.stack.append({}),
    "APPEND": append,
    "APPENDS": lambda m: m.extended(m.marked()),
    "ADDITEMS": lambda m: m.extended(m.marked()),
    "SETITEM": lambda m: m.updated(m.taken(2)),
    "SETITEMS": lambda m: m.updated(m.marked()),
    "TUPLE": made_of_marked(tuple),
    "LIST": made_of_marked(list),
    "FROZENSET": made_of_marked(list),
    "DICT": dict_of_marked,
    "TUPLE1": tuple_of(1),
    "TUPLE2": tuple_of(2),
    "TUPLE3": tuple_of(3),
    "MEMOIZE": lambda m: m.memo.update({len(m.memo): m.stack[-1]}),
    "STACK_GLOBAL": name_of_two,
    "REDUCE": call,
    "NEWOBJ": call,
    "NEWOBJ_EX": call_with_words,
    "BUILD": set_state,
    "BINPERSID": lambda m: m.stack.append(PickledObject("persistent", tuple(m.taken(1)))),
}
VALUES = {"BINFLOAT", "FLOAT", "INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "UNICODE", "BINUNICODE",
          "SHORT_BINUNICODE", "BINUNICODE8", "STRING", "BINSTRING", "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES",
          "BINBYTES8", "BYTEARRAY8"}  # fmt: skip


def pickle_contents(content: bytes, source: str) -> Any:
    """What a pickle describes.  Errors: InputError for bytes that are none, are cut off, or hold what is not read."""
    machine = Machine()
    try:
        for count, (opcode, argument, _) in enumerate(pickletools.genops(content)):
            if count > LIMIT:
                raise ValueError(f"more than {LIMIT} steps")
            if opcode.name == "STOP":
                (result,) = machine.taken(1)
                return result
            step(machine, opcode.name, argument)
    except (ValueError, IndexError, KeyError, TypeError, RecursionError, UnicodeError) as error:
        reason = (str(error).splitlines() or [""])[0][:80] or type(error).__name__
        raise InputError(f"a pickle that is whole in {source}", reason, "write the file again") from None
    raise InputError(f"a pickle that is whole in {source}", "no end", "write the file again")


def step(machine: Machine, name: str, argument: Any) -> None:
    """Carry out one opcode."""
    if name in STEPS:
        STEPS[name](machine)
    elif name in VALUES:
        machine.stack.append(argument)
    elif name in ("BINGET", "LONG_BINGET", "GET"):
        machine.stack.append(machine.memo[argument])
    elif name in ("BINPUT", "LONG_BINPUT", "PUT"):
        machine.memo[argument] = machine.stack[-1]
    elif name == "GLOBAL":
        machine.stack.append(PickledObject(argument.replace(" ", ".")))
    elif name not in ("PROTO", "FRAME"):
        raise ValueError(f"the opcode {name}")
