# SPDX-License-Identifier: Apache-2.0
"""What the reader of a blind search must know, in plain sentences: traps in the data, and what was found."""

import numpy as np

from isinglass.data.configurations import Configurations

__all__ = ["data_notes", "decision_notes", "kind_of_transition"]


def data_notes(data: Configurations) -> list[str]:
    """Traps that are visible in the file alone."""
    points, counts = np.unique(data.parameter, return_counts=True)
    name, notes = data.parameter_name, []
    if data.chain is None:
        notes.append(
            f"Chains unknown: rows of one {name} are cut into five blocks in file order and taken as independent. "
            "If neighbors in the file are correlated over longer stretches, errors are too small; add an array `chain`."
        )
    elif min(len(np.unique(data.chain[data.parameter == p])) for p in points) < 2:
        notes.append(
            f"Some {name} has one chain only, which leaves nothing independent to test on: chains were cut into five "
            "blocks in file order instead. Errors are too small if a chain stays correlated over a fifth of its length."
        )
    if counts.min() < 50:
        notes.append(f"Only {counts.min()} configurations at one {name}: 100 or more at each sharpen every estimate.")
    if counts.max() > 3 * counts.min():
        notes.append(
            f"Unequal numbers of configurations ({counts.min()} to {counts.max()}): each {name} weighs the same."
        )
    gaps = np.diff(points)
    if len(gaps) and gaps.max() > 3 * gaps.min():
        notes.append(
            f"The grid of {name} is uneven (steps {gaps.min():.3g} to {gaps.max():.3g}): where steps are wide the "
            "confusion curve is smoothed over them."
        )
    if len(points) < 10:
        notes.append(f"Only {len(points)} values of {name}: 15 to 30 across the transition are better.")
    return notes


NOT_ORDER = {
    "field": "a response to a field, no transition: the order parameter has a mean where there is no order "
    "({share:.2f} of <m²>, at {sigma:.0f} standard errors). If no field was applied, the chains are not equilibrated.",
    "independent": "no transition: only the mean changes, beyond it the sites are nearly independent at every {name} "
    "(S(Q+k)/S(Q+2k) = {shape:.2f}; 1 for independent sites, near 3 at a transition).",
    "normal": "No transition established: correlations grow to the size of the lattice, but the order parameter does "
    "not take the law of an ordered phase (<m⁴>/<m²>² = {moment:.2f} there; {critical:.2f} at a transition, 1 in "
    "order, {normal:.2g} for a normal law).",
}


def decision_notes(decision, order, found, data: Configurations) -> list[str]:
    """What was found, and at how many standard errors."""
    name, (low, high) = data.parameter_name, (order.points[0], order.points[-1])
    ends = (
        f"(ξ/L against its critical value: {decision.z[0]:+.1f} and {decision.z[1]:+.1f} standard errors at the ends)"
    )
    if decision.kind == "transition":
        return transition_notes(order, found, data, ends)
    if decision.kind in NOT_ORDER:
        share = found.mean_share
        return [
            "This is " * (decision.kind == "field")
            + NOT_ORDER[decision.kind].format(
                share=share.value, sigma=share.value / (share.error or np.inf), name=name, shape=found.shape.value,
                moment=found.moment_ordered.value, critical=found.moment_critical.value,
                normal=found.moment_normal.value,
            )
        ]  # fmt: skip
    if order.boundary == "part":
        return ["No transition established: no universal value is known for a part of a larger lattice. Give whole "
                "lattices, or say what the boundaries are (boundary='open')."]  # fmt: skip
    if order.critical is None and any(2 * q % L for q, L in zip(order.wave, data.lattice, strict=True)):
        where = f"S(k) is largest at {order.wave} in units of 2π/L, next to the wave that would order"
        return [
            f"No transition established: {where}; sides {data.lattice} of a periodic lattice frustrate it, so "
            "that no universal value is known: use sides that it fits, e.g. even ones."
        ]
    return [NO_TRANSITION[decision.kind].format(name=name, low=low, high=high, ends=ends, d=len(data.lattice))]


NO_TRANSITION = {
    "confusion": "No order parameter is seen at any {name} from {low:g} to {high:g}; the network alone tells "
    "neighboring points apart best at the value given. At one lattice size a smooth crossover looks the same: repeat "
    "with a larger one.",
    "forbidden": "No transition: in {d} dimension(s) this symmetry does not break at a temperature above zero (Mermin "
    "and Wagner 1966; Polyakov 1975; in one dimension nothing does); growing correlations are no order.",
    "ordered": "No transition: the data are ordered (ξ comparable to L) at every {name} from {low:g} to {high:g} "
    "{ends}. A disordered side is missing: extend the range.",
    "disordered": "No transition: the data are disordered at every {name} from {low:g} to {high:g} {ends}. An ordered "
    "side is missing: extend the range; order that no two-point function shows is not excluded.",
    "unclear": "No transition established: one end of the range {low:g} to {high:g} lies too near to a transition, or "
    "no critical ξ/L is known for these data {ends}. Extend the range on both sides, or take more configurations.",
}


def transition_notes(order, found, data: Configurations, ends: str) -> list[str]:
    """The order that was found, and how far to trust the number."""
    name = data.parameter_name
    wave = "uniform order" if not any(order.wave) else f"order of wave vector {order.wave} in units of 2π/L"
    notes = [f"Both sides of a transition are in the data: {wave} on one, none on the other {ends}."]
    known = order.critical
    name_of_class = known.name or f"not known for {order.symmetry} in {len(data.lattice)} dimensions"
    notes.append(f"Universal values of the class: {name_of_class}, {order.boundary} boundary ({known.source}).")
    if found.beyond < 4:
        notes.append(f"Only {found.beyond} values of {name} lie beyond the transition on one side: extend the range.")
    if found.groups < 2:
        notes.append(f"One row at each {name} leaves nothing independent: the error is unknown, and so is the verdict.")
    if order.symmetry.startswith("clock") and known.name.startswith("planar"):
        notes.append(
            "A clock of five directions or more has two transitions: /discrete is the lower one, below which one "
            "direction is chosen; the plain estimate is the upper one, to disorder."
        )
    if known.name.startswith("planar"):
        notes.append(
            "Planar spins in two dimensions: taken as a Kosterlitz-Thouless transition, η = 1/4 at the value given. "
            "Networks see the specific heat instead, which peaks 10 to 20 % above; their reading is not combined."
        )
    notes.append(kind_of_transition(found.bimodality))
    return notes


def kind_of_transition(bimodality) -> str:
    """First order or continuous, from the law of the nearest-neighbor correlation: two peaks or one."""
    value, error = bimodality.value, bimodality.error or np.inf
    shown = f"<δ⁴>/<δ²>² of the nearest-neighbor correlation = {value:.2f}; 3 for one phase, 1 for two"
    if value + 2 * error < 2.2:
        return f"First order: two phases coexist at the transition ({shown})."
    if value - 2 * error > 1.8:
        return f"Continuous, as far as one lattice size shows ({shown})."
    return f"Whether the transition is continuous or of first order is not decided ({shown}): add sizes or rows."
