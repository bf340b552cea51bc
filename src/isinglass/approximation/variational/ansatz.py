# SPDX-License-Identifier: Apache-2.0
"""Ansaetze by name: the neural state that fits a Hamiltonian, its lattice and its sector, untrained."""

from collections.abc import Callable
from math import prod
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Int, Key, Shaped

from isinglass.errors import InputError
from isinglass.nets.autoregressive.autoregressive import AbstractAutoregressive
from isinglass.nets.autoregressive.causal_transformer import CausalTransformer
from isinglass.nets.autoregressive.masked_dense import MaskedDense
from isinglass.nets.autoregressive.recurrent import Recurrent
from isinglass.nets.wavefunction.autoregressive_state import AutoregressiveState
from isinglass.nets.wavefunction.group_convolution import GroupConvolution
from isinglass.nets.wavefunction.jastrow import Jastrow
from isinglass.nets.wavefunction.matrix_product_state import MatrixProductState
from isinglass.nets.wavefunction.mean_field import MeanField
from isinglass.nets.wavefunction.modulus_phase import ModulusPhase
from isinglass.nets.wavefunction.quantum_state import AbstractQuantumState
from isinglass.nets.wavefunction.rbm import RBM
from isinglass.nets.wavefunction.residual_cnn import ResidualCNN
from isinglass.nets.wavefunction.slater import SlaterDeterminant, filled
from isinglass.nets.wavefunction.symmetric_rbm import SymmetricRBM
from isinglass.nets.wavefunction.vision_transformer import VisionTransformer
from isinglass.systems.quantum.hamiltonian import Hamiltonian, canonical

__all__ = ["ANSAETZE", "Setting", "hopping_matrix", "neural_state", "translations"]

Shape = tuple[int, ...]


class Setting(NamedTuple):
    """What an ansatz is made for."""

    hamiltonian: Hamiltonian
    lattice: Shape  # sites in C order
    width: int  # hidden units or filters to a site, in units of what is usual
    alpha: float
    dtype: str  # float64 for a positive state

    @property
    def n_sites(self) -> int:
        """N."""
        return self.hamiltonian.space.n_sites


def mean_field(key: Key[Array, ""], s: Setting) -> MeanField:
    """Any space."""
    return MeanField(key=key, n_sites=s.n_sites, levels=s.hamiltonian.space.levels, dtype=s.dtype)


def jastrow(key: Key[Array, ""], s: Setting) -> Jastrow:
    """Any space."""
    return Jastrow(key=key, n_sites=s.n_sites, dtype=s.dtype)


def rbm(key: Key[Array, ""], s: Setting) -> RBM:
    """Two levels."""
    two_levels(s, "an rbm")
    return RBM(key=key, n_sites=s.n_sites, alpha=s.alpha, dtype=s.dtype)


def symmetric_rbm(key: Key[Array, ""], s: Setting) -> SymmetricRBM:
    """Two levels, translations."""
    two_levels(s, "a symmetric rbm")
    return SymmetricRBM(key=key, perms=translations(s.hamiltonian, s.lattice), alpha=s.width, dtype=s.dtype)


def modulus_phase(key: Key[Array, ""], s: Setting) -> ModulusPhase:
    """Two levels."""
    two_levels(s, "two rbms")
    first, second = (RBM(key=k, n_sites=s.n_sites, alpha=s.alpha) for k in jax.random.split(key))
    return ModulusPhase(first, second)


def group_convolution(key: Key[Array, ""], s: Setting) -> GroupConvolution:
    """Any space with translations."""
    perms = translations(s.hamiltonian, s.lattice)
    return GroupConvolution(key=key, perms=perms, features=4 * s.width, dtype=s.dtype)


def residual_cnn(key: Key[Array, ""], s: Setting) -> ResidualCNN:
    """Any space with all translations."""
    all_translations(s)
    return ResidualCNN(key=key, lattice=s.lattice, channels=8 * s.width, dtype=s.dtype)


def vision_transformer(key: Key[Array, ""], s: Setting) -> VisionTransformer:
    """Any space; attention of i - j where H has all translations.  Patches of two sites along even sides."""
    patch = tuple(2 if L % 2 == 0 else 1 for L in s.lattice)
    invariant = len(translations(s.hamiltonian, s.lattice, at_least=1)) == s.n_sites
    return VisionTransformer(
        key=key, lattice=s.lattice, patch=patch, width=16 * s.width, invariant=invariant, dtype=s.dtype
    )


def autoregressive(network: Callable[..., AbstractAutoregressive], **size: int) -> Callable:
    """Any space; its sector by the conditionals, the phase of a complex state by an RBM or a Jastrow factor."""

    def make(key: Key[Array, ""], s: Setting) -> AutoregressiveState:
        key_net, key_phase = jax.random.split(key)
        space = s.hamiltonian.space
        sizes = {name: value * s.width for name, value in size.items()}
        net = network(key=key_net, shape=s.lattice, values=tuple(range(space.levels)), order="snake", **sizes)
        phase = None if s.dtype == "float64" else real_phase(key_phase, s)
        return AutoregressiveState(net=net, phase=phase, conserved=tuple((tuple(i), n) for i, n in space.conserved))

    return make


def slater(hidden: int) -> Callable:
    """Fermions of fixed numbers; orbitals of their hopping at first."""

    def make(key: Key[Array, ""], s: Setting) -> SlaterDeterminant:
        space = s.hamiltonian.space
        sums = space.conserved
        if space.kind != "fermion" or sum(len(sites) for sites, _ in sums) != space.n_sites:
            raise InputError(
                "fermions with their numbers held fixed, for a slater determinant",
                f"a {space.kind} space of {len(sums)} conserved sums", 'give kind = "fermion" and particles',
            )  # fmt: skip
        N = len(sums[0][0])
        state = SlaterDeterminant(
            key=key, n_sites=N, particles=tuple(n for _, n in sums), hidden=hidden * s.width, dtype=s.dtype
        )
        return filled(state, hopping_matrix(s.hamiltonian)[:N, :N])

    return make


