# SPDX-License-Identifier: Apache-2.0
"""What was asked of a run, and the number that answers it: what a report begins with."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from isinglass.report.deviation import expected_of
from isinglass.report.label import estimate_label, spelled
from isinglass.report.number import to_places, with_error
from isinglass.report.table import expected_cells, measured, requirement

if TYPE_CHECKING:
    from isinglass.result import Result

__all__ = ["Headline", "asked", "headline", "setting_text", "settings"]

DIAGNOSTICS = (  # how well it was sampled, not what was found
    "effective_sample_size", "sweeps", "r_hat", "autocorrelation_time", "acceptance", "effective_samples_per_second",
)  # fmt: skip
MATTER = (  # settings that say how large a run was, the first first
    "hamiltonian", "target", "parameters", "systems", "tasks", "size", "sizes", "side", "shape", "n_sites",
    "temperature", "n_rows", "frames", "simulations", "samples", "chains", "draws", "steps", "epochs", "method", 
    "ansatz", "model", "members",
)  # fmt: skip
MOST = 6  # of them
LENGTH = 200  # letters of a setting


class Headline(NamedTuple):
    """One number with its name, and what is expected of it."""

    label: str
    value: str
    expected: str
    deviation: str


def headline(result: "Result") -> Headline | None:
    """The first estimate that a check holds to an equality, else the first that tells more than how it was sampled.

    Of QUANTITY/METHOD it is QUANTITY, where that is an estimate: the best-founded one.  Of samples at several
    temperatures the largest specific heat.  Without estimates the first number that a check measured; None where there
    is none.
    """
    found = [name for name in result.estimates if name.partition("/")[0] not in DIAGNOSTICS]
    equal = [name for name in found if (check := expected_of(result, name)) and check.relation == "="]
    plain = [name for name in (one.partition("/")[0] for one in equal[:1]) if name in result.estimates]
    if not found and (peak := largest_specific_heat(result)):
        return peak
    for name in [*plain, *equal[:1], *found, *result.estimates]:
        return Headline(estimate_label(name), str(result.estimates[name]), *expected_cells(result, name))
    for check in result.checks:
        if check.measured is not None:
            return Headline(check.law, measured(check), requirement(check).removeprefix("= "), "")
    return None


def largest_specific_heat(result: "Result") -> Headline | None:
    """Of the temperatures of a run, beside the exact value of the lattice where that is known."""
    arrays = result.arrays
    if "specific_heat" not in arrays or arrays["specific_heat"].dims != ("point",) or arrays.sizes["point"] < 2:
        return None
    T, value, error = (arrays[name].to_numpy() for name in ("point", "specific_heat", "specific_heat_error"))
    if not np.isfinite(value).any():
        return None
    at = int(np.nanargmax(value))
    expected = deviation = ""
    if "specific_heat_exact" in arrays:
        exact = float(np.interp(T[at], arrays["curve"], arrays["specific_heat_exact"]))
        expected = to_places(exact, None)
        deviation = f"{(value[at] - exact) / error[at]:+.1f} σ" if error[at] > 0 else ""
    label = f"largest specific heat per site, at T = {T[at]:.6g}"
    return Headline(label, with_error(float(value[at]), float(error[at])), expected, deviation)


def asked(result: "Result") -> list[tuple[str, str]]:
    """Claim, paper and page of the documentation, the system or the files, and the settings that say how large."""
    about, told = result.about, result.arrays.attrs
    system = ", ".join(str(told[name]) for name in ("system", "parameters", "energy_function") if name in told)
    read = result.settings.get("read") or list(result.inputs)
    read = "; ".join(map(str, read)) if isinstance(read, list | tuple) else str(read)
    claim = "claim" if result.preset in (None, "laptop") else "claim at the laptop preset"
    rows = [(claim, about.get("claim", "")), ("system", shortened(system)), ("data", shortened(read))]
    given = result.to_json()["settings"]
    names = [name for name in MATTER if name in given and given[name] not in (None, "", [], {})][:MOST]
    rows += [(spelled(name), setting_text(given[name])) for name in names if name != "system"]
    guide = f"{about['guide']} in the repository of isinglass" if "guide" in about else ""
    return [row for row in [*rows, ("theory", about.get("paper", "")), ("explained in", guide)] if row[1]]


def settings(result: "Result") -> list[tuple[str, str]]:
    """All settings as text."""
    return [(name, setting_text(value)) for name, value in result.to_json()["settings"].items()]


def setting_text(value: Any) -> str:
    """A setting as a person reads it: a list as its ends and its length, a method by its name; at most 200 letters."""
    if value is None:
        text = "not given"
    elif isinstance(value, bool):
        text = "yes" if value else "no"
    elif isinstance(value, float):
        text = f"{value:.12g}"
    elif isinstance(value, Mapping):
        text = (
            class_text(value) if "class" in value else ", ".join(f"{k} = {setting_text(v)}" for k, v in value.items())
        )
    elif isinstance(value, Sequence) and not isinstance(value, str):
        text = list_text(value)
    else:
        text = str(value)
    return shortened(text)


def shortened(text: str) -> str:
    """At most 200 letters of it."""
    return text if len(text) <= LENGTH else text[: LENGTH - 3] + "..."


def class_text(value: Mapping[str, Any]) -> str:
    """A system or method: its class, with the numbers and words in it, and the classes of its parts."""
    parts = {k: v["class"] if isinstance(v, Mapping) and "class" in v else v for k, v in value.items() if k != "class"}
    said = {k: v for k, v in parts.items() if isinstance(v, int | float | str) and v != "" and not isinstance(v, bool)}
    shown = [f"{k} = {setting_text(v)}" for k, v in said.items() if not str(v).startswith("<")]  # no address of memory
    return f"{value['class']}({', '.join(shown)})"


def list_text(values: Sequence[Any]) -> str:
    """2, 4, 8; of many numbers the first, the last and how many."""
    numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
    if numbers and len(values) > 10:
        return f"{setting_text(values[0])} ... {setting_text(values[-1])}, {len(values)} values"
    return ", ".join(setting_text(v) for v in values) or "none"
