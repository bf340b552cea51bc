# SPDX-License-Identifier: Apache-2.0
"""Which array of a table is what: configurations, the parameter of the scan, chains, energies, labels.

By name where it is a usual one, by shape where only one array fits; where several fit, the user is asked.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from isinglass.data.table import FileTable
from isinglass.errors import InputError

__all__ = ["CHAIN", "CONFIGURATIONS", "ENERGY", "MOST_LETTERS", "SCANS", "Stated", "common_name", "configurations_of",
           "few_of", "find", "named", "parameter_of"]  # fmt: skip

CONFIGURATIONS = (
    "configurations configuration configs config confs conf spins spin states state samples sample snapshots snapshot "
    "lattices lattice sigma sigmas theta thetas angles angle field fields phi images image x xtrain data s arr0"
).split()
CHAIN = "chain chains seed seeds run runs replica replicas walker walkers".split()
ENERGY = "energy energies e".split()
LABEL = "label labels y ytrain ordered isordered phase phases class classes target targets".split()
SCANS = {  # names of the parameter of a scan, the usual ones first
    "temperature": "temperature temperatures temp temps t ts kt temperaturelist tlist tvals".split(),
    "beta": "beta betas inversetemperature inversetemperatures invtemp betalist".split(),
    "p": "p ps probability probabilities concentration".split(),
    "g": "g gs gamma".split(),
    "h": "h hs bz magneticfield externalfield".split(),
    "coupling": "coupling couplings j k kappa lambda lam u".split(),
    "density": "density densities rho".split(),
    "parameter": "parameter parameters param control controlparameter".split(),
}
OBSERVED = (
    "magnetization magnetisation m mag mags magnetizations absm heatcapacity specificheat cv susceptibility chi "
    "index indices row rows step steps time sweep sweeps id weight weights size sizes l n nx ny lx ly"
).split()
MOST_LABELS = 10
MOST_NAMED, MOST_LETTERS = 12, 60  # entries of a file that a line names, letters of each


@dataclass(frozen=True)
class Stated:
    """What the user says of a file; everything is found, or asked for, where it is not said."""

    parameter: str | None = None
    configurations: str | None = None
    kind: str | None = None
    shape: tuple[int, ...] = ()
    axes: tuple[str, ...] = ()
    period: float | None = None
    boundary: str | None = None


def find(name: str) -> str:
    """A name as it is compared: small letters and digits alone."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def common_name(name: str) -> str:
    """The name that a scan has in results: temperature for T, temp, ...; beta; else as it is."""
    return next((common for common in ("temperature", "beta") if find(name) in SCANS[common]), name)


def few_of(names: Iterable[str]) -> str:
    """The first of these names, in one line."""
    words = [name[: 2 * MOST_LETTERS] for name in names]
    more = f" and {len(words) - MOST_NAMED} more" if len(words) > MOST_NAMED else ""
    return ", ".join(words[:MOST_NAMED]) + more


def is_array(array: np.ndarray) -> bool:
    """Whether it holds numbers."""
    return array.dtype.kind in "biufc"


def named(table: FileTable, usual: Iterable[str]) -> list[str]:
    """The arrays with one of the usual names, in the order of these."""
    return [name for word in usual for name in table.arrays if find(name) == word]


def configurations_of(table: FileTable, wanted: str | None = None) -> str | None:
    """The name of the array of configurations, None where there is none.

    Errors: InputError where several arrays may be meant, or the wanted one is missing.
    """
    if wanted is not None:
        if wanted not in table.arrays:
            held = few_of(table.arrays) or "none"
            raise InputError(f"an array {wanted!r} in {table.name}", held, "name one of them: configurations='NAME'")
        return wanted
    if "configurations" in table.arrays:
        return "configurations"
    large = [n for n, a in table.arrays.items() if a.ndim > 1 and max(a.shape[1:]) > 1 and is_array(a)]
    large = [n for n in large if find(n) not in (*CHAIN, *ENERGY, *OBSERVED, *LABEL) and not is_scan(n)]
    if len(large) < 2:
        return large[0] if large else None
    usual = [n for n in named(table, CONFIGURATIONS) if n in large]
    if len(usual) == 1:
        return usual[0]
    found = few_of(f"{n[:MOST_LETTERS]} {list(table.arrays[n].shape)}" for n in large)
    raise InputError(
        f"one array of configurations in {table.name}", found, f"say configurations='{large[0]}', for example"
    )


