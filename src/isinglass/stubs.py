# SPDX-License-Identifier: Apache-2.0
"""Type stubs for type checkers and editors: one for each folder with lazy names, and one for the verbs, whose keywords
are the settings of the tasks.  Beside them the words that a shell completes, one line for each place.

`python -m isinglass.stubs` writes them; `make test` does so first, and a test compares them with the files.
"""

import ast
import builtins
import inspect
import json
import textwrap
import typing
from dataclasses import fields
from itertools import pairwise
from pathlib import Path

from isinglass.command_words import command_words
from isinglass.completion import TABLE
from isinglass.contents import contents
from isinglass.tasks.find import VERBS, tasks
from isinglass.tasks.setting.given_arrays import GivenArrays
from isinglass.tasks.task import AbstractTask

__all__ = ["completion_table", "folder_stub", "stubs", "verbs_stub", "write_stubs"]

ROOT = Path(__file__).parent
CONFIGURATIONS = "isinglass.data.configurations:Configurations"
ARRAYS = "isinglass.data.arrays.ArrayLike | typing.Sequence[typing.Any] | typing.Mapping[typing.Any, typing.Any]"
HEADER = "# SPDX-License-Identifier: Apache-2.0\n# Written by `python -m isinglass.stubs`; do not edit.\n"


def folder_stub(package: str, folder: Path) -> str:
    """Every name of a folder, as an import that a type checker follows."""
    modules, names = contents(package, folder)
    lines = [f"from {place.rpartition('.')[0]} import {name} as {name}" for name, place in modules.items()]
    lines += [f"from {place} import {name} as {name}" for name, place in names.items()]
    return HEADER + "\n" + "\n".join(sorted(lines)) + "\n"


def verbs_stub() -> str:
    """An overload of its verb for each task of this package."""
    ours = [task for verb in VERBS for task in tasks(verb) if task.__module__.startswith("isinglass.")]
    needed = {task.__module__ for task in ours}
    needed |= {place.partition(":")[0] for task in ours for place in task.problem}
    needed |= {"jax", "typing", "isinglass.result", "isinglass.run.progress", "isinglass.data.arrays"}
    needed.add(GivenArrays.__module__)
    lines = [*(f"import {name}" for name in sorted(needed)), "from pathlib import Path", "", f"__all__ = {list(VERBS)}"]
    count = {verb: sum(task.verb == verb for task in ours) for verb in VERBS}
    for task in ours:
        lines += ["", *(["@typing.overload"] if count[task.verb] > 1 else []), *signature(task)]
    return HEADER + "\n" + "\n".join(lines) + "\n"


def signature(task: type[AbstractTask]) -> list[str]:
    """`def sample(key, problem, temperature=..., *, ...) -> Result`: the settings in their order, each by name too.

    Where it takes configurations, arrays too, with what belongs to them.
    """
    problem = " | ".join(place.replace(":", ".") for place in task.problem)
    own, more = annotations(task), {}
    if task.verb == "infer" and CONFIGURATIONS in task.problem:
        problem, beside = f"{problem} | {ARRAYS}", annotations(GivenArrays)
        own, more = {name: beside.get(name, hint) for name, hint in own.items()}, beside
    keywords = [f"    {name}: {hint} = ...," for name, hint in own.items()]
    named = [f"    {name}: {hint} = ...," for name, hint in more.items() if name not in own]
    return [
        f"def {task.verb}(",
        "    key: jax.Array | int,",
        f"    problem: {problem},",
        *keywords,
        "    *,",
        *named,
        "    progress: isinglass.run.progress.ProgressCallable | typing.Literal[False] | None = ...,",
        "    checkpoint: Path | str | None = ...,",
        ") -> isinglass.result.Result: ...",
    ]


def annotations(task: type) -> dict[str, str]:
    """Setting -> its type as written in the file, with every name qualified by its module."""
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(task))).body
    assert isinstance(definition, ast.ClassDef)  # noqa: S101
    declared = {
        line.target.id: line.annotation
        for line, _ in pairwise(definition.body)
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name)
    }
    return {f.name: ast.unparse(Qualified(task.__module__).visit(declared[f.name])) for f in fields(task)}  # pyright: ignore


class Qualified(ast.NodeTransformer):
    """Replaces the names in an annotation by qualified ones."""

    def __init__(self, module: str):
        """`module`: the one in which the annotation stands."""
        self.module = module

    def visit_Name(self, node: ast.Name) -> ast.expr:  # noqa: N802
        """A builtin or a name of typing unchanged, any other as MODULE.NAME."""
        if hasattr(builtins, node.id) or node.id == "Path":
            return node
        place = "typing" if hasattr(typing, node.id) else self.module
        return ast.parse(f"{place}.{node.id}", mode="eval").body


def stubs() -> dict[Path, str]:
    """Path -> text of every stub."""
    lazy = [path for path in sorted(ROOT.glob("*/**/__init__.py")) if "hand_out" in path.read_text()]
    package = lambda path: ".".join(["isinglass", *path.parent.relative_to(ROOT).parts])  # noqa: E731
    found = {path.with_suffix(".pyi"): folder_stub(package(path), path.parent) for path in lazy}
    return found | {ROOT / "verbs.pyi": verbs_stub()}


def completion_table() -> str:
    """The words that a shell completes, as JSON with one line for each place."""
    rows = [f"{json.dumps(before)}: {json.dumps(words)}" for before, words in command_words().items()]
    return "{\n" + ",\n".join(rows) + "\n}\n"


def write_stubs() -> list[Path]:
    """Write the stubs, and the table of completion, where they differ from their files.  Returns their paths."""
    texts = stubs() | {TABLE: completion_table()}
    changed = [path for path, text in texts.items() if not path.exists() or path.read_text() != text]
    for path in changed:
        path.write_text(texts[path])
    return changed


if __name__ == "__main__":
    for path in write_stubs():
        print(f"wrote {path}")
