# SPDX-License-Identifier: Apache-2.0
"""Find a phase transition blind: configurations of one lattice size against a parameter, and nothing else known."""

import time
from dataclasses import replace

import equinox as eqx
import jax
import numpy as np
import xarray as xr
from jaxtyping import Array, Float, Key

from isinglass.data.configurations import Configurations, kept
from isinglass.errors import InputError
from isinglass.inference.phases.confusion import Confusion, ConfusionCurves, confusion_curves, predict_points
from isinglass.inference.phases.decision import Evidence, asks_networks, decide, evidence, seen_by_networks
from isinglass.inference.phases.notes import data_notes, decision_notes
from isinglass.inference.phases.order_parameter import Order, order_curves
from isinglass.inference.phases.points import at_points
from isinglass.inference.phases.readings import (
    Reading,
    apart,
    by_networks,
    by_order,
    combine,
    discrete_order,
    joined,
    rounding,
)
from isinglass.inference.phases.refine import Refined, refine
from isinglass.inference.phases.symmetry_class import as_spins
from isinglass.result import Estimate, Result
from isinglass.run.document import plain

__all__ = ["Locate", "locate"]


class Locate(eqx.Module):
    """Settings of the blind search; the defaults are meant for every file."""

    confusion: Confusion = Confusion()
    raw: Confusion = Confusion(view="raw", n_folds=3, repeats=1, steps=300, batch_size=128)  # for data with channels
    draws: int = 200  # bootstrap draws over groups (chains)
    ask: bool = True  # networks too; the number is made of ξ/L and the moments where these have one
    refine: bool = True  # train away from the first answer and find the crossing of p = 1/2
    sides: float = 3.0  # standard errors by which ξ/L must pass its critical value at both ends: false alarm 1.3e-3
    prominence: float = 0.15  # of the confusion peak, where there is no order parameter
    significance: float = 4.0  # standard errors of that prominence


DEFAULT = Locate()


def locate(key: Key[Array, ""], data: Configurations, settings: Locate = DEFAULT) -> Result:
    """The transition in the data, if there is one; needs no critical temperature, couplings or lattice geometry.

    Three readings: `correlation_length`, where ξ/L of the ordering wave takes its value at a transition;
    `confusion`, where networks distinguish neighboring points best; `supervised`, where a network that was trained
    away from there passes p = 1/2.  The plain estimate weights them by their errors, systematic part included.
    There is a transition if the ends of the range lie on different sides of the critical ξ/L, each by three standard
    errors.  Law: independent of the order of rows where chains are known; T -> aT + b maps the estimate alike.
    """
    start = time.perf_counter()
    data, notes = prepared(data)
    key_order, key_predict, key_refine = jax.random.split(key, 3)
    rng = np.random.default_rng(np.asarray(jax.random.key_data(key_order)))
    order, structure = order_curves(rng, data, settings.draws)
    readings, found = by_order(order), None
    if "correlation_length" in readings:
        found = evidence(order, data, float(readings["correlation_length"].draws[0]))
    decision = decide(order, found, data, settings.sides)
    networks = settings.raw if data.channels else settings.confusion
    curves, refined, estimates = None, None, {}
    if settings.ask and (decision.kind == "transition" or asks_networks(decision, order, data)):
        predicted = predict_points(key_predict, data, networks)
        curves = confusion_curves(rng, predicted, window=networks.window, draws=networks.draws)
    if decision.kind == "transition":
        lower = discrete_order(order)
        estimates = {name: r.estimate for name, r in (readings | ({"discrete": lower} if lower else {})).items()}
    elif curves is not None:
        decision = seen_by_networks(decision, curves, settings.prominence, settings.significance)
    if curves is not None and decision.kind in ("transition", "confusion"):
        estimates |= by_networks(curves, order.points, data)
    if decision.kind == "transition" and settings.ask and settings.refine:
        first = next(iter(estimates.values())).value
        refined = refine(key_refine, data, first, networks)
        if refined is not None and np.isfinite(refined.position[0]):
            estimates["supervised"] = Reading(refined.position, rounding(first, data)).estimate
    result = Result("phases", settings=plain(vars(settings)), notes=notes)
    result.estimates = named(estimates, readings if decision.kind == "transition" else {}, found, data)
    result.notes += decision_notes(decision, order, found, data)
    known = evidence_arrays(found, apart(readings))
    result.arrays = arrays(order, structure, curves, refined, data).assign(marks(estimates) | known)
    result.figures = figures(result.arrays)
    result.status = "done" if estimates else f"no transition seen: {decision.kind}"
    result.seconds = time.perf_counter() - start
    return result


