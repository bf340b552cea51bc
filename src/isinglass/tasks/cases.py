# SPDX-License-Identifier: Apache-2.0
"""Several problems by one verb, and their results as one: a table with a line for each case."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from isinglass.report.label import readable
from isinglass.result import Check, Result
from isinglass.run.progress import ProgressCallable, silent

__all__ = ["Case", "join", "labelled", "merged", "solve"]


class Case(NamedTuple):
    """A problem and the settings of the verb."""

    problem: Any
    settings: dict[str, Any]


def solve(
    verb: Callable[..., Result], key: Any, cases: Mapping[str, Case], *, progress: ProgressCallable = silent,
    checkpoint: Path | None = None,
) -> dict[str, Result]:  # fmt: skip
    """One case after the other, each with a key, a line of progress and a folder of its own."""
    import jax

    results = {}
    for (label, case), key_case in zip(cases.items(), jax.random.split(key, len(cases)), strict=True):
        report = lambda done, total, text, label=label: progress(done, total, f"{readable(label)}: {text}")  # noqa: E731
        folder = checkpoint and checkpoint / label
        results[label] = verb(key_case, case.problem, progress=report, checkpoint=folder, **case.settings)
    return results


def join(
    name: str, results: Mapping[str, Result], *, settings: dict[str, Any], figures: Sequence[str] = (),
    arrays: Any = None,
) -> Result:  # fmt: skip
    """Estimates QUANTITY/LABEL, checks "LAW (label)", models LABEL, arrays along `case`, filled up with NaN.

    Estimates that all cases have become arrays too: QUANTITY(case) and QUANTITY_error(case).  Or the arrays are given.
    """
    one = lambda label, model, result: label if len(result.models) == 1 else f"{label}_{model}"  # noqa: E731
    pairs = results.items()
    return Result(
        name,
        estimates={f"{quantity}/{label}": e for label, r in pairs for quantity, e in r.estimates.items()},
        checks=[check for label, r in pairs for check in labelled(r.checks, label)],
        arrays=side_by_side(results) if arrays is None else arrays,
        models={one(label, model, r): state for label, r in pairs for model, state in r.models.items()},
        settings=settings,
        status=next((f"{readable(label)}: {r.status}" for label, r in pairs if r.status != "done"), "done"),
        notes=[f"{readable(label)}: {note}" for label, r in pairs for note in r.notes],
        figures=list(figures),
    )


def labelled(checks: Sequence[Check], label: str, *, estimates: bool = True) -> list[Check]:
    """The checks, each law with the label of its case; without `estimates` in the result, they name none."""
    of = lambda check: f"{check.of}/{label}" if check.of and estimates else ""  # noqa: E731
    return [replace(c, law=f"{c.law} ({readable(label)})", of=of(c)) for c in checks]


def side_by_side(results: Mapping[str, Result]):
    """The arrays of all cases along `case`."""
    import xarray as xr

    every = list(results.values())
    case = xr.IndexVariable("case", list(results))
    arrays = xr.concat(
        [r.arrays for r in every], dim=case, data_vars="all", coords="minimal", compat="override", join="outer"
    )
    error = lambda e: np.nan if e.error is None else e.error  # noqa: E731
    shared = [q for q in every[0].estimates if "/" not in q and all(q in r.estimates for r in every)]
    for quantity in [q for q in shared if q not in arrays]:
        found = [r.estimates[quantity] for r in every]
        arrays[quantity] = ("case", np.array([e.value for e in found]))
        arrays[f"{quantity}_error"] = ("case", np.array([error(e) for e in found]))
    return arrays


def merged(name: str, results: Mapping[str, Result] | Sequence[Result]) -> Result:
    """Results of several methods as one, side by side: estimates QUANTITY/LABEL, variables NAME_LABEL, no `case`.

    Without labels, or with the label "", names stay.  Law: every check is there, so that the worst verdict stays.
    """
    import xarray as xr

    cases = list(results.items()) if isinstance(results, Mapping) else [("", one) for one in results]
    ended = [(label, one.status) for label, one in cases if one.status != "done"]
    return Result(
        name,
        estimates={ended_by(n, label): e for label, one in cases for n, e in one.estimates.items()},
        checks=[check for label, one in cases for check in (labelled(one.checks, label) if label else one.checks)],
        arrays=xr.merge(  # pyright: ignore[reportArgumentType]
            [suffixed(one.arrays, label) for label, one in cases], join="outer", combine_attrs="drop_conflicts"
        ),
        models={ended_by(n, label): model for label, one in cases for n, model in one.models.items()},
        seconds=sum(one.seconds or 0.0 for _, one in cases),
        status="; ".join(f"{readable(label)}: {status}" if label else status for label, status in ended) or "done",
        notes=[f"{readable(label)}: {note}" if label else note for label, one in cases for note in one.notes],
        figures=[ended_by(n, label, "_" if "/" in n else "/") for label, one in cases for n in one.figures],
        metrics=[row for _, one in cases for row in one.metrics],
    )


def ended_by(name: str, label: str, between: str = "/") -> str:
    """The name, if there is no label."""
    return f"{name}{between}{label}" if label else name


def suffixed(arrays: Any, label: str):
    """Every variable and dimension with the label at its end, but before _error and _exact, as figures look for it."""

    def named(name: str) -> str:
        ends = [end for end in ("_error", "_exact") if name.endswith(end)]
        return f"{name.removesuffix(ends[0])}_{label}{ends[0]}" if ends else f"{name}_{label}"

    return arrays.rename({n: named(str(n)) for n in {*arrays.variables, *arrays.dims}}) if label else arrays
