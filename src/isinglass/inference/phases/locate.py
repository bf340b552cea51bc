# SPDX-License-Identifier: Apache-2.0
"""Find a phase transition blind: configurations of one lattice size against a parameter, and nothing else known."""

import time
from dataclasses import replace
from typing import NamedTuple

import equinox as eqx
import jax
import numpy as np
import xarray as xr
from jaxtyping import Array, Float, Key

from isinglass.data.configurations import Configurations, kept
from isinglass.errors import InputError
from isinglass.inference.phases.confusion import Confusion, ConfusionCurves, confusion_curves, peak, predict_points
from isinglass.inference.phases.features import lattice
from isinglass.inference.phases.notes import data_notes, decision_notes
from isinglass.inference.phases.order_parameter import Order, crossing, order_curves
from isinglass.inference.phases.refine import Refined, refine
from isinglass.result import Estimate, Result
from isinglass.run.document import plain

__all__ = ["Decision", "Locate", "locate"]


class Locate(eqx.Module):
    """Settings of the blind search; the defaults are meant for every file."""

    confusion: Confusion = Confusion()
    raw: Confusion = Confusion(view="raw", n_folds=3, repeats=1, steps=300, batch_size=128)  # for data with channels
    draws: int = 200  # bootstrap draws over groups (chains)
    refine: bool = True  # train away from the first answer and find the crossing of p = 1/2
    sides: float = 3.0  # standard errors by which ξ/L must pass its critical value at both ends: false alarm 1.3e-3
    prominence: float = 0.15  # of the confusion peak, where there is no order parameter
    significance: float = 4.0  # standard errors of that prominence


DEFAULT = Locate()


class Decision(NamedTuple):
    """What the two ends of the range show."""

    kind: str  # transition, ordered, disordered, unclear, confusion
    z: tuple[float, float]  # standard errors beyond the critical ξ/L (> 0: ordered) at the lower and the upper end


def locate(key: Key[Array, ""], data: Configurations, settings: Locate = DEFAULT) -> Result:
    """The transition in the data, if there is one; needs no critical temperature, couplings or lattice geometry.

    Three readings: `correlation_length`, where ξ/L of the ordering wave takes its value at a transition;
    `confusion`, where networks distinguish neighboring points best; `supervised`, where a network that was trained
    away from there passes p = 1/2.  The plain estimate weights them by their errors, systematic part included.
    There is a transition if the ends of the range lie on different sides of the critical ξ/L, each by three standard
    errors.  Law: independent of the order of rows where chains are known; T -> aT + b maps the estimate alike.
    """
    start = time.perf_counter()
    data, notes = canonical(data), data_notes(data)
    if len(data.points) < 5:
        raise InputError(
            f"at least 5 values of {data.parameter_name}",
            f"{len(data.points)}",
            "sample more of them: a transition is found by comparing them",
        )
    key_order, key_predict, key_refine = jax.random.split(key, 3)
    rng = np.random.default_rng(np.asarray(jax.random.key_data(key_order)))
    order, structure = order_curves(rng, data, settings.draws)
    network = settings.raw if data.channels else settings.confusion
    curves = confusion_curves(
        rng, predict_points(key_predict, data, network), window=network.window, draws=network.draws
    )
    decision = decide(order, curves, data, settings)
    refined, estimates = None, {}
    if decision.kind in ("transition", "confusion"):
        estimates = readings(order, curves, data)
        if decision.kind == "confusion":
            estimates.pop("correlation_length", None)
        first = next(iter(estimates.values())).value
        refined = (
            refine(key_refine, data, first, network) if settings.refine and decision.kind == "transition" else None
        )
        if refined is not None and np.isfinite(refined.position[0]):
            estimates["supervised"] = reading(refined.position, rounding(first, data))
    result = Result("phases", settings=plain(vars(settings)), notes=notes)
    result.estimates = named(estimates, data)
    result.notes += decision_notes(decision, order, curves, estimates, data)
    result.arrays = arrays(order, structure, curves, refined, data).assign(marks(estimates))
    result.figures = figures(estimates)
    result.status = "done" if estimates else f"no transition seen: {decision.kind}"
    result.seconds = time.perf_counter() - start
    return result


