# SPDX-License-Identifier: Apache-2.0
"""Energies, forces and stresses of labelled frames: the loss and the errors of a potential."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from isinglass.approximation.regression.packed_frames import PackedFrames
from isinglass.systems.particle.interatomic import forces

__all__ = ["ForceMatching", "PredictedFrames", "all_predicted", "predicted", "residual", "symmetry_functions"]


class PredictedFrames(eqx.Module):
    """Of the frames and the atoms of rows."""

    energy: Float[Array, "rows S"]  # without references
    forces: Float[Array, "rows A 3"]
    virial: Float[Array, "rows S 3 3"]


def predicted(model: Any, rows: PackedFrames) -> PredictedFrames:
    """E = Σ E_i of each frame, F = -dE/dx, W = dE/dε.  A second part of rows costs nothing where it is empty."""
    (R, S), found = rows.size.shape, lambda atoms: forces(model.relative, *atoms)
    first, *others = rows.seen
    none = lambda atoms: jax.tree.map(lambda a: jnp.zeros(a.shape, a.dtype), eqx.filter_eval_shape(found, atoms))  # noqa: E731
    parts = [found(first), *(jax.lax.cond(jnp.any(part.table.real), found, none, part) for part in others)]
    in_rows = lambda *a: jnp.concatenate([part.reshape(R, -1, *part.shape[1:]) for part in a], axis=1)  # noqa: E731
    energies, of_atoms, virials = jax.tree.map(in_rows, *parts)

    def summed(a):
        by_frame = jax.ops.segment_sum(a.reshape(-1, *a.shape[2:]), rows.frame_of, R * (S + 1))
        return by_frame.reshape(R, S + 1, *a.shape[2:])[:, :-1]

    return PredictedFrames(summed(energies), of_atoms, summed(virials))


class ForceMatching(eqx.Module):
    """L = w_E <(ΔE/n)²> + w_F <|ΔF|²>/3 + w_W <|ΔW/n|²>/9, over frames, atoms with forces, and frames with stress.

    While it trains, at the share s of the run, w_E and w_W are g^(s-1) times these: forces first, which are many, and
    energies g times as much in the end.  What is validated has the last weights.
    Unit: eV, eV/Å.  Ref: Ercolessi and Adams 1994, arXiv:cond-mat/9306054; weights that change: Wang et al. 2018,
    arXiv:1712.03641.
    """

    energy: float | Float[Array, ""] = 1.0
    forces: float = 100.0
    virial: float | Float[Array, ""] = 1.0
    growth: float = 1.0  # g

    def at(self, share: Float[Array, ""]) -> "ForceMatching":
        """The loss at this share (0, 1] of the run."""
        less = self.growth ** (share - 1)
        return ForceMatching(self.energy * less, self.forces, self.virial * less)

    def __call__(
        self, key: Any, model: Any, rows: PackedFrames
    ) -> tuple[Float[Array, ""], dict[str, Float[Array, ""]]]:
        del key
        found, n = predicted(model, rows), jnp.maximum(rows.size, 1)
        mean = lambda square, weight: jnp.sum(square * weight) / jnp.maximum(jnp.sum(weight), 1e-9)  # noqa: E731
        of_energy = mean(jnp.square((found.energy - rows.energy) / n), rows.weight)
        of_forces = mean(jnp.sum(jnp.square(found.forces - rows.forces), -1) / 3, rows.with_forces)
        of_virial = mean(jnp.sum(jnp.square((found.virial - rows.virial) / n[..., None, None]), (-1, -2)) / 9,
                         rows.with_stress)  # fmt: skip
        loss = self.energy * of_energy + self.forces * of_forces + self.virial * of_virial
        return loss, {"energy": of_energy, "forces": of_forces, "virial": of_virial}


@eqx.filter_jit
def all_predicted(model: Any, rows: PackedFrames) -> PredictedFrames:
    """Row by row."""
    one = lambda row: jax.tree.map(lambda a: a[0], predicted(model, jax.tree.map(lambda a: a[None], row)))  # noqa: E731
    return jax.lax.map(one, rows)


def residual(rows: PackedFrames, model: Any) -> PackedFrames:
    """The rows with E - E_model, F - F_model, W - W_model for labels: what is left to learn."""
    found = all_predicted(model, rows)
    known = lambda weight, a: jnp.where(weight.reshape(weight.shape + (1,) * (a.ndim - 2)) > 0, a, 0)  # noqa: E731
    return rows._replace(energy=rows.energy - known(rows.weight, found.energy),
                         forces=rows.forces - known(rows.with_forces, found.forces),
                         virial=rows.virial - known(rows.with_stress, found.virial))  # fmt: skip


def symmetry_functions(net: Any, rows: PackedFrames) -> Float[Array, "atoms G"]:
    """The functions of all atoms of the rows, for the units of a network of Behler and Parrinello."""
    one = lambda row: jnp.concatenate([net.functions(*atoms) for atoms in row.seen])  # noqa: E731
    G = jax.jit(lambda rows: jax.lax.map(lambda row: one(jax.tree.map(lambda a: a[None], row)), rows))(rows)
    return G[rows.frame < rows.size.shape[1]]
