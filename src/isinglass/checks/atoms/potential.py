# SPDX-License-Identifier: Apache-2.0
"""Does a potential obey what every energy of atoms obeys?  Held in float64, where a break is not round-off."""

from dataclasses import replace
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key

from isinglass.result import Check
from isinglass.systems.particle.interatomic import AtomsSeen, forces

__all__ = ["all_tested", "each_element", "energies_error", "forces_error", "forces_unknown", "independent", "laws",
           "virials_error"]  # fmt: skip

GOOD = 0.1  # error of forces by their size that is good enough, unless another is wanted
EACH = 0.3  # the same of one element
FEW = 4  # frames, of which a spread is known
HALF = 0.5  # error of energies by their spread
LIKE = 0.3  # nearest distance by the median one
STEP = 1e-4  # Å, so small that a kink of the force, as of a cosine cutoff, is no error
SMALLEST = 1e-3  # eV/Å: errors of smaller forces are held against this
ZERO = 1e-6  # eV/Å: forces below are none
NEAR = 1e-7  # of the cutoff


def laws(key: Key[Array, ""], potential: Any, at: AtomsSeen) -> list[Check]:
    """Invariance, conservative forces, momentum, and no jump at the cutoff, at these atoms."""
    at = at._replace(r=at.r.astype(jnp.float64))
    key_frame, key_shift = jax.random.split(key)
    return [invariant(key_frame, potential, at), conservative(key_shift, potential, at), balanced(potential, at),
            continuous(potential, at)]  # fmt: skip


def size_of(potential: Any, at: AtomsSeen) -> float:
    """The root mean square of forces, or SMALLEST, by which errors are measured."""
    found = forces_jit(potential.atom_energies, *at).forces
    return max(float(jnp.sqrt(jnp.mean(jnp.square(found)))), SMALLEST)


forces_jit = eqx.filter_jit(forces)


def invariant(key: Key[Array, ""], potential: Any, at: AtomsSeen) -> Check:
    """E(Q r) = E(r) and F(Q r) = Q F(r) for rotations and reflections Q, to 1e-9 of the forces (times 1 Å).

    Resolution: any break above it, for the three frames that are tried.
    """
    here, worst = forces_jit(potential.atom_energies, *at), 0.0
    for k in jax.random.split(key, 3):
        Q = jnp.linalg.qr(jax.random.normal(k, (3, 3), jnp.float64))[0]
        there = forces_jit(potential.atom_energies, at.r @ Q.T, at.table, at.species)
        off = jnp.abs(there.energies - here.energies).max(), jnp.abs(there.forces - here.forces @ Q.T).max()
        worst = max(worst, float(off[0]), float(off[1]))
    law = "energies and forces turn with the frame, reflections too"
    return Check.at_most(law, worst / size_of(potential, at), 0.0, tolerance=1e-9, source="E(3)")


def conservative(key: Key[Array, ""], potential: Any, at: AtomsSeen) -> Check:
    """F · v = -dE/dt along x + t v: central differences of fourth order, to 1e-6 of |F · v|.

    Resolution: a force that is off by a millionth.
    """
    v = jax.random.normal(key, (len(at.species), 3), jnp.float64)
    along = at.table.sent(v) - jnp.where(at.table.real[..., None], v[:, None], 0.0)
    E = lambda t: jnp.sum(energies_jit(potential, at.r + t * along, at.table, at.species))  # noqa: E731
    h = STEP
    slope = (8 * (E(h) - E(-h)) - (E(2 * h) - E(-2 * h))) / (12 * h)
    pulled = jnp.sum(forces_jit(potential.atom_energies, *at).forces * v)
    size = size_of(potential, at) * float(jnp.sqrt(jnp.sum(v * v)))
    off = abs(float(slope + pulled)) / max(abs(float(slope)), 1e-2 * size)
    return Check.at_most("forces are the derivative of the energy", off, 0.0, tolerance=1e-6,
                         source="central differences")  # fmt: skip


def balanced(potential: Any, at: AtomsSeen) -> Check:
    """Σ F = 0, to 1e-9 of the forces."""
    total = float(jnp.abs(jnp.sum(forces_jit(potential.atom_energies, *at).forces, axis=0)).max())
    return Check.at_most("forces sum to zero", total / size_of(potential, at), 0.0, tolerance=1e-9,
                         source="conservation of momentum")  # fmt: skip