def canonical(data: Configurations) -> Configurations:
    """The same rows in an order that does not depend on the file: by parameter, chain and content.

    Where chains are unknown the order within one parameter value is kept, since it stands for the chain; a chain for
    each point alone cannot be split into independent parts, so there too neighbors in the file are kept together.
    """
    point = np.unique(data.parameter, return_inverse=True)[1]
    chain = data.chain
    if chain is not None and np.bincount(np.unique(np.stack([point, chain]), axis=1)[0]).min() < 2:
        chain = None
    if chain is None:
        rows = np.argsort(point, kind="stable")
        return replace(kept(data, rows), chain=None)
    flat = np.ascontiguousarray(data.x.reshape(data.n, -1))
    content = np.unique(
        flat.view(np.dtype((np.void, flat.dtype.itemsize * flat.shape[1]))).ravel(), return_inverse=True
    )
    rows = np.lexsort((content[1], chain, point))
    return kept(data, rows)


def decide(order: Order, curves: ConfusionCurves, data: Configurations, settings: Locate) -> Decision:
    """Are there an ordered and a disordered side?  Without order anywhere, has confusion a clear peak?"""
    z = ends(order)
    low, high = np.sign(z) * (np.abs(z) > settings.sides)
    if low * high < 0:
        return Decision("transition", z)
    if low > 0 and high > 0:
        return Decision("ordered", z)
    if (data.channels or data.kind == "real" or order.critical is None) and not (low > 0 or high > 0):
        tops = [peak(curves.cut, y) for y in curves.information]
        prominence = np.array([top.prominence for top in tops])
        if prominence[0] > max(settings.prominence, settings.significance * prominence[1:].std()):
            return Decision("confusion", z)
    return Decision("disordered" if low < 0 and high < 0 else "unclear", z)


def ends(order: Order) -> tuple[float, float]:
    """How far the two outermost points at each end are from the critical band of ξ/L, in standard errors; 0: inside."""
    if order.critical is None:
        return 0.0, 0.0
    contrast = lambda ratio: np.log1p((2 * np.pi * ratio) ** 2)  # ln S(Q)/S(Q+k): tame where there is no order  # noqa: E731
    least, most = (contrast(order.critical[0] + side * order.critical[1]) for side in (-1, 1))
    z = []
    for end in (slice(0, 2), slice(-2, None)):
        mean = contrast(order.curves.correlation_ratio[:, end]).mean(axis=1)
        distance = mean[0] - np.clip(mean[0], least, most)
        z.append(float(distance / max(mean[1:].std(), 1e-6)))
    return z[0], z[1]


def rounding(value: float, data: Configurations) -> float:
    """How far a maximum in a finite lattice may lie from the transition: |T| 0.36 / L, the specific heat of Ising's.

    Ref: Ferdinand and Fisher 1969, doi:10.1103/PhysRev.185.832.
    """
    side = np.prod(lattice(data)) ** (1 / len(lattice(data)))
    return 0.36 * abs(value) / side


def unevenness(points: Float[np.ndarray, " T"], value: float, reach: int = 3) -> float:
    """How far an uneven grid may pull a peak: difference of the distances to the third point on each side."""
    i = int(np.clip(np.searchsorted(points, value), reach, max(reach, len(points) - reach)))
    left, right = points[max(0, i - reach) : i], points[i : i + reach]
    return float(abs((right[-1] - value) / len(right) - (value - left[0]) / len(left))) if len(right) else 0.0


def reading(draws: Float[np.ndarray, " draw"], systematic: float) -> Estimate:
    """Value of the data; half the central 68 % of the bootstrap samples, and the systematic error in quadrature."""
    finite = draws[1:][np.isfinite(draws[1:])]
    low, high = np.percentile(finite, [15.87, 84.13]) if len(finite) > 10 else (-np.inf, np.inf)
    return Estimate(float(draws[0]), float(np.hypot((high - low) / 2, systematic)))


def readings(order: Order, curves: ConfusionCurves, data: Configurations) -> dict[str, Estimate]:
    """The transition by each method that gives one."""
    found = {}
    if order.critical is not None:
        value, spread = order.critical
        logs = np.log(order.curves.correlation_ratio)
        at = [crossing(order.points, logs[0], np.log(level)) for level in (value - spread, value + spread)]
        draws = np.array([crossing(order.points, curve, np.log(value)) for curve in logs])
        if np.isfinite(draws[0]):
            found["correlation_length"] = reading(draws, float(np.nan_to_num(abs(at[1] - at[0]) / 2)))
    tops = np.array([peak(curves.cut, y).position for y in curves.information])
    if np.isfinite(tops[0]):
        found["confusion"] = reading(tops, float(np.hypot(rounding(tops[0], data), unevenness(order.points, tops[0]))))
    return found


