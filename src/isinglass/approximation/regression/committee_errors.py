# SPDX-License-Identifier: Apache-2.0
"""The spread of a committee beside its errors on labelled frames, and the factors that make it a standard error."""

from dataclasses import dataclass

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Int

from isinglass.approximation.regression.compared_frames import compared
from isinglass.approximation.regression.force_matching import PredictedFrames, predicted
from isinglass.approximation.regression.packed_frames import PackedFrames
from isinglass.nets.equivariant.committee_potential import CommitteePotential, forces_spread

__all__ = ["CommitteeErrors", "calibrated", "errors_of_committee"]

KNOWN = 0.99  # of the atoms of held-out frames have at most what is `known`
FIXED = 1e-3  # of the root mean square: a smaller spread is that of a force that symmetry fixes
EQUAL = 1e-5  # spread by error, below which members are one


@dataclass(frozen=True)
class CommitteeErrors:
    """Errors of the mean, and standard errors by the members, in the order of the frames.  Unit: eV, Å."""

    members: int
    forces_error: Float[np.ndarray, "atoms 3"]  # of frames with forces
    forces_spread: Float[np.ndarray, " atoms"]
    frame: Int[np.ndarray, " atoms"]
    energy_error: Float[np.ndarray, " frames"]  # an atom
    energy_spread: Float[np.ndarray, " frames"]
    members_square: Float[np.ndarray, " members"]  # <|ΔF|²>/3 of each


def errors_of_committee(committee: CommitteePotential, rows: PackedFrames) -> CommitteeErrors:
    """What the factors of the committee give: without calibration the bare spread."""
    seen = compared(members_predicted(committee, rows), rows)
    sigma = float(committee.forces_factor) * np.asarray(forces_spread(jnp.asarray(seen.forces.found)))
    return CommitteeErrors(
        len(seen.energy.found), seen.forces.error.mean(axis=0), sigma, seen.frame, seen.energy.error.mean(axis=0),
        float(committee.energy_factor) * seen.energy.found.std(axis=0, ddof=1),
        np.mean(seen.forces.error**2, axis=(1, 2)) if len(sigma) else np.zeros(len(seen.energy.found)),
    )  # fmt: skip


@eqx.filter_jit
def members_predicted(committee: CommitteePotential, rows: PackedFrames) -> PredictedFrames:
    """Of every member, row by row."""
    row_by_row = lambda member: jax.lax.map(  # noqa: E731
        lambda row: jax.tree.map(lambda a: a[0], predicted(member, jax.tree.map(lambda a: a[None], row))), rows
    )
    return committee.each(row_by_row)


def calibrated(committee: CommitteePotential, rows: PackedFrames) -> CommitteePotential:
    """The same with c_F² = <ΔF²/s²> over components of forces, c_E² = <ΔE²>/<s²> over frames, of held-out frames.

    c_F is the likeliest of normal errors; the spread of few energies varies too much for it.  A factor stays 1 where
    there is no label, or the members are equal; `known` is then 0.
    Ref: Musil et al. 2019, doi:10.1021/acs.jctc.8b00959.
    """
    bare = CommitteePotential(committee.members, shared=committee.shared)
    seen = errors_of_committee(bare, rows)
    of_forces = factor(seen.forces_error, seen.forces_spread)
    rms = lambda a: float(np.sqrt(np.mean(a**2)))  # noqa: E731
    differ = rms(seen.energy_spread) > EQUAL * rms(seen.energy_error)
    of_energy = rms(seen.energy_error) / rms(seen.energy_spread) if differ else 0.0
    known = of_forces * float(np.quantile(seen.forces_spread, KNOWN)) if of_forces else 0.0
    return CommitteePotential(committee.members, of_forces or 1.0, of_energy or 1.0, known, shared=committee.shared)


def factor(error: Float[np.ndarray, "n *a"], spread: Float[np.ndarray, " n"]) -> float:
    """√<error²/spread²> of forces that symmetry does not fix; 0 where it cannot be had."""
    if not len(spread):
        return 0.0
    square, wide = np.mean(error.reshape(len(error), -1) ** 2, axis=1), float(np.sqrt(np.mean(spread**2)))
    if wide <= EQUAL * float(np.sqrt(square.mean())):
        return 0.0
    free = spread > FIXED * wide
    return float(np.sqrt(np.mean(square[free] / spread[free] ** 2)))
