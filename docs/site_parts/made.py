# SPDX-License-Identifier: Apache-2.0
"""Folders of pages that are made at each build."""

from collections.abc import Mapping
from pathlib import Path

__all__ = ["fill"]


def fill(folder: Path, pages: Mapping[str, str]) -> None:
    """Make the pages of a folder these (file -> text), and no others of their kinds.

    A file that is as before is left as it is, so that Sphinx does not read it again.
    """
    kinds = {Path(name).suffix for name in pages}
    for path in [path for path in folder.rglob("*") if path.suffix in kinds]:
        if str(path.relative_to(folder)) not in pages:
            path.unlink()
    for name, text in pages.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
