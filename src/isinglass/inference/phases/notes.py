# SPDX-License-Identifier: Apache-2.0
"""What the reader of a blind search must know, in plain sentences: traps in the data, and what was found."""

import numpy as np

from isinglass.data.configurations import Configurations
from isinglass.inference.phases.features import lattice

__all__ = ["data_notes", "decision_notes"]


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
        notes.append(f"Only {len(points)} values of {name}: 15 to 30 across the transition serve better.")
    return notes


def decision_notes(decision, order, curves, estimates, data: Configurations) -> list[str]:
    """What was found, and at how many standard errors."""
    name, (low, high) = data.parameter_name, (order.points[0], order.points[-1])
    ends = (
        f"(ξ/L against its critical value: {decision.z[0]:+.1f} and {decision.z[1]:+.1f} standard errors at the ends)"
    )
    if decision.kind == "transition":
        return transition_notes(order, estimates, data, ends)
    if decision.kind == "confusion":
        return [
            f"No order parameter is seen at any {name} from {low:g} to {high:g}; the network alone tells "
            "neighboring points apart best at the value given. At one lattice size a smooth crossover looks the "
            "same: repeat with a larger one."
        ]
    if decision.kind == "ordered":
        text = (
            f"No transition: the data are ordered (ξ comparable to L) at every {name} from {low:g} to {high:g} {ends}."
        )
        return [text + " A disordered side is missing: extend the range."]
    if decision.kind == "disordered":
        text = f"No transition: the data are disordered at every {name} from {low:g} to {high:g} {ends}."
        return [
            text
            + " An ordered side is missing: extend the range; order that no two-point function shows is not excluded."
        ]
    if order.critical is None:
        return [
            f"No transition seen from {low:g} to {high:g}: no critical ξ/L is known in {len(lattice(data))} "
            "dimension(s), "
            "and the confusion curve has no clear interior peak."
        ]
    return [
        f"No transition established: one end of the range {low:g} to {high:g} lies too near to a transition {ends}. "
        "Extend the range on both sides, or take more configurations."
    ]


def transition_notes(order, estimates, data: Configurations, ends: str) -> list[str]:
    """The order that was found, and how far to trust the number."""
    name, sides = data.parameter_name, lattice(data)
    wave = "uniform order" if not any(order.wave) else f"order of wave vector {order.wave} in units of 2π/L"
    notes = [f"Both sides of a transition are in the data: {wave} on one, none on the other {ends}."]
    where = next(iter(estimates.values())).value
    outside = min(np.sum(order.points < where), np.sum(order.points > where))
    if outside < 4:
        notes.append(f"Only {outside} values of {name} lie beyond the transition on one side: extend the range there.")
    if len(set(sides)) > 1:
        notes.append(f"The lattice {sides} is not square: the critical ξ/L of a square one was used, at some cost.")
    if data.kind == "angle" and len(sides) == 2:
        notes.append(
            "Angles in two dimensions: taken as a Kosterlitz-Thouless transition, η = 1/4 at the value given. Networks "
            "see the specific heat instead, which peaks 10 to 20 % above; their reading is given but not combined."
        )
    return notes
