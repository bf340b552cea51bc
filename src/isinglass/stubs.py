# SPDX-License-Identifier: Apache-2.0
"""The face of the package for type checkers and editors: a stub beside each folder that hands out its names lazily.

`python -m isinglass.stubs` writes them anew; `make test` does so first, and a test holds them against the files.
"""

from pathlib import Path

from isinglass.contents import contents

__all__ = ["folder_stub", "stubs", "write_stubs"]

ROOT = Path(__file__).parent
HEADER = "# SPDX-License-Identifier: Apache-2.0\n# Written by `python -m isinglass.stubs`; do not edit.\n"


def folder_stub(package: str, folder: Path) -> str:
    """Every name that a folder hands out, as an import that a type checker follows."""
    modules, names = contents(package, folder)
    lines = [f"from {place.rpartition('.')[0]} import {name} as {name}" for name, place in modules.items()]
    lines += [f"from {place} import {name} as {name}" for name, place in names.items()]
    return HEADER + "\n" + "\n".join(sorted(lines)) + "\n"


def stubs() -> dict[Path, str]:
    """Each stub and what it must hold."""
    lazy = [path for path in sorted(ROOT.glob("*/**/__init__.py")) if "hand_out" in path.read_text()]
    return {
        path.with_suffix(".pyi"): folder_stub(
            ".".join(["isinglass", *path.parent.relative_to(ROOT).parts]), path.parent
        )
        for path in lazy
    }


def write_stubs() -> list[Path]:
    """Write those that differ.  Returns them."""
    changed = [path for path, text in stubs().items() if not path.exists() or path.read_text() != text]
    for path in changed:
        path.write_text(stubs()[path])
    return changed


if __name__ == "__main__":
    for path in write_stubs():
        print(f"wrote {path}")
