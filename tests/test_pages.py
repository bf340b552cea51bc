# SPDX-License-Identifier: Apache-2.0
"""The pages of the site tell the truth: their Python runs as it stands there, their commands have the flags they name.

What a page takes for granted (a file of the reader) is made by the Python of its comments `<!-- python ... -->`.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.tasks.atoms.mace_models import unpacked

from isinglass.cli import main

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for path in sorted(DOCS.rglob("*.md"))
    if not {"build", "reference", "repository"} & set(path.relative_to(DOCS).parts)
}
PAGES["README.md"] = (ROOT / "README.md").read_text(encoding="utf-8")
COMMAND = re.compile(r"^    (?:\w+=\S+ )*isinglass ([a-z][\w-]*)([^\n#]*)", re.MULTILINE)
FLAG = re.compile(r"(?<= )(--[a-z][\w-]*)")


def python_of(text: str) -> str:
    """The code of a page, that of its comments too, in their order."""
    found = re.findall(r"<!-- python\n(.*?)-->|```py(?:thon)?\n(.*?)```", text, re.DOTALL)
    return "\n".join(made or shown for made, shown in found)


def flags_of(text: str) -> dict[str, set[str]]:
    """Command, with its method where that decides on the flags -> the flags that a page gives it."""
    found: dict[str, set[str]] = {}
    for command, words in COMMAND.findall(text):
        name = words.split()[0] if command in ("run", "sample") and words.split() else ""
        name = "" if name.startswith("-") or not re.fullmatch(r"[a-z][\w-]*", name) else name
        method = re.search(r"--method \S+", words)
        whole = " ".join(word for word in (command, name, method[0] if method else "") if word)
        found.setdefault(whole, set()).update(FLAG.findall(words))
    return {command: flags for command, flags in found.items() if flags}


def files_of_potentials(folder: Path) -> None:
    """The reader's: train.extxyz of copper and its alloys by effective medium theory, mace.model, start.xyz."""
    calculators, build, io = (pytest.importorskip(f"ase.{name}") for name in ("calculators.emt", "build", "io"))
    unpacked(folder)
    shutil.copy(folder / "residual.model", folder / "mace.model")
    io.write(folder / "start.xyz", build.molecule("CO2"))
    frames = []
    for seed in range(40):
        frame = build.bulk("Cu", cubic=True)
        frame.symbols[seed % 4] = "Au"
        frame.rattle(0.1, seed=seed)
        frame.calc = calculators.EMT()
        frame.info["REF_energy"], frame.arrays["REF_forces"] = frame.get_potential_energy(), frame.get_forces()
        frame.calc = None
        frames.append(frame)
    io.write(folder / "train.extxyz", frames)


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page, text in PAGES.items() if python_of(text)])
def test_the_python_of_a_page_runs(page, tmp_path):
    if page == "docs/potentials.md":
        files_of_potentials(tmp_path)
    path = tmp_path / "page.py"
    path.write_text(python_of(PAGES[page]), encoding="utf-8")
    done = subprocess.run([sys.executable, path], cwd=tmp_path, capture_output=True, text=True, env=os.environ)
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.mark.parametrize("command", sorted({command for text in PAGES.values() for command in flags_of(text)}))
def test_the_flags_of_a_command_exist(command, capsys):
    """Of all pages together; planted: a flag that no command has."""
    named = set.union(*(flags_of(text).get(command, set()) for text in PAGES.values()))
    with pytest.raises(SystemExit):
        main([*command.split(), "--help"])
    known = set(re.findall(r"--[a-z][\w-]*", capsys.readouterr().out))
    assert named - known == set()
    assert "--no-such-flag" not in known