def is_scan(name: str) -> bool:
    """Whether it is a usual name of a temperature or an inverse temperature."""
    return find(name) in (*SCANS["temperature"], *SCANS["beta"]) and len(name) > 1


def parameter_of(table: FileTable, x: np.ndarray, wanted: str | None) -> tuple[str, bool] | None:
    """The array of the parameter, and whether it holds labels of phases only; None where there is none.

    Errors: InputError where several may be meant, or the wanted one is missing.
    """
    if wanted is not None:
        return stated_parameter(table, wanted)
    fits = [n for n, a in table.arrays.items() if a is not x and is_array(a) and fitting(a, x)]
    fits = [n for n in fits if find(n) not in (*CHAIN, *ENERGY, *OBSERVED)]
    varied = [n for n in fits if len(np.unique(table.arrays[n])) > 1] or fits
    time = "t" if len(varied) > 1 else ""  # beside another axis it may as well be the time
    known = [(common, n) for common, usual in SCANS.items() for n in varied if find(n) in usual and n != time]
    scans = [n for _, n in known if find(n) not in LABEL]
    if known and (len(known) == 1 or all(c in ("temperature", "beta") for c, _ in known)):
        return known[0][1], False
    others = [n for n in varied if n not in scans and not are_labels(n, table.arrays[n])]
    if len(scans) + len(others) == 1:
        return (scans + others)[0], False
    if scans or others:
        found = few_of([*scans, *others])
        raise InputError(f"one parameter of the scan in {table.name}", f"{found}, each with several values",
                         f"say which one: parameter='{(scans + others)[0]}'")  # fmt: skip
    labels = [n for n in varied if are_labels(n, table.arrays[n])]
    if not labels:
        refuse_lengths(table, x)
    return (labels[0], True) if labels else None


def refuse_lengths(table: FileTable, x: np.ndarray) -> None:
    """Errors: InputError for a temperature that has not one number for each configuration."""
    for name, array in table.arrays.items():
        if common_name(name) in ("temperature", "beta") and is_array(array) and (array.size > 1 or not len(x)):
            found = f"shape {list(array.shape)} for {len(x)} configurations of {list(x.shape[1:])} in {table.name}"
            raise InputError(f"one {name} for each configuration", found, "give both arrays the same length, above 0")


def stated_parameter(table: FileTable, wanted: str) -> tuple[str, bool] | None:
    """The array that the user names, whatever the case of its letters; None where only a constant has the name."""
    exact = [n for n in table.arrays if n == wanted] or [n for n in table.arrays if common_name(n) == wanted]
    exact = exact or [n for n in table.arrays if find(n) == find(wanted)]
    unnamed = [n for n in table.arrays if n.startswith("column_")]
    if exact or len(unnamed) == 1:
        name = (exact or unnamed)[0]
        return name, not is_scan(name) and are_labels(name, table.arrays[name]) and find(name) in LABEL
    return None


def fitting(array: np.ndarray, x: np.ndarray) -> bool:
    """Whether it has one number for each index of an axis of x, or of its first two."""
    flat = array.ndim > 0 and array.size == max(array.shape)
    return array.size > 1 and (array.shape == x.shape[:2] if not flat else array.size in x.shape)


def are_labels(name: str, array: np.ndarray) -> bool:
    """Whether the values may be names of phases: few whole numbers, by a name that is no scan's."""
    few = np.unique(np.real(array)) if is_array(array) else np.array([0.5])
    whole = bool(np.array_equal(few, np.rint(few)))
    return whole and len(few) <= MOST_LABELS and (find(name) in LABEL or len(few) <= 3)
