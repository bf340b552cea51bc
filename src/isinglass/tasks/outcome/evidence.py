# SPDX-License-Identifier: Apache-2.0
"""What shows that a variational energy is that of the ground state, and in which sector of H the state lies."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from isinglass import checks, systems
from isinglass.result import Check, Estimate

if TYPE_CHECKING:
    from isinglass.approximation.variational.energy import Energy
    from isinglass.approximation.variational.lanczos_step import LanczosStep
    from isinglass.systems.quantum.hamiltonian import Hamiltonian

__all__ = ["SectorReport", "beside_exact", "by_itself", "doubts", "enough", "in_sectors", "moving"]

FEW = 32  # chains in a sector, for its energy
SEEN = 1e-6  # share of a sector, of a sum over all states


class SectorReport(NamedTuple):
    """The sector of most samples in words, and a check of the energies of all."""

    notes: list[str]
    checks: list[Check]


def beside_exact(
    found: "Energy", step: "LanczosStep | None", exact: float, accuracy: float, source: str
) -> list[Check]:
    """Bounds that hold for every state, and the stated accuracy: each can find the energy wrong."""
    scale = checks.energy_scale(exact, found.infinite)
    law = partial(checks.variational_principle, exact=exact, source=source, infinite=found.infinite)
    held = [law(found.energy, of="ground_state_energy"),
            checks.within_relative(found.energy, exact, accuracy, source, scale=scale),
            checks.variance_tells(found.energy, found.variance, exact, accuracy * scale)]  # fmt: skip
    if step is not None:
        held.append(law(step.energy, of="ground_state_energy/one_lanczos_step", what="<H> after one Lanczos step"))
        if step.extrapolates(found.energy):
            of = "ground_state_energy/at_zero_variance"
            held.append(checks.zero_variance(step.extrapolated, exact, accuracy * scale, source, of=of))
    return held


def by_itself(
    found: "Energy", step: "LanczosStep | None", other: "Energy | None", history: Any, accuracy: float
) -> list[Check]:
    """Without an exact energy: V-score, end of the optimization, another run, one Lanczos step and zero variance."""
    scale = checks.energy_scale(found.energy.value, found.infinite)
    held = [checks.small_v_score(found.v_score, found.variance, found.energy.value, found.infinite, accuracy),
            checks.optimization_ended(history, scale, accuracy),
            checks.runs_agree(found.energy, other and other.energy, accuracy, scale)]  # fmt: skip
    if step is None:
        return held
    lower, E, line = checks.lower_states, found.energy, "that at zero variance, extrapolated"
    held.append(lower(E, step.energy, accuracy, scale, what="that after one Lanczos step"))
    if step.extrapolates(E):
        held.append(lower(E, step.extrapolated, accuracy, scale, what=line, bound=False))
    return held


def moving(found: "Energy") -> list[Check]:
    """Whether the chains that measured moved; nothing of sums over all states."""
    if found.weights is not None:
        return []
    scale = checks.energy_scale(found.energy.value, found.infinite)
    return [checks.proposals_accepted(found.acceptance, found.variance, scale)]


def enough(key: Any, hamiltonian: "Hamiltonian", exact: float | None, accuracy: float) -> Callable[[Estimate], bool]:
    """Whether an energy is precise enough: the accuracy is told beside `exact`, or 4 errors are half of it."""
    infinite = systems.quantum.infinite_temperature.infinite_temperature(key, hamiltonian).energy

    def told(energy: Estimate) -> bool:
        if exact is None:
            return 8 * (energy.error or 0.0) <= accuracy * checks.energy_scale(energy.value, infinite)
        scale = checks.energy_scale(exact, infinite)
        return checks.within_relative(energy, exact, accuracy, scale=scale).verdict != "unknown"

    return told


def doubts(step: "LanczosStep | None", found: "Energy", held: list[Check]) -> list[str]:
    """Sentences: why a verdict is not a pass, and what would decide it."""
    notes = []
    if step is not None and found.energy.error and not step.extrapolates(found.energy):
        e = step.extrapolated
        notes.append(f"no energy at zero variance: {e} does not lie below <H> by more than its error")
    laws = [check.law for check in held if check.verdict == "unknown"]
    if laws:
        notes.append(f"not shown: {'; '.join(laws)}. More steps or samples, another ansatz, or exact would decide it")
    return notes


def in_sectors(hamiltonian: "Hamiltonian", found: "Energy", accuracy: float) -> SectorReport:
    """Which values of what H conserves, beyond what defines the space, the samples have, and with which energies.

    A state in several sectors is a mixture, whose energy is not below that of the best of them.
    """
    charges = systems.quantum.conserved.conserved(hamiltonian)
    if not charges.hidden:
        return SectorReport([], [])
    R, D = found.local.shape
    weights = np.full(R * D, 1 / (R * D)) if found.weights is None else found.weights
    chain, E = np.arange(R * D) // D, found.local.ravel()
    labels, which = np.unique(charges.labels(found.n.reshape(R * D, -1)), axis=0, return_inverse=True)
    shares = np.bincount(which, weights)
    order = [k for k in np.argsort(-shares) if shares[k] > SEEN]
    texts = [f"{charges.named(labels[k])} in {shares[k]:.3g} of the samples" for k in order[:2]]
    note = f"H conserves more than defines its space: {texts[0]}"
    if len(order) > 1:
        note += f"; {texts[1]}; {len(order)} sectors in all"
    counted = [sector_energy(E, weights, chain, which == k, summed=found.weights is not None) for k in order[:FEW]]
    known = [e for e in counted if e is not None]
    if len(known) < 2:
        return SectorReport([note], [])
    best, scale = min(known, key=lambda e: e.value), checks.energy_scale(found.energy.value, found.infinite)
    what = "that of the best sector of H that the chains are in"
    return SectorReport([note], [checks.lower_states(found.energy, best, accuracy, scale, what=what)])


def sector_energy(E: Any, weights: Any, chain: Any, inside: Any, *, summed: bool) -> Estimate | None:
    """<H> in one sector; its error from one number for each chain; None where too few chains are in it."""
    value = float(weights[inside] @ E[inside] / weights[inside].sum())
    if summed:
        return Estimate(value, 0.0)
    chains, index = np.unique(chain[inside], return_inverse=True)
    means = np.bincount(index, E[inside]) / np.bincount(index)
    return Estimate(value, float(means.std(ddof=1) / len(chains) ** 0.5)) if len(chains) >= FEW else None
