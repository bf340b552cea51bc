# SPDX-License-Identifier: Apache-2.0
"""Docstrings for the site: plain text with equations becomes reStructuredText, without markup by accident."""

import inspect
import re
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from isinglass.contents import contents

__all__ = ["fields", "paragraphs", "processed", "signature"]

ROOT = Path(__file__).parents[2] / "src" / "isinglass"
LABELS = re.compile(r"^(Law|Laws|Shape|Shapes|Cost|Ref|Refs|Unit|Units|Source|Returns|Raises|Error|Errors)(?=: )")
CODE = re.compile(r"`([^`]+)`")
SOURCES = re.compile(r"\b(?:doi:(10\.\d+/[^\s,;]*[^\s,;.)])|arXiv:(\d{4}\.\d{4,5}|[a-z-]+/\d{7}))")
FIELD = re.compile(r"^    (\w+): ([^=#\n]+?)(?: = ([^#\n]*?))?  # (?!noqa|fmt|pyright|type:)(.+)$", re.MULTILINE)
ITEM = re.compile(r"^(- |\d+\. )")


def processed(app: Any, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """The handler of `autodoc-process-docstring`: in place, as Sphinx asks for."""
    if [line for line in lines if line.startswith("Alias for field number")]:  # of a NamedTuple: said by its class
        lines[:] = []
    lines[:] = paragraphs(lines)
    if what == "class":
        lines += fields(thing)


def signature(app: Any, what: str, name: str, thing: Any, options: Any, given: str | None, returned: str | None) -> Any:
    """The handler of `autodoc-process-signature`: arrays by the name that the code gives them."""
    short = lambda text: text and re.sub(r"\b(?:jaxlib\._jax|jax)\.Array\b", "Array", text)  # noqa: E731
    return short(given), short(returned)


def paragraphs(lines: list[str]) -> list[str]:
    """Paragraphs stay paragraphs, lists lists; what is indented or a table is shown as it stands."""
    found: list[str] = []
    for blank, group in groupby(lines, key=lambda line: not line.strip()):
        if not blank:
            found += ["", *block(list(group))]
    return [*found[1:], ""]


def block(lines: list[str]) -> list[str]:
    """One block between blank lines."""
    if lines[0].startswith(">>>"):
        return lines
    if any(line.startswith((" ", "|")) for line in lines) and not ITEM.match(lines[0]):
        return ["::", "", *(f"    {line}" for line in lines)]
    found: list[str] = []
    for line in lines:
        begins = ITEM.match(line) or LABELS.match(line)
        if begins and found:
            found.append("")
        label = LABELS.match(line)
        found.append(f"**{label[1]}:** {plain(line[label.end() + 2 :])}" if label else indented(line))
    return found


def indented(line: str) -> str:
    """A line of a list keeps its mark."""
    mark = ITEM.match(line)
    space = len(line) - len(line.lstrip())
    return f"{mark[0]}{plain(line[mark.end() :])}" if mark else " " * space + plain(line.strip())


def plain(text: str) -> str:
    """Text whose stars, bars and underscores are signs; `code` is a reference where it is a public name."""
    parts = CODE.split(text)
    return "".join(code(part) if odd % 2 else linked(part) for odd, part in enumerate(parts))


def linked(text: str) -> str:
    """Text with its sources as links."""
    found, end = "", 0
    for match in SOURCES.finditer(text):
        where = f"https://doi.org/{match[1]}" if match[1] else f"https://arxiv.org/abs/{match[2]}"
        found += escaped(text[end : match.start()]) + f"`{match[0]} <{where}>`__\\ "
        end = match.end()
    return found + escaped(text[end:])


def escaped(text: str) -> str:
    """No sign of it is markup."""
    return re.sub(r"([\\*|`_])", r"\\\1", text)


def code(text: str) -> str:
    """A public name of isinglass is a reference, other code is code."""
    place = places().get(text.removesuffix("()"))
    return f":py:obj:`~{place}`" if place else f"``{text}``"


@cache
def places() -> dict[str, str]:
    """Name -> full name, of every public name that stands once in the package."""
    found: dict[str, str] = {}
    for folder in sorted(path for path in ROOT.iterdir() if (path / "__init__.py").exists()):
        for name, module in contents(f"isinglass.{folder.name}", folder).names.items():
            found[name] = f"{module}.{name}"
    return found


def fields(thing: Any) -> list[str]:
    """The fields of a class with the comments beside them, as a list."""
    try:
        source = inspect.getsource(thing)
    except (OSError, TypeError):
        return []
    found = FIELD.findall(source.split("\n    def ")[0])
    lines = [
        f"* ``{name}``" + (f" = ``{value}``" if value else "") + f": {plain(words)}"
        for name, kind, value, words in found
        if "ClassVar" not in kind
    ]
    return ["", *lines, ""] if lines else []
