# SPDX-License-Identifier: Apache-2.0
"""The lazy namespace of a folder: its modules, and the public names defined once in the files below it."""

import importlib
import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["Contents", "contents", "hand_out"]

NAMES = re.compile(r"^__all__(?:: list\[str\])? = \[(.*?)\]", re.MULTILINE | re.DOTALL)


class Contents(NamedTuple):
    """The names of a folder: the path of each module, and the module of each class, function or constant."""

    modules: dict[str, str]
    names: dict[str, str]


@cache
def contents(package: str, folder: Path) -> Contents:
    """The names of a folder from the `__all__` of its files, without importing them.

    A name defined in two files is left out; a module of the folder itself takes precedence over one of the same name
    in a subfolder, and over a function of that name.
    """
    files = sorted(path for path in folder.rglob("*.py") if path.name not in ("__init__.py", "__main__.py"))
    folders = sorted(path.parent for path in folder.rglob("__init__.py") if path.parent != folder)
    near = {path.stem: dotted(package, folder, path) for path in (*files, *folders) if path.parent == folder}
    deep = [path for path in (*files, *folders) if path.parent != folder]
    found: list[tuple[str, str]] = []
    for path in files:
        found += [(name, dotted(package, folder, path)) for name in public_names(path.read_text(encoding="utf-8"))]
    names = once([pair for pair in found if pair[0] not in near])
    modules = once([(path.stem, dotted(package, folder, path)) for path in deep if path.stem not in {**near, **names}])
    return Contents(modules | near, names)


def public_names(source: str) -> list[str]:
    """The names in the `__all__` of a file, given its text."""
    listed = NAMES.search(source)
    return re.findall(r"[\"'](\w+)[\"']", listed.group(1)) if listed else []


def dotted(package: str, folder: Path, path: Path) -> str:
    """The dotted name by which Python imports a file or folder."""
    return ".".join([package, *path.relative_to(folder).with_suffix("").parts])


def once(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Name -> module, for the names that occur once."""
    count: dict[str, int] = {}
    for name, _ in pairs:
        count[name] = count.get(name, 0) + 1
    return {name: place for name, place in pairs if count[name] == 1}


def hand_out(package: str, file: str) -> tuple[Any, Any]:
    """The `__getattr__` and `__dir__` of a folder, as functions of its contents."""
    folder = Path(file).parent

    def get(name: str) -> Any:
        modules, names = contents(package, folder)
        if name == "__all__":  # what `from isinglass.systems import *` takes
            return sorted(names)
        if name in modules:
            return importlib.import_module(modules[name])
        if name in names:
            return getattr(importlib.import_module(names[name]), name)
        raise AttributeError(f"{package} has no {name!r}; it has {', '.join(sorted((*modules, *names)))}")

    def listed() -> list[str]:
        modules, names = contents(package, folder)
        return sorted((*modules, *names))

    return get, listed