def combine(estimates: dict[str, Estimate], data: Configurations) -> Estimate:
    """Mean weighted by 1/error², its error stretched by √(χ²/(n-1)) where the methods disagree.

    Two-dimensional angles have no ordered phase: what networks find there is the specific heat, which peaks 10 to 20 %
    above the Kosterlitz-Thouless transition, so that ξ/L alone decides.
    """
    if data.kind == "angle" and len(lattice(data)) == 2 and "correlation_length" in estimates:
        return estimates["correlation_length"]
    values = np.array([e.value for e in estimates.values()])
    errors = np.array([e.error or np.inf for e in estimates.values()])
    if not np.isfinite(errors).any():
        return Estimate(float(values[0]))
    weights = errors**-2 / (errors**-2).sum()
    mean, error = float(weights @ values), float((errors**-2).sum() ** -0.5)
    chi2 = float((((values - mean) / errors) ** 2).sum()) / max(len(values) - 1, 1)
    return Estimate(mean, error * max(1.0, chi2**0.5))


def named(estimates: dict[str, Estimate], data: Configurations) -> dict[str, Estimate]:
    """critical_temperature, and critical_temperature/METHOD of each method."""
    if not estimates:
        return {}
    name = f"critical_{data.parameter_name}"
    return {name: combine(estimates, data)} | {f"{name}/{method}": e for method, e in estimates.items()}


def arrays(
    order: Order,
    structure: Float[np.ndarray, "T *k"],
    curves: ConfusionCurves,
    refined: Refined | None,
    data: Configurations,
) -> xr.Dataset:
    """Every curve and its standard error (NAME_error), against the parameter or the guessed transition; S(k) / N."""
    name, out = data.parameter_name, {}

    def add(variable: str, dimension: str, draws: Float[np.ndarray, "draw x"], long_name: str) -> None:
        out[variable] = (dimension, draws[0], {"long_name": long_name})
        out[f"{variable}_error"] = (dimension, draws[1:].std(axis=0))

    add("correlation_ratio", name, order.curves.correlation_ratio, r"$\xi / L$")
    add("moment_ratio", name, order.curves.moment_ratio, r"$\langle m^4 \rangle / \langle m^2 \rangle^2$")
    add("order_parameter_mean", name, order.curves.m_abs, r"order parameter $\langle |m| \rangle$")
    add("susceptibility", name, order.curves.susceptibility, r"$N (\langle m^2 \rangle - \langle |m| \rangle^2)$")
    add("confusion_accuracy", "guess", curves.accuracy, "accuracy")
    add("confusion_window_accuracy", "guess", curves.window_accuracy, "accuracy in equal windows")
    add("confusion_information", "guess", curves.information, "Fisher information")
    out["confusion_trivial"] = ("guess", curves.trivial, {"long_name": "accuracy of naming the larger side"})
    out["structure_factor"] = ((name, *[f"wave_{i}" for i in range(structure.ndim - 1)]), structure)
    if refined is not None:
        low = order.curves.correlation_ratio[0]
        output = refined.output if low[0] > low[-1] else 1 - refined.output
        add("output_supervised", name, output, "P(ordered)")
        out["trained"] = (name, refined.trained.astype(np.int8))
    attributes = {"parameter": name, "kind": data.kind, "critical_ratio": (order.critical or (np.nan,))[0]}
    return xr.Dataset(out, {name: order.points, "guess": curves.cut}, attributes)


def marks(estimates: dict[str, Estimate]) -> dict[str, float]:
    """Positions that figures draw as bands."""
    names = {"confusion": "confusion_peak", "supervised": "crossing_supervised"}
    shown = {names[m]: e for m, e in estimates.items() if m in names}
    return {k: e.value for k, e in shown.items()} | {f"{k}_error": e.error or 0.0 for k, e in shown.items()}


def figures(estimates: dict[str, Estimate]) -> list[str]:
    """What to draw: ξ/L and the order parameter, the W and its information, the supervised output."""
    shown = ["curve_vs_parameter/correlation_ratio", "curve_vs_parameter/order_parameter_mean", "confusion"]
    return shown + (["network_output/supervised"] if "supervised" in estimates else [])