def continuous(potential: Any, at: AtomsSeen) -> Check:
    """An energy does not jump where a neighbor passes the cutoff: at (1 - 1e-7) of it, it is as without, to 1e-6.

    Resolution: a jump of a millionth of the forces (times 1 Å); the farthest neighbor of the first atom that has one.
    """
    law, real = "no jump where a neighbor passes the cutoff", np.asarray(at.table.real)
    seen = np.flatnonzero(real.any(axis=1))
    if not len(seen):
        return Check(law, None, 0.0, 1e-6, "unknown", source="no atom has a neighbor")
    d = np.where(real[seen[0]], np.linalg.norm(np.asarray(at.r[seen[0]]), axis=-1), 0.0)
    i, k = int(seen[0]), int(np.argmax(d))
    other = divmod(int(at.table.reverse[i, k]), real.shape[1])
    edge = at.r[i, k] / d[k] * (potential.cutoff * (1 - NEAR))
    r = at.r.at[i, k].set(edge).at[other].set(-edge)
    without = at.table._replace(real=at.table.real.at[i, k].set(False).at[other].set(False))
    far = edge / (1 - NEAR)
    with_it = energies_jit(potential, r, at.table, at.species)
    gone = energies_jit(potential, r.at[i, k].set(far).at[other].set(-far), without, at.species)
    jump = float(jnp.abs(with_it - gone).max()) / size_of(potential, at)
    return Check.at_most(law, jump, 0.0, tolerance=1e-6, source="a smooth energy")


@eqx.filter_jit
def energies_jit(potential: Any, r, table, species):
    """Energies of the atoms."""
    return potential.atom_energies(r, table, species)


def forces_unknown() -> Check:
    """Held-out frames without forces show nothing of them."""
    law = "forces of held-out frames are right"
    return Check(law, None, None, None, "unknown", source="no frame to test on has forces")


def forces_error(rmse: float, error: float | None, size: float, wanted: float | None) -> Check:
    """Root mean square error of forces, eV/Å, of frames that were not trained on; by default a tenth of the forces.

    A bound that is missed by less than four errors is not refuted, and one frame, without an error, proves nothing:
    `unknown`.
    """
    law = "forces of held-out frames are right"
    if wanted is None and size < ZERO:
        return Check(law, rmse, None, None, "unknown", error, "their forces are zero: an error to want is not known")
    bound, source = (GOOD * size, f"a tenth of the forces, {size:.3g} eV/Å") if wanted is None else (wanted, "wanted")
    check = Check.at_most(law, rmse, bound, error=error, source=source).resolved()
    if error is None and check.verdict == "pass":
        return replace(check, law=f"{law} (one frame: too few)", verdict="unknown")
    return check


def each_element(symbol: str, rmse: float, error: float | None, size: float, wanted: float | None) -> Check:
    """The same of the element whose forces are worst by their size: at most three tenths, or three times the wanted.

    Of a rare element, whose errors that of all atoms hides.  Resolution: as of all forces.
    """
    law = f"forces of each element are right, {symbol} the worst"
    bound, source = (EACH * size, f"of its forces, {size:.3g} eV/Å") if wanted is None else (3 * wanted, "wanted")
    return Check.at_most(law, rmse, bound, error=error, source=source).resolved()


def all_tested(missing: str) -> list[Check]:
    """Each element that was trained on is among the held-out frames, else `unknown`: nothing tells its errors."""
    law = f"held-out frames have every element (none has {missing})"
    return [Check(law, None, None, None, "unknown", source="elements that are trained on")] if missing else []


def energies_error(rmse: float, error: float | None, spread: float, frames: int) -> Check:
    """Root mean square error of energies at most half of their spread over held-out frames, eV an atom.

    False alarm: none beyond `resolved`.  Resolution: energies that the forces' integral does not fix.
    """
    return told_apart("energies", rmse, error, spread, frames)


def virials_error(rmse: float, error: float | None, spread: float, frames: int, what: str = "stresses") -> Check:
    """The same of virials, components of the stress times the volume: stresses that are wrong by unit or sign, too.

    False alarm: none beyond `resolved`.  Resolution: stresses that are off by less than half of their spread.
    """
    return told_apart(what, rmse, error, spread, frames)


def told_apart(what: str, rmse: float, error: float | None, spread: float, frames: int) -> Check:
    """At most half of the spread; that of two or three frames, which may be alike by chance, says nothing."""
    law = f"{what} of held-out frames are told apart"
    if not spread > 0 or frames < FEW:
        why = f"{frames} frames: too few" if spread else "they are equal"
        return Check(law, rmse, None, None, "unknown", error, why)
    source = f"half of their spread, {spread:.3g} eV an atom"
    return Check.at_most(law, rmse, HALF * spread, error=error, source=source).resolved()


def independent(nearness: Float[np.ndarray, " frames"]) -> list[Check]:
    """Held-out frames are no neighbors of those trained on: nearest by median distance at least 0.3; else `unknown`.

    Of frames of one trajectory, and of scans of one coordinate, errors are those of interpolation.  Frames whose atoms
    no other frame has are not compared.  Resolution: a copy for every second frame.
    """
    if not len(nearness):
        return []
    law, measured = "held-out frames are no neighbors of those trained on", float(np.median(nearness))
    if measured >= LIKE:
        return [Check(law, measured, LIKE, 0.0, "pass", relation=">=", source="frames that are independent")]
    more = "their errors are those of interpolation; give frames of another trajectory"
    return [
        Check(f"{law} ({more})", measured, LIKE, 0.0, "unknown", relation=">=", source="frames that are independent")
    ]
