# SPDX-License-Identifier: Apache-2.0
"""Ansaetze by name: the neural state that fits a Hamiltonian, its lattice and its sector, untrained."""

import importlib
from functools import partial
from math import prod
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Int, Key, Shaped

from isinglass.errors import InputError
from isinglass.memory import require_memory
from isinglass.nets.wavefunction.ansatz_setting import AnsatzSetting
from isinglass.nets.wavefunction.listing import ansaetze
from isinglass.nets.wavefunction.quantum_state import AbstractQuantumState
from isinglass.systems.quantum.hamiltonian import Hamiltonian, canonical

__all__ = ["Choice", "chosen", "hopping_matrix", "neural_state", "translations"]

Shape = tuple[int, ...]
SUMMED = 1 << 12  # states of a space whose averages are sums over all of them
DENSE = 1 << 10  # states of which the tangent kernel is solved whole: any width costs the same
WIDE = 10_000  # the number of parameters of wider states is asked for first
PARAMETERS = 512  # about, where the covariance of the parameters is solved


class Choice(NamedTuple):
    """The ansatz for a Hamiltonian by its name, its width, whether averages are sums over all states; and why."""

    word: str
    alpha: float
    summed: bool
    why: str
    scale: float = 0.01  # of the weights at first


def chosen(hamiltonian: Hamiltonian, *, stoquastic: bool, free: bool = True) -> Choice:
    """A network with hidden units, wide where signs are to be learnt; determinants for fermions in large spaces.

    `free`: whether averages may be sums and nothing else shapes the state.
    """
    space = hamiltonian.space
    size = float(space.size)
    summed, word = free and size <= SUMMED, "rbm" if space.levels == 2 else "level-rbm"
    visible = space.n_sites * (space.levels - 1)
    few = max(1.0, PARAMETERS / visible**2)
    signs = "a stoquastic Hamiltonian" if stoquastic else "a ground state with signs"
    signs = signs if hamiltonian.is_real or stoquastic else "a complex ground state"
    why = f"{space.levels} levels, {signs}, " + (f"sums over all {size:.0f} states" if summed else "samples")
    if not free:
        return Choice(word, 1.0, summed, why)
    if space.kind == "fermion" and space.conserved and not summed and not stoquastic:
        return Choice("slater-backflow", 1.0, summed, f"fermions in fixed numbers, {why}")
    if stoquastic:
        return Choice(word, min(4.0, few), summed, why)
    if summed:
        alpha = 8.0 if size <= DENSE else few
        return Choice(word, alpha, summed, why, scale_of_signs(alpha * visible))
    return Choice(word, max(1.0, 48 / visible), summed, why)


def neural_state(
    key: Key[Array, ""], hamiltonian: Hamiltonian, ansatz: str, alpha: float, *, stoquastic: bool,
    lattice: Shape | None = None, scale: float = 0.01,
) -> AbstractQuantumState:  # fmt: skip
    """An untrained state, real where H is `stoquastic`, else complex.

    `lattice`: the sides of the torus that the sites fill in C order; by default a ring.
    `scale`: of the weights of hidden units at first.
    Stoquastic: no positive element off the diagonal, so that the ground state can be chosen positive.

    Errors: InputError for an unknown ansatz, or one that does not fit the space.
    """
    if ansatz not in ansaetze():
        raise InputError(f"an ansatz among {', '.join(ansaetze())}", repr(ansatz), "choose one of them")
    module, _, name = ansaetze()[ansatz].partition(":")
    setting = setting_of(hamiltonian, ansatz, alpha, lattice, "float64" if stoquastic else "complex128")
    make = partial(getattr(importlib.import_module(module), name).made_for, setting=setting._replace(scale=scale))
    if setting.width > WIDE:
        require_memory("parameters", n_bytes(eqx.filter_eval_shape(make, key)), f"{ansatz} with alpha = {alpha:g}",
                       "lower alpha")  # fmt: skip
    return make(key)


def n_bytes(shapes: Any) -> int:
    """Of all arrays in a pytree of shapes."""
    return sum(prod(a.shape) * a.dtype.itemsize for a in jax.tree.leaves(shapes) if hasattr(a, "dtype"))


def scale_of_signs(hidden: float) -> float:
    """s = hidden^(-1/4) / 2: signs that differ, of amplitudes that are all alike.

    ln ψ is about Σ_ik x_i x_k Σ_j W_ij W_kj / 2 at first, each pair of the size √hidden s² = 1/4.
    """
    return 0.5 * max(1.0, hidden) ** -0.25


def setting_of(hamiltonian: Hamiltonian, word: str, alpha: float, lattice: Shape | None, dtype: str) -> AnsatzSetting:
    """What an ansatz may use of a Hamiltonian: sites, levels, conserved sums, translations, hopping matrix."""
    space = hamiltonian.space
    sides = lattice if lattice is not None and prod(lattice) == space.n_sites else (space.n_sites,)
    sums = tuple((tuple(sites), total) for sites, total in space.conserved)
    return AnsatzSetting(
        word, space.n_sites, space.levels, space.kind, sums, sides, alpha, dtype,
        partial(translations, hamiltonian, sides), partial(hopping_matrix, hamiltonian),
    )  # fmt: skip


def translations(hamiltonian: Hamiltonian, lattice: Shape, *, at_least: int = 2) -> Int[np.ndarray, "G N"]:
    """The translations of the torus that leave H and its sector invariant, as rows g with (g x)_i = x_{g(i)}.

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
    """The operator with each letter moved to the site g(i)."""
    return tuple(sorted((int(g[i]), name) for i, name in word))


def same(words: dict[tuple, complex], others: dict[tuple, complex]) -> bool:
    """Whether two operators have the same terms, to round-off."""
    return words.keys() == others.keys() and all(abs(c - others[word]) <= 1e-10 * abs(c) for word, c in words.items())


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
