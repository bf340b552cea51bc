# SPDX-License-Identifier: Apache-2.0
"""The reference: one page for each folder, with every public name of its files."""

from pathlib import Path
from typing import Any

from isinglass.contents import public_names
from site_parts.made import fill

__all__ = ["page", "write_pages"]

ROOT = Path(__file__).parents[2] / "src"
HERE = Path(__file__).parents[1] / "reference"


def write_pages(app: Any) -> None:
    """The pages of all folders, and the one that lists them."""
    folders = [path.parent for path in sorted((ROOT / "isinglass").rglob("__init__.py"))]
    pages = {dotted(folder): page(folder) for folder in folders if modules(folder)}
    fill(HERE, {f"{name}.rst": text for name, text in (pages | {"index": index(sorted(pages))}).items()})


def page(folder: Path) -> str:
    """The page of a folder: its sentence, then file after file."""
    name = dotted(folder)
    lines = [*title(name, "="), *intro(name)]
    for path in modules(folder):
        module = dotted(path)
        lines += [*title(path.stem, "-"), f".. automodule:: {module}", "   :members:", "   :show-inheritance:", ""]
    return "\n".join(lines)


def intro(name: str) -> list[str]:
    """What the folder says of itself."""
    return [f".. automodule:: {name}", "   :no-members:", "   :no-index:", ""]


def index(names: list[str]) -> str:
    """The list of the pages."""
    lines = [*title("Reference", "="), "Every public name, with its equation, law and source, folder by folder.", ""]
    return "\n".join([*lines, ".. toctree::", "   :maxdepth: 1", "", *(f"   {name}" for name in names), ""])


def modules(folder: Path) -> list[Path]:
    """The files of a folder that have public names."""
    return [path for path in sorted(folder.glob("*.py")) if public_names(path.read_text()) and path.stem != "__init__"]


def dotted(path: Path) -> str:
    """The name by which Python imports it."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def title(text: str, mark: str) -> list[str]:
    """A heading."""
    return [text, mark * len(text), ""]
