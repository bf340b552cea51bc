# SPDX-License-Identifier: Apache-2.0
"""Critical temperature and exponent from networks trained only at the far ends of the temperature range.

A network learns P(ordered | x) = σ(z(x)) deep in either phase; its logit z is then an order parameter, up to an
unknown scale and offset.  Two readings of it: the mean output crosses ½ at T_c(L) = T_c + a/L (Carrasquilla & Melko);
and the skewness of z, in which scale and offset cancel, is a function of (T - T_c) L^(1/ν) alone, like Binder's
cumulant, so that the data collapse of all sizes gives T_c and ν with small finite-size corrections.  Where energies
are known, d<z>/dT = (<z E> - <z><E>) / T² in units of the spread of z grows as L^(1/ν), which fixes ν.
Ref: Carrasquilla & Melko 2017, arXiv:1605.01735; Binder 1981, doi:10.1007/BF01293604.
"""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, NamedTuple

import jax
import numpy as np
import xarray as xr
from jaxtyping import Bool, Float

from isinglass.data.configurations import Configurations, kept
from isinglass.inference.phases.chain_sums import OutputCurves, bootstrap_curves, chain_sums, curves
from isinglass.inference.phases.classifier import Network, logits, train_classifiers
from isinglass.inference.phases.finite_size import Collapse, MeasuredCurve, crossing, extrapolate, scaling_fit
from isinglass.nets.classifier.classifier import Classifier
from isinglass.result import Estimate, Result

__all__ = ["Supervised", "locate_transition", "supervised", "train_at_the_ends"]


@dataclass(frozen=True)
class Supervised:
    """Settings of the supervised search.  The defaults make the logit follow the order parameter to 1 % at L >= 16."""

    network: Network = "mlp"
    members: int = 5  # independently trained networks
    hidden: int = 100
    filters: int = 16  # of the CNN, as are kernel and odd
    kernel: int = 3
    odd: bool = False  # features that change sign with the spins: no mixing with the energy
    train_size: int | None = None  # the one L to train at, for a network that takes any size; None: each L has its own
    ordered_below: float = 1.85  # rows at or below are labelled ordered
    disordered_above: float = 2.75  # rows at or above are labelled disordered; nothing in between is trained on
    optimizer: Literal["sgd", "momentum", "adam", "adamw"] = "momentum"  # Adam would amplify the directions of noise
    schedule: Literal["constant", "cosine"] = "constant"
    learning_rate: float = 0.1
    weight_decay: float = 0.01  # lets the random first weights die out, so that only the learned direction is left
    steps: int = 300
    batch_size: int = 64
    reach: float = 4.0  # the collapse uses |T - T_c| L <= reach
    degree: int = 4  # of the polynomial for the scaling function
    omega: float | None = 1.75  # exponent of the leading correction, L^-ω: 7/4 in 2D, from the regular background of χ
    resamples: int = 100  # bootstrap draws of chains and networks

    def __post_init__(self):
        if not self.ordered_below < self.disordered_above:
            raise ValueError(
                f"Expected ordered_below < disordered_above, got {self.ordered_below} and {self.disordered_above}; "
                "name two ends of the range with the transition between them."
            )


class Location(NamedTuple):
    """Where one set of curves puts the transition."""

    crossings: Float[np.ndarray, " sizes"]
    crossing_errors: Float[np.ndarray, " sizes"]
    extrapolated: Estimate
    critical: Estimate
    nu: Estimate
    collapse: Collapse


def supervised(
    key, configurations: Mapping[int, Configurations], settings: Supervised = Supervised(), *, name: str | None = None
) -> Result:
    """Train at the ends, evaluate in the middle: T_c (two ways) and ν, with errors over chains and networks.

    `configurations` by lattice size L; rows between the two ends are used for the reading only.  Where they
    have energies, ν is several times more precise.
    Cost: training ∝ members · steps · batch · N, reading ∝ members · n · N.
    """
    begin = time.perf_counter()
    key_train, key_read = jax.random.split(key)
    ensembles = train_at_the_ends(key_train, configurations, settings)
    trained = time.perf_counter()
    middle = {L: kept(c, between(c, settings)) for L, c in configurations.items()}
    result = locate_transition(key_read, ensembles, middle, settings, name=name)
    result.metrics.append({"training_seconds": trained - begin, "reading_seconds": time.perf_counter() - trained})
    result.seconds = time.perf_counter() - begin
    return result


def train_at_the_ends(key, configurations: Mapping[int, Configurations], settings: Supervised) -> dict[int, Classifier]:
    """An ensemble for each size (the same one, where `train_size` is set)."""
    sizes = sorted(configurations) if settings.train_size is None else [settings.train_size]
    ensembles = {}
    for k, L in zip(jax.random.split(key, len(sizes)), sizes, strict=True):
        c = configurations[L]
        low, high = c.parameter <= settings.ordered_below, c.parameter >= settings.disordered_above
        if not (low.any() and high.any()):
            raise ValueError(
                f"Expected configurations at T <= {settings.ordered_below} and T >= {settings.disordered_above} "
                f"for L = {L}, got T = {c.points.min():g} to {c.points.max():g}; widen the range or move the two ends."
            )
        rows = low | high
        ensembles[L] = train_classifiers(k, c.x[rows], low[rows], settings)
    return ensembles if settings.train_size is None else {L: ensembles[settings.train_size] for L in configurations}


def between(c: Configurations, settings: Supervised) -> Bool[np.ndarray, " n"]:
    """The rows between the ends, which no network was trained on."""
    return (c.parameter > settings.ordered_below) & (c.parameter < settings.disordered_above)


