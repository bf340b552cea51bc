# SPDX-License-Identifier: Apache-2.0
"""The gallery: a page for each experiment, with the figures and the checks of a saved run where there is one.

`python docs/site_parts/gallery.py RUN ...` keeps, of finished runs, what the pages show.
"""

import importlib
import json
import re
import shutil
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

from isinglass.experiments.catalogue import Entry, catalogue
from isinglass.report.figures import caption
from isinglass.report.label import estimate_label, spelled
from isinglass.report.table import expected_cells, measured, requirement
from isinglass.result import Result
from site_parts.made import fill

__all__ = ["keep", "page", "write_pages"]

HERE = Path(__file__).parents[1] / "gallery"
SAVED = HERE / "saved"
MOST = 3  # figures of an experiment


def keep(run: Path) -> Path:
    """Of a run: result.json without its arrays, and the first figures of its report with their captions."""
    result = Result.load(run)
    folder = SAVED / result.name
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(run / "result.json", folder / "result.json")
    for old in folder.glob("*.svg"):
        old.unlink()
    captions = {}
    for number, name in enumerate(result.figures[:MOST], 1):
        drawn = run / "figures" / f"{name.replace('/', '-').replace('+', '-')}.svg"
        kept = shutil.copy(drawn, folder / f"{number}-{drawn.name}")
        captions[Path(kept).name] = caption(result, name)
    text = json.dumps(captions, indent=2, ensure_ascii=False)
    (folder / "captions.json").write_text(text + "\n", encoding="utf-8")
    return folder


def write_pages(app: Any) -> None:
    """A page for each experiment of the catalogue, and the list of them by task."""
    pages = {name: page(name, entry) for name, entry in catalogue().items()} | {"index": index()}
    fill(HERE, {f"{name}.md": text for name, text in pages.items()})


def index() -> str:
    """The list, one table for each of the three verbs."""
    lines = [
        "# Gallery of experiments",
        "",
        "Each is one command, with presets `smoke` (a minute), `laptop` and `paper`.",
    ]
    for task in dict.fromkeys(entry.task for entry in catalogue().values()):
        rows = [f"| [{n}]({n}.md) | {e.summary} |" for n, e in catalogue().items() if e.task == task]
        lines += ["", f"## {task}", "", "| experiment | what it shows |", "|---|---|", *rows]
    return "\n".join([*lines, "", "```{toctree}", ":hidden:", "", *catalogue(), "```", ""])


def page(name: str, entry: Entry) -> str:
    """What it shows, what it claims, how to run it, and what it measured."""
    module, _, kind = entry.where.partition(":")
    experiment = getattr(importlib.import_module(module), kind)
    settings = [field.name for field in fields(experiment)]
    lines = [
        f"# {name}", "", f"{entry.summary[0].upper()}{entry.summary[1:]}.", "", f"**Claim:** {experiment.claim}", "",
        f"    isinglass run {name}", f"    isinglass run {name} --preset smoke", "",
        f"Task: `{entry.task}`. The code: {{py:class}}`~{module}.{kind}`; its settings are flags: "
        + ", ".join(f"`--{setting.replace('_', '-')}`" for setting in settings) + ".", "",
    ]  # fmt: skip
    return "\n".join([*lines, *seen(SAVED / name)])


def seen(folder: Path) -> list[str]:
    """Figures and checks of the saved run."""
    if not (folder / "result.json").exists():
        return []
    record = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    result = Result.from_json(record)
    lines = [f"## Measured: verdict {result.verdict}", "", f"By `{result.command}`.", ""]
    lines += [line for path in sorted(folder.glob("*.svg")) for line in figure(path)]
    lines += ["| quantity | value | expected |", "|---|---|---|"]
    for name, estimate in result.estimates.items():
        lines.append(row(estimate_label(name), str(estimate), ", ".join(filter(None, expected_cells(result, name)))))
    lines += ["", "| check | measured | required | verdict |", "|---|---|---|---|"]
    lines += [row(check.law, measured(check), requirement(check), check.verdict) for check in result.checks]
    return [*lines, "", *(f"- {note}" for note in result.notes), ""]


def figure(path: Path) -> list[str]:
    """A figure with its caption, or its name where none was kept."""
    kept = path.parent / "captions.json"
    captions = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    name = spelled(re.sub(r"^\d-", "", path.stem))
    said = captions.get(path.name, name)
    return [f"```{{figure}} saved/{path.parent.name}/{path.name}", f":alt: {name}", "", said, "```", ""]


def row(*cells: str) -> str:
    """A row of a table, in which a bar is a sign."""
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    for run in sys.argv[1:]:
        print(keep(Path(run)))
