# SPDX-License-Identifier: Apache-2.0
"""Plain values as JSON and TOML text."""

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

__all__ = ["dumps", "plain", "to_toml"]


def dumps(record: Any) -> str:
    """A record as JSON text that ends with a newline."""
    return json.dumps(record, indent=2, allow_nan=False) + "\n"


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
