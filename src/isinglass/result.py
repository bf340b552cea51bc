# SPDX-License-Identifier: Apache-2.0
"""What every verb returns: estimates with errors, checks with verdicts, arrays, models, and how they came about."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from isinglass.report.label import estimate_label
from isinglass.report.number import with_error
from isinglass.run.document import plain

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr
    from matplotlib.figure import Figure

__all__ = ["Check", "Estimate", "Relation", "Result", "Verdict", "installed_versions"]

Verdict = Literal["pass", "fail", "unknown"]
Relation = Literal["=", "<=", ">="]


@dataclass(frozen=True)
class Estimate:
    """A quantity with its standard error, value ± error; an unknown error is None."""

    value: float
    error: float | None = None
    unit: str = ""

    def __str__(self) -> str:
        """Value ± error, unit."""
        return f"{with_error(self.value, self.error)} {self.unit}".rstrip()


@dataclass(frozen=True)
class Check:
    """Does the result obey a law of physics?  `unknown` is never a pass."""

    law: str  # the statement, in words
    measured: float | None
    expected: float | None
    tolerance: float | None  # |measured - expected| (or measured - bound) that is still a pass
    verdict: Verdict
    error: float | None = None  # standard error of `measured`
    source: str = ""  # where `expected` comes from
    of: str = ""  # name of the estimate that `measured` is; empty where it is a number of its own
    relation: Relation = "="  # of `measured` to `expected`: an equality or a bound

    @staticmethod
    def within(
        law: str, measured: float, expected: float, tolerance: float, *, error: float | None = None, source: str = "",
        of: str = "",
    ) -> "Check":  # fmt: skip
        """|measured - expected| <= tolerance."""
        measured, expected, tolerance = float(measured), float(expected), float(tolerance)
        verdict = verdict_of(measured, abs(measured - expected) <= tolerance)
        return Check(law, measured, expected, tolerance, verdict, none_or_float(error), source, of)

    @staticmethod
    def at_most(
        law: str, measured: float, bound: float, *, tolerance: float = 0.0, error: float | None = None,
        source: str = "", of: str = "",
    ) -> "Check":  # fmt: skip
        """Measured <= bound + tolerance."""
        measured, bound, tolerance = float(measured), float(bound), float(tolerance)
        verdict = verdict_of(measured, measured <= bound + tolerance)
        return Check(law, measured, bound, tolerance, verdict, none_or_float(error), source, of, "<=")

    @staticmethod
    def at_least(
        law: str, measured: float, bound: float, *, tolerance: float = 0.0, error: float | None = None,
        source: str = "", of: str = "",
    ) -> "Check":  # fmt: skip
        """Measured >= bound - tolerance."""
        measured, bound, tolerance = float(measured), float(bound), float(tolerance)
        verdict = verdict_of(measured, measured >= bound - tolerance)
        return Check(law, measured, bound, tolerance, verdict, none_or_float(error), source, of, ">=")

    def resolved(self) -> "Check":
        """A claim that is missed by less than 4 standard errors is not refuted: `unknown`, and the law says so.

        For a bound that is no statistical one itself.  False alarm 3e-5; resolution: 7 errors beyond the bound.
        """
        if self.verdict != "fail" or not self.error or self.measured is None or self.expected is None:
            return self
        off = self.measured - self.expected
        missed = (abs(off) if self.relation == "=" else off if self.relation == "<=" else -off) - (self.tolerance or 0)
        if missed > 4 * self.error:
            return self
        more = f"missed by {missed / self.error:.1f} standard errors, 4 would refute it; more samples decide"
        return self.doubted(more)

    def doubted(self, why: str) -> "Check":
        """A check that failed where that decides nothing is `unknown`, and the law says why."""
        return replace(self, law=f"{self.law} ({why})", verdict="unknown") if self.verdict == "fail" else self


def verdict_of(measured: float, holds: bool) -> Verdict:  # noqa: FBT001
    """A number that is not finite proves nothing."""
    if not math.isfinite(measured):
        return "unknown"
    return "pass" if holds else "fail"


def none_or_float(x: Any) -> float | None:
    """A finite float, or None: JSON has no NaN."""
    return None if x is None or not math.isfinite(float(x)) else float(x)


TOLD = {"identity": False}  # what differs when the same is computed again: left out of fingerprints


@dataclass(repr=False)
class Result:
    """What a verb returns.  Prints as a table, plots itself, saves to a run directory and loads from it."""

    name: str
    estimates: dict[str, Estimate] = field(default_factory=dict, metadata=TOLD)
    checks: list[Check] = field(default_factory=list, metadata=TOLD)
    arrays: "xr.Dataset" = field(default_factory=lambda: no_arrays())
    models: dict[str, Any] = field(default_factory=dict)  # trained networks by name
    settings: dict[str, Any] = field(default_factory=dict)
    seed: int | None = None
    preset: str | None = None
    about: dict[str, str] = field(default_factory=dict, metadata=TOLD)  # in words: question, claim, paper, guide
    command: str = ""  # that repeats it; empty for a call in Python
    inputs: dict[str, str] = field(default_factory=dict)  # path -> SHA-256 of the files that it was computed from
    seconds: float | None = field(default=None, metadata=TOLD)
    status: str = "done"  # why it ended, with advice where it did not converge
    notes: list[str] = field(default_factory=list)  # sentences for the reader: warnings, traps, what the data show
    figures: list[str] = field(default_factory=list)  # names of the figures of report/figures.py that show it
    metrics: list[dict[str, float]] = field(default_factory=list, metadata=TOLD)  # history of training, row by row
    versions: dict[str, str] = field(default_factory=lambda: installed_versions())  # of what computed the numbers

    @property
    def verdict(self) -> Verdict:
        """`fail` if a check failed, `unknown` if none failed but one is unknown or there is none, else `pass`."""
        verdicts = {check.verdict for check in self.checks}
        if "fail" in verdicts:
            return "fail"
        return "pass" if verdicts == {"pass"} else "unknown"

    def series(self, name: str) -> "np.ndarray":
        """A column of the table of samples chain by chain, [temperature, chain, draw, ...]."""
        table = self.arrays[[name, "temperature", "chain", "draw"]].set_index(sample=["temperature", "chain", "draw"])
        return table[name].unstack("sample").transpose("temperature", "chain", "draw", ...).to_numpy()

    def stamped(self, *, seed: int | None) -> "Result":
        """The same result with its seed; its arrays say the seed and the version of isinglass too."""
        told = {"title": self.name, "random_seed": seed, "isinglass_version": self.versions.get("isinglass")}
        self.seed = seed
        if self.arrays.variables:
            self.arrays = self.arrays.assign_attrs({k: v for k, v in told.items() if v is not None})
        return self

    def to_datatree(self) -> "xr.DataTree":
        """The samples as a DataTree for ArviZ: `posterior` [chain, draw, temperature], and `configurations`.

        Of a posterior of parameters: `posterior` [chain, draw], `prior`, `observed_data`, `posterior_predictive`.
        `arviz_stats.ess(result.to_datatree())`.  A temperature: `.sel(temperature=2.3)`.
        Errors: InputError for a result without samples.
        """
        from isinglass.run.export.posterior_tree import is_posterior, posterior_tree
        from isinglass.run.export.samples import sample_tree

        return posterior_tree(self.arrays) if is_posterior(self.arrays) else sample_tree(self.arrays)

    def to_csv(self, path: str | Path) -> Path:
        """Write the samples as a table, a row each: temperature, chain, draw, energy, order parameter, observables.

        Without configurations, which `isinglass.data.write` puts into a netCDF file.  Nothing is overwritten.
        Errors: InputError for a result without samples, or a path that exists.
        """
        from isinglass.run.export.samples import write_csv

        write_csv(self.arrays, Path(path))
        return Path(path)

    def history(self, name: str) -> "np.ndarray":
        """A column of the training history, block by block: loss, seconds, ess ..."""
        import numpy as np

        return np.array([row[name] for row in self.metrics])

    def to_json(self) -> dict[str, Any]:
        """The schema that result.json and --json share; numbers are numbers, an unknown error is null."""
        return {
            "name": self.name,
            "preset": self.preset,
            "seed": self.seed,
            "about": self.about,
            "command": self.command,
            "inputs": self.inputs,
            "seconds": none_or_float(self.seconds),
            "status": self.status,
            "verdict": self.verdict,
            "notes": self.notes,
            "figures": self.figures,
            "estimates": {
                k: {
                    "value": none_or_float(e.value),
                    "error": none_or_float(e.error),
                    "unit": e.unit,
                    "label": estimate_label(k),
                }
                for k, e in self.estimates.items()
            },
            "checks": [
                {
                    "law": c.law,
                    "of": c.of,
                    "measured": none_or_float(c.measured),
                    "error": none_or_float(c.error),
                    "relation": c.relation,
                    "expected": none_or_float(c.expected),
                    "tolerance": none_or_float(c.tolerance),
                    "source": c.source,
                    "verdict": c.verdict,
                }
                for c in self.checks
            ],
            "versions": self.versions,
            "settings": plain(self.settings),
        }

    @staticmethod
    def from_json(record: Mapping[str, Any], where: str = "result.json") -> "Result":
        """The inverse of `to_json` (arrays and models are files of their own).

        Errors: InputError that names the entry, for one that is unknown, missing, or of another type.
        """
        from msgspec.structs import asdict

        from isinglass.run.text.record import result_record

        kept = asdict(result_record(record, where))
        estimates = {
            name: Estimate(math.nan if e.value is None else e.value, e.error, e.unit)
            for name, e in kept.pop("estimates").items()
        }
        checks = [Check(**asdict(check)) for check in kept.pop("checks")]
        kept.pop("verdict")  # that of the checks
        return Result(estimates=estimates, checks=checks, **kept)

    def __str__(self) -> str:
        """The table of estimates and checks."""
        from isinglass.report.table import render

        return render(self)

    def __repr__(self) -> str:
        """The same table, for a terminal."""
        return str(self)

    def _repr_html_(self) -> str:
        """The same tables, for a notebook."""
        from isinglass.report.html import render_cell

        return render_cell(self)

    def plot(self, *names: str) -> "dict[str, Figure]":
        """Draw the figures of this result, or those named; returns {name: matplotlib Figure}.

        In a notebook the output of the cell shows them, each with its caption.
        """
        from isinglass.report.figures import draw, show_in_cell
        from isinglass.run.progress import in_notebook

        figures = draw(self, names)
        if in_notebook():
            show_in_cell(self, figures)
        return figures

    def save(self, folder: str | Path, *, report: bool = True) -> Path:
        """Write the run directory (result.json, arrays.nc, models, figures, report.html), atomically.

        A network of your own is stored if its constructor's parameters are its fields; else a note says why it is not.
        """
        from isinglass.run.directory import save

        return save(self, Path(folder), report=report)

    @staticmethod
    def load(folder: str | Path, *, whole: bool = True, allow: Collection[str] = ()) -> "Result":
        """Read a run directory back; without arrays and networks, which take their time, if `whole` is false.

        Its networks are loaded if their classes are of isinglass or of a package in `allow`, ("mypackage",): to load
        a class imports its package, which may do anything, so allow what you would import.
        Errors: ValueError, in one line, where it is no run directory.
        """
        from isinglass.run.directory import load

        return load(Path(folder), Result.from_json, whole=whole, allow=allow)


def no_arrays() -> "xr.Dataset":
    """An empty data set; xarray is imported when the first result is made."""
    import xarray as xr

    return xr.Dataset()


def installed_versions() -> dict[str, str]:
    """Versions of what computed the numbers."""
    import platform
    from importlib.metadata import version

    names = ("isinglass", "jax", "jaxlib", "equinox", "optax", "numpy", "scipy", "scikit-learn")
    return {"python": platform.python_version(), **{name: version(name) for name in names}}