def matrix_product(key: Key[Array, ""], s: Setting) -> MatrixProductState:
    """Any space, as an open chain of its sites."""
    levels = s.hamiltonian.space.levels
    return MatrixProductState(key=key, n_sites=s.n_sites, levels=levels, bond=6 * s.width, dtype=s.dtype)


ANSAETZE: dict[str, Callable[[Key[Array, ""], Setting], AbstractQuantumState]] = {
    "rbm": rbm,
    "mean-field": mean_field,
    "jastrow": jastrow,
    "symmetric-rbm": symmetric_rbm,
    "modulus-phase": modulus_phase,
    "group-convolution": group_convolution,
    "residual-cnn": residual_cnn,
    "vision-transformer": vision_transformer,
    "autoregressive": autoregressive(MaskedDense, hidden=2),
    "autoregressive-gru": autoregressive(Recurrent, hidden=16),
    "autoregressive-transformer": autoregressive(CausalTransformer, width=16),
    "slater": slater(0),
    "slater-backflow": slater(16),
    "matrix-product": matrix_product,
}


def neural_state(
    key: Key[Array, ""], hamiltonian: Hamiltonian, ansatz: str, alpha: float, *, positive: bool,
    lattice: Shape | None = None,
) -> AbstractQuantumState:  # fmt: skip
    """An untrained state, positive or complex; `lattice`: the sides of the torus that the sites fill, or else a ring.

    Errors: InputError for an unknown ansatz, or one that does not fit the space.
    """
    if ansatz not in ANSAETZE:
        raise InputError(f"an ansatz among {', '.join(ANSAETZE)}", repr(ansatz), "choose one of them")
    N = hamiltonian.space.n_sites
    sides = lattice if lattice is not None and prod(lattice) == N else (N,)
    dtype = "float64" if positive else "complex128"
    return ANSAETZE[ansatz](key, Setting(hamiltonian, sides, max(1, round(alpha)), alpha, dtype))


def real_phase(key: Key[Array, ""], s: Setting) -> AbstractQuantumState:
    """φ(x): an RBM for two levels, else a Jastrow factor; single precision like the networks it goes with."""
    if s.hamiltonian.space.levels == 2:
        return RBM(key=key, n_sites=s.n_sites, alpha=s.alpha, dtype="float32", scale=0.1)
    return Jastrow(key=key, n_sites=s.n_sites, dtype="float32", scale=0.1)


def two_levels(s: Setting, what: str) -> None:
    """Refuse more."""
    if s.hamiltonian.space.levels != 2:
        raise InputError(
            f"two levels to a site for {what}", f"{s.hamiltonian.space.levels}", "use jastrow, for example"
        )


def all_translations(s: Setting) -> None:
    """Refuse what translations change."""
    found = len(translations(s.hamiltonian, s.lattice))
    if found < s.n_sites:
        raise InputError(
            f"a Hamiltonian that all {s.n_sites} translations leave as it is, for a residual-cnn", f"{found} of them",
            "use symmetric-rbm, for example",
        )  # fmt: skip


def translations(hamiltonian: Hamiltonian, lattice: Shape, *, at_least: int = 2) -> Int[np.ndarray, "G N"]:
    """Of the torus, those that leave H and its sector as they are: a group, as rows g with (g x)_i = x_{g(i)}.

    Errors: InputError where there are fewer than `at_least`.
    """
    sites = np.arange(prod(lattice)).reshape(lattice)
    axes = tuple(range(len(lattice)))
    every = [np.roll(sites, shift, axes).ravel() for shift in np.ndindex(*lattice)]
    words = canonical(hamiltonian.operator, hamiltonian.space)
    sums = {(frozenset(i), n) for i, n in hamiltonian.space.conserved}
    keeps = lambda g: {(frozenset(g[list(i)].tolist()), n) for i, n in sums} == sums  # noqa: E731
    found = np.array([g for g in every if keeps(g) and same(words, {moved(word, g): c for word, c in words.items()})])
    if len(found) < at_least:
        raise InputError("a Hamiltonian that translations leave as it is", "none of them does", "use rbm, for example")
    return found


def moved(word: tuple, g: Int[np.ndarray, " N"]) -> tuple:
    """Each letter at the site that g gives."""
    return tuple(sorted((int(g[i]), name) for i, name in word))


def same(words: dict[tuple, complex], others: dict[tuple, complex]) -> bool:
    """The same terms to round-off."""
    return words.keys() == others.keys() and all(abs(c - others[word]) < 1e-10 for word, c in words.items())


def hopping_matrix(hamiltonian: Hamiltonian) -> Shaped[np.ndarray, "modes modes"]:
    """h_ij = <i|H|j> of one particle alone, up to a constant: the whole of H where it is quadratic."""
    N = hamiltonian.space.n_sites
    one = jnp.eye(N, dtype=jnp.int8)
    diagonal, weights = (np.asarray(w) for w in jax.vmap(hamiltonian.weights)(one))
    there = np.asarray(jax.vmap(hamiltonian.connected)(one))
    h = np.diag(diagonal).astype(weights.dtype)
    j, m = np.nonzero(there.astype(int).sum(axis=2) == 1)
    np.add.at(h, (there[j, m].argmax(axis=1), j), weights[j, m])
    return h
