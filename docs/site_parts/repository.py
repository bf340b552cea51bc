# SPDX-License-Identifier: Apache-2.0
"""Files of the repository outside docs/ as pages of the site, and the links to them."""

import os
import re
from pathlib import Path
from typing import Any

from site_parts.made import fill

__all__ = ["linked_here", "pages", "write_pages"]

DOCS = Path(__file__).parents[1]
ROOT = DOCS.parent
HERE = DOCS / "repository"
LINK = re.compile(r"(\]\()(?!\w+:|#)([^)\s#]+)(#[^)]*)?(\))")


def pages() -> dict[Path, Path]:
    """File -> its page."""
    prose = {"README.md": "readme", "CONTRIBUTING.md": "contributing", "CHANGELOG.md": "changes"}
    found = {ROOT / name: HERE / f"{page}.md" for name, page in prose.items()}
    found |= {path: HERE / f"{path.parent.name}.md" for path in ROOT.glob("*/README.md")}
    return found | {path: HERE / "examples" / f"{path.stem}.md" for path in sorted((ROOT / "examples").glob("*.py"))}


def write_pages(app: Any) -> None:
    """Each file as a page, and the list of them."""
    made = {str(page.relative_to(HERE)): text_of(path, page) for path, page in pages().items()}
    names = [name.removesuffix(".md") for name in made]
    listed = "\n".join(["# The repository", "", "```{toctree}", ":maxdepth: 1", "", *names, "```", ""])
    fill(HERE, made | {"index.md": listed})


def text_of(path: Path, page: Path) -> str:
    """The prose with its links led to pages; a script as a listing under its title."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        return relinked(text, path.parent, page.parent)
    title = re.search(r"^\"\"\"# (.+)$", text, re.MULTILINE)
    listing = os.path.relpath(path, page.parent)
    return (
        f"# {title[1] if title else path.stem}\n\n```{{literalinclude}} {listing}\n:language: python\n:lines: 2-\n```\n"
    )


def linked_here(app: Any, name: str, source: list[str]) -> None:
    """The handler of `source-read`: links of our pages to files of the repository, in place."""
    path = Path(app.env.doc2path(name))
    if path.suffix == ".md" and HERE not in path.parents:
        source[0] = relinked(source[0], path.parent, path.parent)


def relinked(text: str, was: Path, now: Path) -> str:
    """Links relative to the folder `was` as links relative to `now`; those to files that have a page lead there.

    Folders have the list of the repository; a link to nothing stays one, so that the build ends with it.
    """
    made = pages()

    def led(match: re.Match[str]) -> str:
        target = (was / match[2]).resolve()
        target = made.get(target, made.get(target / "README.md", target))
        if target.is_dir() or target == ROOT / "LICENSE":
            target = HERE / "index.md"
        return f"{match[1]}{os.path.relpath(target, now)}{match[3] or ''}{match[4]}"

    return LINK.sub(led, text)
