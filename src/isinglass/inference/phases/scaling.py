# SPDX-License-Identifier: Apache-2.0
"""One transition from several lattice sizes: where curves cross, how they collapse, and whether it is of first order.

ξ/L and <m⁴>/<m²>² depend on (T - T_c) L^(1/ν) alone, so that their curves cross at T_c whatever the class of the
transition, the shape of the lattice or its boundary; <m²> ~ L^(-2β/ν) there, and χ ~ L^(γ/ν) at its maximum.
At a transition of first order ν = 1/d, β = 0, γ/ν = d.  Law: 2β/ν + γ/ν = d (hyperscaling).
Ref: Binder 1981, doi:10.1007/BF01293604; Fisher and Berker 1982, doi:10.1103/PhysRevB.26.2507.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import NamedTuple

import equinox as eqx
import jax
import numpy as np
import xarray as xr
from jaxtyping import Array, Float, Key

from isinglass.data.configurations import Configurations
from isinglass.errors import InputError
from isinglass.inference.phases.decision import Decision, Evidence, decide, evidence
from isinglass.inference.phases.finite_size import MeasuredCurve, Scaling, scaling_fit
from isinglass.inference.phases.locate import evidence_arrays, prepared
from isinglass.inference.phases.notes import decision_notes
from isinglass.inference.phases.order_parameter import Order, order_curves
from isinglass.inference.phases.readings import Reading, by_order
from isinglass.result import Estimate, Result
from isinglass.run.document import plain

__all__ = ["BySize", "crossings", "scaling"]


class BySize(eqx.Module):
    """Settings of finite-size scaling."""

    draws: int = 200  # bootstrap draws over groups (chains)
    sides: float = 3.0  # standard errors by which ξ/L must pass its critical value at both ends
    degree: int = 3  # of the polynomial that all curves fall onto
    reach: float = 4.0  # of the window in units in which ln ξ/L of the largest size changes by one over its width


DEFAULT = BySize()


class OneSize(NamedTuple):
    """What one lattice size shows."""

    data: Configurations
    order: Order
    found: Evidence | None
    decision: Decision


def scaling(key: Key[Array, ""], by_size: Mapping[int, Configurations], settings: BySize = DEFAULT) -> Result:
    """T_c, ν, β/ν and γ/ν of two sizes or more, if the largest one shows spontaneous order in the range."""
    if len(by_size) < 2:
        raise InputError(
            "two lattice sizes or more", f"{len(by_size)}", "give configurations of one size by themselves"
        )
    rng = np.random.default_rng(np.asarray(jax.random.key_data(key)))
    notes, sizes = [], {}
    for L, data in sorted(by_size.items()):
        ready, said = prepared(data)
        sizes[L] = one_size(rng, ready, settings)
        notes += [note for note in said if note.startswith("Read ")]
    result = Result("phases", settings=plain(vars(settings)), notes=notes)
    largest = sizes[max(sizes)]
    name = largest.data.parameter_name
    result.arrays = curves(sizes)
    result.figures = []
    crossed = crossings({L: (s.order.points, s.order.curves.correlation_ratio) for L, s in sizes.items()})
    if largest.decision.kind != "transition" or not crossed:
        kind = largest.decision.kind if largest.decision.kind != "transition" else "the curves do not cross"
        result.status = f"no transition seen: {kind}"
        result.notes += decision_notes(largest.decision, largest.order, largest.found, largest.data)
        return result
    result.arrays = result.arrays.assign(evidence_arrays(largest.found, None))
    estimates, collapsed = scaled(sizes, crossed[max(crossed)].estimate.value, settings)
    for pair, reading in crossed.items():
        e = reading.estimate
        known = e.error if np.isfinite(e.error or np.inf) else None
        estimates[f"critical_temperature/crossing_L{pair[0]}_L{pair[1]}"] = Estimate(e.value, known)
    result.estimates = {k.replace("critical_temperature", f"critical_{name}"): e for k, e in estimates.items()}
    d = len(largest.data.lattice)
    result.arrays.attrs |= {"chi2": collapsed.collapse.chi2, "freedom": collapsed.collapse.freedom, "dimension": d}
    kind, said = kind_of(estimates["exponent_nu"], estimates["exponent_beta_over_nu"], largest.found, d)
    result.arrays.attrs |= {"transition": kind, "symmetry": largest.order.symmetry, "boundary": largest.order.boundary}
    result.notes.append(said)
    return result


def one_size(rng: np.random.Generator, data: Configurations, settings: BySize) -> OneSize:
    """Curves, evidence and decision of one size."""
    order, _ = order_curves(rng, data, settings.draws)
    readings, found = by_order(order), None
    if "correlation_length" in readings:
        found = evidence(order, data, float(readings["correlation_length"].draws[0]))
    return OneSize(data, order, found, decide(order, found, data, settings.sides))


def crossings(
    curves: Mapping[int, tuple[Float[np.ndarray, " T"], Float[np.ndarray, "draw T"]]],
) -> dict[tuple[int, int], Reading]:
    """Where the logarithms of neighboring sizes' curves are equal; pairs that do not cross are left out.

    The larger size's curve is taken at the smaller one's points by straight lines.  Their difference, about
    (T - T_c) (L'^(1/ν) - L^(1/ν)) d ln(ξ/L)/dx, is fitted by one line where ξ/L is within a factor of 4.5 of 0.9.
    """
    found = {}
    for small, large in pairwise(sorted(curves)):
        (T, y), (other, z) = curves[small], curves[large]
        inside = (other[0] <= T) & (other[-1] >= T)
        if inside.sum() < 4:
            continue
        logs = np.array([np.interp(T[inside], other, np.log(np.maximum(row, 1e-9))) for row in z])
        difference = logs - np.log(np.maximum(y[:, inside], 1e-9))
        top = np.abs(logs[0] - np.log(0.9)) < 1.5  # deep in order and far in disorder the ratios are noise
        points = T[inside][top]
        if top.sum() < 4:
            continue
        middle = points.mean()
        slope, height = np.polyfit(points - middle, difference[:, top].T, 1)
        draws = middle - height / np.where(slope == 0, np.nan, slope)
        if points[0] <= draws[0] <= points[-1]:
            found[small, large] = Reading(draws, 0.0)
    return found


def scaled(sizes: Mapping[int, OneSize], first: float, settings: BySize) -> tuple[dict[str, Estimate], Scaling]:
    """T_c and ν by collapse of ln ξ/L; β/ν from <m²> at T_c, γ/ν from the maxima of χ."""
    largest = sizes[max(sizes)].order
    logs = np.log(np.maximum(largest.curves.correlation_ratio[0], 1e-9))
    near = np.sort(np.argsort(np.abs(largest.points - first))[:4])
    slope = abs(np.polyfit(largest.points[near], logs[near], 1)[0])
    unit = max(sizes) / (settings.reach * slope)  # in units of it, the window is one in ln ξ/L of the largest size
    measured = {L: measured_curve(s.order, unit) for L, s in sizes.items()}
    fit = scaling_fit([measured], first / unit, reach=settings.reach, degree=settings.degree, omega=None)
    critical = Estimate(fit.critical.value * unit, (fit.critical.error or 0.0) * unit)
    logs_L = np.log(sorted(sizes))

    def power(values: Float[np.ndarray, "size draw"]) -> Float[np.ndarray, " draw"]:
        return np.polyfit(logs_L, np.log(np.maximum(values, 1e-30)), 1)[0]

    squares = lambda T: np.array([at(s.order.points, s.order.curves.m2, T) for _, s in sorted(sizes.items())])  # noqa: E731
    peaks = np.array([s.order.curves.susceptibility.max(axis=1) for _, s in sorted(sizes.items())])
    beta, gamma = -power(squares(critical.value)) / 2, power(peaks)
    low, high = (power(squares(critical.value + side * (critical.error or 0.0))) for side in (-1, 1))
    return {
        "critical_temperature": critical,
        "exponent_nu": fit.nu,
        "exponent_beta_over_nu": Estimate(float(beta[0]), float(np.hypot(beta[1:].std(), (high - low)[0] / 4))),
        "exponent_gamma_over_nu": Estimate(float(gamma[0]), float(gamma[1:].std())),
        "exponent_sum": Estimate(float(2 * beta[0] + gamma[0]), float(np.hypot(2 * beta[1:].std(), gamma[1:].std()))),
    }, fit


def measured_curve(order: Order, unit: float) -> MeasuredCurve:
    """ln ξ/L against the parameter in these units."""
    logs = np.log(np.maximum(order.curves.correlation_ratio, 1e-9))
    return MeasuredCurve(order.points / unit, logs[0], logs[1:])


def at(points: Float[np.ndarray, " T"], values: Float[np.ndarray, "draw T"], T: float) -> Float[np.ndarray, " draw"]:
    """ln-linear value of positive curves at T."""
    return np.exp([np.interp(T, points, row) for row in np.log(np.maximum(values, 1e-30))])


def kind_of(nu: Estimate, beta: Estimate, found: Evidence | None, d: int) -> tuple[str, str]:
    """(continuous, first order or unknown, a sentence): ν against 1/d and β/ν against 0, each by three errors.

    Law: first order has ν = 1/d and β = 0; weak first order looks continuous up to its correlation length.
    """
    z_nu = (nu.value - 1 / d) / max(nu.error or np.inf, 1e-9)
    z_beta = beta.value / max(beta.error or np.inf, 1e-9)
    shown = f"ν = {nu}, 1/d = {1 / d:.3g}; β/ν = {beta}"
    if z_nu > 3 and z_beta > 3:
        return "continuous", f"The transition is continuous ({shown})."
    two = found is not None and found.bimodality.value + 2 * (found.bimodality.error or np.inf) < 2.2
    sharp = (nu.error or np.inf) < 0.25 / d and (beta.error or np.inf) < 0.05
    if abs(z_nu) < 3 and abs(z_beta) < 3 and two and sharp:
        return "first order", f"The transition is of first order ({shown}; two phases coexist at the largest size)."
    return "unknown", f"Continuous or first order: not decided ({shown}); larger sizes or more rows tell."


def curves(sizes: Mapping[int, OneSize]) -> xr.Dataset:
    """ξ/L, <m⁴>/<m²>², <m²> and χ of each size against its own points, padded with NaN."""
    longest = max(len(s.order.points) for s in sizes.values())
    pad = lambda rows: np.array([np.pad(r, (0, longest - len(r)), constant_values=np.nan) for r in rows])  # noqa: E731
    out = {"parameter_values": (("size", "point"), pad([s.order.points for s in sizes.values()]))}
    for field in ("correlation_ratio", "moment_ratio", "m2", "susceptibility"):
        draws = [getattr(s.order.curves, field) for s in sizes.values()]
        out[f"{field}_by_size"] = (("size", "point"), pad([y[0] for y in draws]))
        out[f"{field}_by_size_error"] = (("size", "point"), pad([y[1:].std(axis=0) for y in draws]))
    return xr.Dataset(out, {"size": list(sizes)}, {"parameter": next(iter(sizes.values())).data.parameter_name})
