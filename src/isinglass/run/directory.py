# SPDX-License-Identifier: Apache-2.0
"""A run on disk: `runs/NAME/<UTC time>-<short id>/`, written whole or not at all.  Law: load(save(result)) = result.

config.toml  command, seed, settings, versions     metrics.csv  history, row by row
result.json  estimates, checks, versions, times    figures/     *.png and *.svg
arrays.nc    arrays, netCDF                        report.html  the page, opens offline
model.safetensors, model.json  trained networks    checkpoint/  of a run that was stopped, to resume it
"""

import csv
import secrets
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from isinglass.errors import InputError
from isinglass.run.document import dumps, plain, read_json, read_toml, to_toml, toml_table
from isinglass.run.netcdf import read_netcdf, write_netcdf
from isinglass.run.output import new_path, whole_folder, write_atomically

if TYPE_CHECKING:
    from isinglass.result import Result

__all__ = ["find", "fill", "load", "new_run", "read_config", "save", "write_config"]


def new_run(root: Path, name: str) -> Path:
    """A new path below root/NAME, sorted by time: 20240229T120000Z-1a2b3c."""
    folder = root / name
    if not root.exists():
        new_path(root, "runs")
    folder.mkdir(parents=True, exist_ok=True)
    return new_path(folder / f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{secrets.token_hex(3)}", "run")


def save(result: "Result", folder: str | Path, *, report: bool = True) -> Path:
    """Write the run directory `folder`, which must be new, with figures and page unless `report` is false."""
    folder = Path(folder)
    with whole_folder(folder) as temporary:
        fill(result, temporary, report=report)
    return folder


def fill(result: "Result", folder: Path, *, report: bool = True) -> None:
    """Write all files of a run into an existing folder, the numbers first.

    A network that cannot be stored and a figure that cannot be drawn give a note in the result, not an error.
    Errors: OSError where the disk is full.
    """
    write_record(result, folder)
    if not (folder / "config.toml").exists():
        write_config(config_of(result), folder)
    if result.arrays.variables:
        write_netcdf(result.arrays, folder / "arrays.nc")
    if result.metrics:
        write_metrics(result.metrics, folder / "metrics.csv")
    if result.models:
        from isinglass.run.model_file import save_models

        refusals = save_models(folder, result.models)
        result.notes += [note for note in refusals if note not in result.notes]
        write_record(result, folder)
    if report:
        draw_report(result, folder)


def write_record(result: "Result", folder: Path) -> None:
    """Write result.json, again after a new note."""
    (folder / "result.json").write_text(dumps(result.to_json()), encoding="utf-8")


def draw_report(result: "Result", folder: Path) -> None:
    """Write figures/ and report.html; what cannot be drawn costs a note, since the numbers are on disk."""
    from isinglass.report.figures import save_figure
    from isinglass.report.html import write_page

    drawn = []
    for name in result.figures:
        with noted(result, f"the figure {name}"):
            drawn.append(save_figure(result, name, folder / "figures"))
    with noted(result, "the report"):
        write_page(result, folder / "report.html", drawn)
    write_record(result, folder)


@contextmanager
def noted(result: "Result", what: str) -> Iterator[None]:
    """A context in which an error of any kind, but of the disk, is a note that `what` was not drawn."""
    try:
        yield
    except OSError:
        raise
    except Exception as error:  # whatever a figure of another package may raise
        found = (str(error).splitlines() or [""])[0]
        result.notes.append(f"{what} was not drawn: {type(error).__name__}: {found}; the numbers are complete")


def load(
    folder: str | Path, build: Callable[[dict[str, Any]], Any], *, whole: bool = True, allow: Collection[str] = ()
) -> Any:
    """The result that `build` makes from result.json, with the contents of the other files.

    Arrays and networks, which are slow to load, are left out if `whole` is false.  `allow`: packages whose networks may
    be loaded besides those of isinglass, as `model_file.load_model` takes them.
    """
    folder = Path(folder)
    if not (folder / "result.json").is_file():
        found = "no result.json in it" if folder.is_dir() else "no such folder"
        raise InputError(f"a run directory at {folder}", found, "isinglass show prints the latest one")
    with readable(folder / "result.json"):
        result = build(read_json(folder / "result.json"))
    if (folder / "metrics.csv").is_file():
        with readable(folder / "metrics.csv"):
            result.metrics = read_metrics(folder / "metrics.csv")
    if whole and (folder / "arrays.nc").is_file():
        with readable(folder / "arrays.nc"):
            result.arrays = read_netcdf(folder / "arrays.nc")
    if whole and (folder / "model.json").is_file():
        with readable(folder / "model.json"):
            from isinglass.run.model_file import load_model

            result.models = load_model(folder, allow=allow)
    return result


def find(run: str, root: Path = Path("runs")) -> Path:
    """The run directory for a path, `latest`, or the NAME of an experiment (its latest run).

    Errors: InputError where there is none.
    """
    if (Path(run) / "result.json").is_file():
        return Path(run)
    folder = root if run == "latest" else root / run
    runs = sorted(folder.glob("*/result.json" if run != "latest" else "*/*/result.json"), key=lambda p: p.parent.name)
    if not runs:
        there = sorted({p.parent.parent.name for p in root.glob("*/*/result.json")})
        found = f"none for {run!r} in {root}/" + (f", but runs of {', '.join(there)}" if there else "")
        raise InputError("a run directory, the name of one, or 'latest'", found, "give its path or run it first")
    return runs[-1].parent


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """A context in which a truncated or foreign file raises InputError."""
    try:
        yield
    except InputError:
        raise
    except (ValueError, KeyError, TypeError, OSError, AttributeError, RecursionError) as error:
        reason = (str(error).splitlines() or [""])[0] or type(error).__name__
        found = f"one that cannot be read ({reason})"
        raise InputError(f"a whole {path.name} in {path.parent}", found, "copy the run again or repeat it") from None


def write_config(config: Mapping[str, Any], folder: Path) -> None:
    """Write config.toml: the command that repeats the run, name, preset, seed, versions, inputs and settings."""
    write_atomically(folder / "config.toml", to_toml(config).encode())


def config_of(result: "Result") -> dict[str, Any]:
    """What config.toml says of a result that no command made."""
    kept = {"command": result.command or None, "name": result.name, "preset": result.preset, "seed": result.seed}
    return kept | {"versions": result.versions, "inputs": result.inputs, "settings": plain(result.settings)}


def read_config(path: Path) -> dict[str, Any]:
    """The config.toml of a run, finished or not, or that in a file of configurations."""
    path = path / "config.toml" if path.is_dir() else path
    if not path.is_file():
        raise InputError("the config.toml of a run", f"none at {path}", "give a run directory, or its config.toml")
    with readable(path):
        config = toml_table(attached(path), str(path)) if path.suffix.lower() == ".nc" else read_toml(path)
        tables = {key: dict(config.get(key, {})) for key in ("versions", "inputs", "settings")}
        return {"command": "", "preset": None, "seed": None} | config | {"name": config["name"]} | tables


def attached(path: Path) -> bytes:
    """The text of config.toml that a netCDF file holds as an attribute."""
    import xarray as xr

    with xr.open_dataset(path, engine="h5netcdf") as dataset:
        return str(dataset.attrs["config"]).encode()


def write_metrics(metrics: list[dict[str, float]], path: Path) -> None:
    """Write metrics.csv: one line per row, with the columns of all rows."""
    columns = list(dict.fromkeys(name for row in metrics for name in row))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows({k: repr(float(v)) for k, v in row.items()} for row in metrics)


def read_metrics(path: Path) -> list[dict[str, float]]:
    """The rows of metrics.csv, the inverse of `write_metrics`."""
    with path.open(newline="", encoding="utf-8") as file:
        return [{k: float(v) for k, v in row.items() if v != ""} for row in csv.DictReader(file)]
