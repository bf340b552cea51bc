# SPDX-License-Identifier: Apache-2.0
"""Values of documents as typed records: what a schema does not know or allow is one line that names the entry."""

import difflib
import re
from typing import Any, TypeVar

import msgspec

from isinglass.errors import InputError
from isinglass.run.document import entry_name, shortened

__all__ = ["typed"]

Schema = TypeVar("Schema")
WORDS = {"int": "a whole number", "float": "a number", "str": "text", "bool": "true or false", "array": "a list",
         "object": "a table"}  # fmt: skip


def typed(value: Any, schema: type[Schema], where: str) -> Schema:
    """The value as the msgspec type `schema`, without conversion; `where`: its file, for messages.

    Errors: InputError with the name of the entry, such as lattice.shape[1], what is expected and what is found.
    """
    try:
        return msgspec.convert(value, schema, strict=True)
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at `$")
        raise mistake(reason, path.rstrip("`"), value, schema, where) from None


def mistake(reason: str, path: str, value: Any, schema: Any, where: str) -> InputError:
    """The error for what msgspec says, "Expected `int`, got `str`" at ".lattice.shape[1]"."""
    at, kind, found = "", msgspec.inspect.type_info(schema), value
    for name, index in re.findall(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]", path):
        entry = int(index) if index.isdigit() else culprit(value, at, schema) if index else name
        at, found, kind = entry_name(at, entry), found[entry], below(kind, entry)
    if unknown := re.fullmatch(r"Object contains unknown field `(.*)`", reason):
        known = [field.encode_name for part in kinds(kind) for field in getattr(part, "fields", ())]
        section = f"entries of [{at}]" if at else "entries"
        odd = repr(entry_name(at, unknown[1]))
        return InputError(f"{section} among {', '.join(known)}", f"{odd} in {where}", nearest(unknown[1], known))
    if missing := re.fullmatch(r"Object missing required field `(.*)`", reason):
        return InputError(f"the entry {entry_name(at, missing[1])}", f"none in {where}", "add it")
    if reason.startswith("Invalid enum value"):
        known = [str(value) for part in kinds(kind) for value in getattr(part, "values", ())]
        return InputError(
            f"{at} among {', '.join(known)}", f"{shortened(found)} in {where}", nearest(str(found), known)
        )
    return InputError(f"{in_words(reason)} for {at or 'the whole'}", f"{shortened(found)} in {where}", "correct it")


def culprit(value: Any, table: str, schema: Any) -> str:
    """The first wrong name in a table of names of the user's own, which msgspec does not tell."""
    for name, item in value[table].items():
        try:
            msgspec.convert({**value, table: {name: item}}, schema, strict=True)
        except msgspec.ValidationError as error:
            if f"$.{table}[...]" in str(error):
                return name
    raise AssertionError(table)


def kinds(kind: Any) -> tuple:
    """The members of a union, or the type alone."""
    return getattr(kind, "types", (kind,))


def below(kind: Any, entry: str | int) -> Any:
    """The type of an entry of a table or a list."""
    for part in kinds(kind):
        for field in getattr(part, "fields", ()):
            if field.encode_name == entry:
                return field.type
        inner = getattr(part, "item_type" if isinstance(entry, int) else "value_type", None)
        if inner is not None:
            return inner
        if isinstance(entry, int) and len(getattr(part, "item_types", ())) > entry:
            return part.item_types[entry]
    return None


def in_words(reason: str) -> str:
    """What msgspec expected, "Expected `int | null` >= 1, got `str`", as "a whole number >= 1"."""
    wanted = re.sub(r", got .*", "", reason.removeprefix("Expected ")).replace("`", "")
    parts = [part for part in wanted.split(" | ") if part.split()[0] != "null"]
    if "float" in parts:
        parts = [part for part in parts if part != "int"]
    return " or ".join(re.sub(r"^\w+", lambda word: WORDS.get(word[0], word[0]), part) for part in parts)


def nearest(name: str, known: list[str]) -> str:
    """What to do about a name that is unknown."""
    near = difflib.get_close_matches(name.lower(), known, 1)
    return f"write {near[0]}" if near else "remove it" if known else "correct it"
