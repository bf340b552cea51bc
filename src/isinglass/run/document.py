# SPDX-License-Identifier: Apache-2.0
"""Plain values as JSON and TOML text, and back: the one reader of all our documents."""

import json
import math
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from isinglass.errors import InputError
from isinglass.memory import in_bytes
from isinglass.run.input.regular_file import file_size

__all__ = ["dumps", "json_value", "plain", "read_json", "read_toml", "to_toml", "toml_table"]

MOST_BYTES = 1 << 26  # of a document
DEEPEST = 100  # nesting
LONG_KEY = re.compile(
    r"""(?<![\w.-])(?:(?>[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){100}"""
)  # a.b.c ...: tomllib is cubic


def dumps(record: Any) -> str:
    """A record as JSON text that ends with a newline."""
    return json.dumps(record, indent=2, allow_nan=False) + "\n"


def read_json(path: str | Path) -> Any:
    """The value in a JSON file.  Errors: as `json_value`, and for anything but a file of at most 67 MB."""
    return json_value(content_of(Path(path), "JSON"), str(path))


def read_toml(path: str | Path) -> dict[str, Any]:
    """The table in a TOML file.  Errors: as `toml_table`, and for anything but a file of at most 67 MB."""
    return toml_table(content_of(Path(path), "TOML"), str(path))


def json_value(content: bytes | str, where: str) -> Any:
    """The value of a JSON text, with finite numbers; `where`: its file, for messages.

    Errors: InputError of one line for text that is not JSON, nested brackets beyond 100, NaN, and whole numbers beyond
    64 bits.
    """
    import msgspec

    def decode(content: bytes) -> Any:
        try:
            return msgspec.json.decode(content)
        except msgspec.MsgspecError as error:
            raise ValueError(str(error)) from None

    return parsed(decode, content.encode() if isinstance(content, str) else content, "JSON", where)


def toml_table(content: bytes, where: str) -> dict[str, Any]:
    """The table of a TOML text, with finite numbers.  Errors: as `json_value`."""

    def decode(content: bytes) -> dict[str, Any]:
        text = content.decode("utf-8-sig")
        if long := LONG_KEY.search(text):
            raise ValueError(f"a key of 100 parts or more, {long[0][:20]}...")
        return tomllib.loads(text)

    return parsed(decode, content, "TOML", where)


def content_of(path: Path, kind: str) -> bytes:
    """The bytes of a regular file.  Errors: InputError for another thing, or a file that is too large."""
    size = file_size(path, f"a {kind} file")
    if size > MOST_BYTES:
        raise InputError(
            f"a {kind} file of at most {in_bytes(MOST_BYTES)}", f"{in_bytes(size)} in {path}", "check the path"
        )
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES)
    except OSError as error:
        raise InputError(f"a {kind} file that can be read", f"{path}: {error.strerror}", "check the path") from None


def parsed(decode: Callable[[bytes], Any], content: bytes, kind: str, where: str) -> Any:
    """The value of a text, checked; whatever is wrong with it is one line."""
    try:
        value = decode(content)
    except RecursionError:
        raise InputError(f"a {kind} file", f"{where}: brackets nested too deeply", "remove them") from None
    except (ValueError, OverflowError) as error:  # of tomllib, msgspec and codecs
        reason = (str(error).splitlines() or [""])[0] or type(error).__name__
        raise InputError(f"a {kind} file", f"{where}: {reason[:200]}", "fix the line that it names") from None
    check_values(value, kind, where)
    return value


def check_values(value: Any, kind: str, where: str) -> None:
    """Errors: InputError for numbers that are not finite or beyond 64 bits, and for deep nesting."""
    left = [(value, "", 0)]
    while left:
        container, at, depth = left.pop()
        if depth > DEEPEST:
            raise InputError(f"a {kind} file", f"{where}: brackets nested too deeply", "remove them")
        items = (
            container.items() if isinstance(container, dict) else enumerate([container] if depth == 0 else container)
        )
        for name, item in items:
            if isinstance(item, dict | list):
                left.append((item, entry_name(at, name), depth + 1))
            elif (type(item) is float and not math.isfinite(item)) or (type(item) is int and item.bit_length() > 64):
                expected = f"finite numbers, and whole ones of at most 64 bits, for {entry_name(at, name)}"
                raise InputError(expected, f"{shortened(item)} in {where}", "correct it")


def entry_name(at: str, name: str | int) -> str:
    """lattice.shape[1]."""
    return f"{at}[{name}]" if isinstance(name, int) else f"{at}.{name}".removeprefix(".")


def shortened(value: Any) -> str:
    """A value in a message, in at most 60 characters."""
    try:
        text = repr(value)
    except ValueError:  # a number of more than 4300 digits
        return "a number of thousands of digits"
    return text if len(text) <= 60 else f"{text[:57]}..."


def plain(x: Any) -> Any:
    """Settings as JSON values: arrays become lists, values unknown to JSON become text."""
    if isinstance(x, Mapping):
        return {str(k): plain(v) for k, v in x.items()}
    if isinstance(x, (list, tuple)):
        return [plain(v) for v in x]
    if isinstance(x, (np.ndarray, np.generic)) or hasattr(x, "__array__"):
        return plain(np.asarray(x).tolist())
    if isinstance(x, float) and not math.isfinite(x):
        return None
    if x is None or isinstance(x, (bool, int, float, str)):
        return x
    return str(x)


def to_toml(table: Mapping[str, Any], path: tuple[str, ...] = ()) -> str:
    """TOML of nested tables, without entries that are None.  Law: tomllib.loads(to_toml(x)) = x."""
    values = {k: v for k, v in table.items() if v is not None and not isinstance(v, Mapping)}
    tables = {k: v for k, v in table.items() if isinstance(v, Mapping)}
    head = [f"[{'.'.join(map(key_text, path))}]"] if path else []
    lines = head + [f"{key_text(k)} = {toml_value(v)}" for k, v in values.items()]
    return "\n".join(lines) + "\n" + "".join("\n" + to_toml(v, (*path, k)) for k, v in tables.items())


def key_text(key: str) -> str:
    """A key, bare where TOML allows it, else quoted."""
    return key if key.isascii() and key.replace("_", "").replace("-", "").isalnum() else quoted(key)


def quoted(text: str) -> str:
    """A basic string: as in JSON, except that TOML wants DEL escaped."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def toml_value(value: Any) -> str:
    """A number, text or list as TOML."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key_text(k)} = {toml_value(v)}" for k, v in value.items() if v is not None) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(toml_value(v) for v in value if v is not None) + "]"
    if isinstance(value, str):
        return quoted(value)
    return str(value).lower() if isinstance(value, bool) else repr(value)