def locate_transition(
    key,
    ensembles: Mapping[int, Classifier],
    configurations: Mapping[int, Configurations],
    settings: Supervised,
    *,
    name: str | None = None,
) -> Result:
    """Read T_c and ν from the outputs of trained networks; with networks of another lattice, this is transfer."""
    name = name or f"supervised_{settings.network}"
    rng = np.random.default_rng(np.asarray(jax.random.key_data(key)).astype(np.uint32))
    sizes = sorted(configurations)
    sums = {}
    for L in sizes:
        c = configurations[L]
        chain = c.group if c.chain is None else c.chain
        sums[L] = chain_sums(logits(ensembles[L], c.x), c.parameter, chain, c.energy)
    read = {L: curves(sums[L]) for L in sizes}
    draws = {L: bootstrap_curves(rng, sums[L], settings.resamples) for L in sizes}
    T = {L: sums[L].T for L in sizes}
    found = locate(T, read, draws, settings)
    estimates = {
        f"critical_temperature/{name}": found.critical,
        f"correlation_length_exponent/{name}": found.nu,
    }
    figures = [f"network_output/{name}", f"collapse/{name}"]
    if settings.train_size is None:  # the threshold of a network trained at one size alone extrapolates to nothing
        estimates[f"critical_temperature/{name}_crossing"] = found.extrapolated
        figures.insert(1, f"extrapolation/{name}")
    return Result(
        name=name,
        estimates=estimates,
        arrays=dataset(name, T, read, draws, found),
        models={f"{name}/L={L}": ensembles[L] for L in sizes},
        settings=asdict(settings),
        status=status(found, T),
        figures=figures,
    )


def locate(
    T: Mapping[int, Any], read: Mapping[int, OutputCurves], draws: Mapping[int, OutputCurves], settings
) -> Location:
    """Crossings, their extrapolation, and the data collapse, each repeated on every bootstrap sample."""
    sizes = np.array(sorted(T), float)
    crossings = np.array([crossing(T[L], read[L].output) for L in T])
    resampled = np.array([[crossing(T[L], row) for row in draws[L].output] for L in T]).T
    resampled = np.where(np.isfinite(resampled), resampled, crossings)
    crosses = np.isfinite(crossings)
    if crosses.sum() >= 2:
        value, error, shift = extrapolate(sizes[crosses], crossings[crosses], resampled[:, crosses])
    else:
        value, error, shift = float(np.nanmean(crossings)) if crosses.any() else float("nan"), float("nan"), 0.0
    center = value if np.isfinite(value) else float(np.mean([np.mean(T[L]) for L in T]))
    names = ("skewness",) if any(read[L].log_slope is None for L in T) else ("skewness", "log_slope")
    observables = [
        {L: MeasuredCurve(T[L], getattr(read[L], n), getattr(draws[L], n), float(n == "log_slope")) for L in T}
        for n in names
    ]
    fit = scaling_fit(observables, center, reach=settings.reach, degree=settings.degree, omega=settings.omega)
    return Location(crossings, resampled.std(axis=0), Estimate(value, float(np.hypot(error, shift))), *fit)


def dataset(name: str, T, read, draws, found: Location) -> xr.Dataset:
    """All curves of the figures, on the union of the temperatures (NaN where a size has none)."""
    sizes = sorted(T)
    grid = np.unique(np.concatenate([T[L] for L in sizes]))

    def table(of):
        rows = np.full((len(sizes), len(grid)), np.nan)
        for row, L in zip(rows, sizes, strict=True):
            row[np.searchsorted(grid, T[L])] = of(L)
        return ("size", "temperature"), rows

    value, error = found.extrapolated.value, found.extrapolated.error
    slope = np.nanmean((found.crossings - value) * np.array(sizes)) if np.isfinite(value) else np.nan
    variables = {
        "output": table(lambda L: read[L].output),
        "skewness": table(lambda L: read[L].skewness),
        "crossing": ("size", found.crossings),
        "extrapolated": value,
        "critical": found.critical.value,
        "nu": found.nu.value,
    }
    if all(read[L].log_slope is not None for L in sizes):
        variables["log_slope"] = table(lambda L: read[L].log_slope)
    errors = {
        "output_error": table(lambda L: draws[L].output.std(axis=0)),
        "skewness_error": table(lambda L: draws[L].skewness.std(axis=0)),
        "crossing_error": ("size", found.crossing_errors),
        "extrapolated_error": error,
        "extrapolated_slope": slope,
        "critical_error": found.critical.error,
        "nu_error": found.nu.error,
    }
    named = {f"{base}_{name}": values for base, values in variables.items()}
    for label, values in errors.items():
        base, end = label.rsplit("_", 1)
        named[f"{base}_{name}_{end}"] = values
    return xr.Dataset(
        named,
        coords={"size": np.array(sizes), "temperature": grid},
        attrs={"chi2": found.collapse.chi2, "freedom": found.collapse.freedom},
    )


def status(found: Location, T: Mapping[int, Any]) -> str:
    """Whether the reading can be trusted, in words."""
    if not np.isfinite(found.crossings).all():
        return "the mean output does not cross 1/2 for every size: widen the temperature range towards the transition"
    ends = min(map(np.min, T.values())), max(map(np.max, T.values()))
    if not ends[0] < found.critical.value < ends[1]:
        return (
            "the collapse ran to the end of the temperature range: there is no transition inside it, or too little data"
        )
    if found.collapse.chi2 > 3 * max(found.collapse.freedom, 1):
        return "the curves do not collapse (chi2 per degree of freedom above 3): add larger sizes or narrow `reach`"
    return "done"