def prepared(data: Configurations) -> tuple[Configurations, list[str]]:
    """Rows in canonical order, at points, with labels as what they are; and what the reader must know of them.

    Errors: InputError for fewer than five values of the parameter.
    """
    data, binned = at_points(data)
    data, read = as_spins(canonical(data))
    if len(data.points) < 5:
        raise InputError(
            f"at least 5 values of {data.parameter_name}",
            f"{len(data.points)}",
            "sample more of them: a transition is found by comparing them",
        )
    return data, [*([f"Read {data.source}."] if data.source else []), *binned, *read, *data_notes(data)]


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


def named(
    estimates: dict[str, Estimate], readings: dict[str, Reading], found: Evidence | None, data: Configurations
) -> dict[str, Estimate]:
    """critical_temperature, of the order parameter where it has readings, and critical_temperature/METHOD of each.

    Without two independent groups at a point no error can be had.
    """
    if not estimates:
        return {}
    name = f"critical_{data.parameter_name}"
    all_of_them = {name: joined(readings) if readings else combine(estimates)}
    all_of_them |= {f"{name}/{method}": e for method, e in estimates.items()}
    lonely = found is not None and found.groups < 2
    known = lambda e: None if lonely or not np.isfinite(e.error or 0.0) else e.error  # noqa: E731
    return {key: Estimate(e.value, known(e)) for key, e in all_of_them.items()}


def arrays(
    order: Order,
    structure: Float[np.ndarray, "T *k"],
    curves: ConfusionCurves | None,
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
    if curves is not None:
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
    known = order.critical
    attributes = {"parameter": name, "kind": data.kind, "critical_ratio": known.xi[0] if known else np.nan}
    attributes |= {"universality": known.name if known else "", "boundary": order.boundary, "symmetry": order.symmetry}
    coordinates = {name: order.points} | ({} if curves is None else {"guess": curves.cut})
    return xr.Dataset(out, coordinates, attributes)


def evidence_arrays(found: Evidence | None, difference: Estimate | None) -> dict[str, float]:
    """The evidence as numbers, with their errors."""
    if found is None:
        return {}
    numbers = {name: value for name, value in found._asdict().items() if isinstance(value, Estimate)}
    numbers |= {"apart": difference} if difference else {}
    shown = {f"evidence_{name}": e.value for name, e in numbers.items()}
    shown |= {f"evidence_{name}_error": np.nan if e.error is None else e.error for name, e in numbers.items()}
    return shown | {"evidence_groups": found.groups, "evidence_beyond": found.beyond}


def marks(estimates: dict[str, Estimate]) -> dict[str, float]:
    """Positions that figures draw as bands."""
    names = {"confusion": "confusion_peak", "supervised": "crossing_supervised"}
    shown = {names[m]: e for m, e in estimates.items() if m in names}
    return {k: e.value for k, e in shown.items()} | {f"{k}_error": e.error or 0.0 for k, e in shown.items()}


def figures(found: xr.Dataset) -> list[str]:
    """What to draw: ξ/L and the order parameter, the W and its information, the supervised output."""
    shown = ["curve_vs_parameter/correlation_ratio", "curve_vs_parameter/order_parameter_mean"]
    shown += ["confusion"] if "confusion_accuracy" in found else []
    return shown + (["network_output/supervised"] if "output_supervised" in found else [])
