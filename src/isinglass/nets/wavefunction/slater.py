# SPDX-License-Identifier: Apache-2.0
"""Slater determinants with neural backflow, for fermions on a lattice.  Luo and Clark 2019, arXiv:1807.10770."""

from collections.abc import Sequence
from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float, Int, Key, Shaped

from isinglass.errors import InputError
from isinglass.nets.wavefunction.ansatz_setting import AnsatzSetting
from isinglass.nets.wavefunction.quantum_state import AbstractQuantumState, PlainWalker, as_complex, levels_of
from isinglass.nets.wavefunction.residual_cnn import real_part_of

__all__ = ["SlaterDeterminant", "filled"]


class SlaterDeterminant(AbstractQuantumState):
    """ψ(n) = Π_s det [φ^s_ip + f^s_ip(x)], i the occupied sites of species s in ascending order, f = W tanh(V x + b).

    Modes as in `fermions`: all sites of the first species, then those of the second.  Without f, <n|Π_s Π_p c†_p|0>
    in the Jordan-Wigner order of the Hamiltonian, c†_p = Σ_i φ_ip c†_i.
    Shape: φ^s (N, particles), V (modes, hidden), b (hidden,), W^s (hidden, N particles).
    Law: ψ changes by det U when the orbitals are rotated, φ U with f U.
    Cost: modes hidden + N particles hidden + particles³.
    """

    words: ClassVar[tuple[str, ...]] = ("slater", "slater-backflow")

    orbitals: tuple[Shaped[Array, "N particles"], ...]
    V: Float[Array, "modes hidden"]
    b: Float[Array, " hidden"]
    W: tuple[Shaped[Array, "hidden changes"], ...]
    n_sites: int = eqx.field(static=True)
    particles: tuple[int, ...] = eqx.field(static=True)  # of each species
    hidden: int = eqx.field(static=True)  # 0: no backflow
    dtype: str = eqx.field(static=True)
    scale: float = eqx.field(static=True)  # of W at first

    def __init__(
        self,
        *,
        key: Key[Array, ""],
        n_sites: int,
        particles: Sequence[int],
        hidden: int = 16,
        dtype: str = "float64",
        scale: float = 0.01,
    ):
        self.n_sites, self.particles, self.hidden = n_sites, tuple(particles), hidden
        self.dtype, self.scale = dtype, scale
        modes = n_sites * len(self.particles)
        key_v, *keys = jax.random.split(key, 1 + 2 * len(self.particles))
        draw = lambda key, *shape: jax.random.normal(key, shape, jnp.dtype(dtype))  # noqa: E731
        self.V = modes**-0.5 * jax.random.normal(key_v, (modes, hidden), real_part_of(dtype))
        self.b = jnp.zeros(hidden, real_part_of(dtype))
        self.orbitals = tuple(
            jnp.linalg.qr(draw(k, n_sites, p))[0] for k, p in zip(keys[::2], self.particles, strict=True)
        )
        self.W = tuple(scale * draw(k, hidden, n_sites * p) for k, p in zip(keys[1::2], self.particles, strict=True))

    @classmethod
    def made_for(cls, key: Key[Array, ""], setting: AnsatzSetting) -> "SlaterDeterminant":
        """For fermions of fixed numbers; at first the orbitals of lowest hopping energy."""
        sums = setting.conserved
        if setting.kind != "fermion" or sum(len(sites) for sites, _ in sums) != setting.n_sites:
            raise InputError(
                "fermions with their numbers held fixed, for a slater determinant",
                f"a {setting.kind} space of {len(sums)} conserved sums", 'give kind = "fermion" and particles',
            )  # fmt: skip
        N, particles = len(sums[0][0]), tuple(n for _, n in sums)
        hidden = 16 * setting.width if setting.word == "slater-backflow" else 0
        state = cls(key=key, n_sites=N, particles=particles, hidden=hidden, dtype=setting.dtype)
        return filled(state, setting.hopping()[:N, :N])

    def log_psi(self, x: Float[Array, " N"]) -> Shaped[Array, ""]:
        """ln |ψ|, and i times the angle of ψ."""
        occupation = levels_of(x, 2).reshape(len(self.particles), self.n_sites)
        h = jnp.tanh(x.astype(self.V.dtype) @ self.V + self.b)
        factors = zip(occupation, self.orbitals, self.W, strict=True)
        return jnp.stack(
            [log_determinant(n, phi + (h.astype(W.dtype) @ W).reshape(phi.shape)) for n, phi, W in factors]
        ).sum()

    def walker(self) -> PlainWalker:
        """No tables: backflow changes all rows."""
        return PlainWalker(self)


def log_determinant(n: Int[Array, " N"], orbitals: Shaped[Array, "N particles"]) -> Complex[Array, ""]:
    """ln det of the rows that n occupies, in ascending order."""
    return jnp.log(as_complex(determinant(orbitals[jnp.flatnonzero(n, size=orbitals.shape[1])])))


def determinant(M: Shaped[Array, "p p"]) -> Shaped[Array, ""]:
    """By Gauss's elimination with the largest pivot of each column: for many small M quicker than a call for each.

    XLA's own batched decomposition deadlocked on a CPU with two threads.  Cost: p³.
    """
    det = jnp.ones((), M.dtype)
    for _ in range(M.shape[0]):
        i = jnp.argmax(jnp.abs(M[:, 0]))
        pivot = M[i]
        det *= jnp.where(i == 0, pivot[0], -pivot[0])
        others = jnp.where((jnp.arange(M.shape[0]) == i)[:, None], M[0], M)[1:]
        column = others[:, 0] / jnp.where(pivot[0] == 0, 1, pivot[0])
        M = others[:, 1:] - column[:, None] * pivot[None, 1:]
    return det


def filled(state: SlaterDeterminant, hopping: Shaped[np.ndarray, "*species N N"]) -> SlaterDeterminant:
    """The same with the lowest eigenvectors of one particle's Hamiltonian as orbitals; one for each species, or all."""
    each = np.broadcast_to(hopping, (len(state.particles), *hopping.shape[-2:]))
    orbitals = (np.linalg.eigh(h)[1][:, :p] for h, p in zip(each, state.particles, strict=True))
    return eqx.tree_at(lambda s: s.orbitals, state, tuple(jnp.asarray(phi, state.dtype) for phi in orbitals))
