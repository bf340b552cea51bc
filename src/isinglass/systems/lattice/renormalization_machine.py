# SPDX-License-Identifier: Apache-2.0
"""Transformations of the renormalization group that are restricted Boltzmann machines, exactly.

Decimation: sites of two sublattices are the two sides of a machine, and the sum over one leaves the other.
Block spins: a hidden spin for each block, with T = Σ_B [w h_B m_B - ln 2cosh(w m_B)], m_B the sum of one or three
spins, its sign for w → ∞; the rest of E(v, h) = H(v) - T(v, h) are pairs of v, each by a hidden spin of its own.
Ref: Mehta and Schwab 2014, arXiv:1410.3831.
"""

import math
from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Int

from isinglass.errors import InputError
from isinglass.exact.lattice.enumeration import configurations, spins
from isinglass.systems.lattice.boltzmann_machine import RestrictedBoltzmannMachine, free_energies

__all__ = ["BlockMachine", "block_log_weights", "block_machine", "every_state", "sublattice_machine"]


class BlockMachine(NamedTuple):
    """A machine whose first hidden spins are block spins."""

    machine: RestrictedBoltzmannMachine
    blocks: int
    constant: float  # F(v) - H(v), one number for all v


def every_state(n: int) -> Float[np.ndarray, "states n"]:
    """All 2^n configurations of ±1 by number: bit i is 0 where s_i = 1."""
    return spins(np.concatenate(list(configurations(n)))).astype(float)


def sublattice_machine(
    bonds: Int[np.ndarray, "bonds 2"], K: float, hidden: Sequence[int]
) -> RestrictedBoltzmannMachine:
    """Spins with Σ_b K s_i s_j as a machine whose hidden side are these sites: ln Σ_v exp(-E) is decimated.

    Errors: InputError for a bond that does not connect the two sides.
    """
    N = int(np.max(bonds)) + 1
    behind = np.isin(np.arange(N), hidden)
    place = np.where(behind, np.cumsum(behind), np.cumsum(~behind)) - 1
    W = np.zeros((int((~behind).sum()), int(behind.sum())))
    for i, j in bonds:
        if behind[i] == behind[j]:
            raise InputError("bonds between hidden and visible sites", f"{i}-{j}", "choose one of two sublattices")
        v, h = (j, i) if behind[i] else (i, j)
        W[place[v], place[h]] += K
    return RestrictedBoltzmannMachine(W, np.zeros(W.shape[0]), np.zeros(W.shape[1]), "spin", "spin")


def block_machine(
    bonds: Int[np.ndarray, "bonds 2"], K: float, blocks: Sequence[Sequence[int]], w: float
) -> BlockMachine:
    """H = -Σ_b K s_i s_j with a hidden spin for each block of one or three sites, majorities for w → ∞.

    ln 2cosh(w m) of three spins is A + B m²: pairs again.  A pair J s s' is Σ_g exp(u g (s ± s')), cosh 2u = exp(2|J|).
    Law: F(v) = H(v) + constant, exactly.  Errors: InputError for blocks of other sizes, or that share a site.
    """
    N, chosen = int(np.max(bonds)) + 1, [i for block in blocks for i in block]
    if {len(block) for block in blocks} - {1, 3} or len(set(chosen)) < len(chosen):
        found = f"sizes {sorted({len(b) for b in blocks})}, {len(chosen) - len(set(chosen))} sites twice"
        raise InputError("blocks of one or three sites, none shared", found, "choose other blocks")
    log_cosh = lambda x: float(np.logaddexp(x, -x))  # noqa: E731
    B = (log_cosh(3 * w) - log_cosh(w)) / 8
    J = np.zeros((N, N))
    for i, j in np.sort(bonds, axis=1):
        J[i, j] += K
    total, columns = 0.0, []
    for block in blocks:
        total += log_cosh(w) + (2 * B if len(block) > 1 else 0.0)
        columns.append(np.bincount(block, minlength=N) * w)
        for i, j in combinations(sorted(block), 2):
            J[i, j] -= 2 * B
    for i, j in np.argwhere(J):
        u = 0.5 * math.acosh(math.exp(2 * abs(J[i, j])))
        total += math.log(2) + abs(J[i, j])
        columns.append(u * (np.eye(N)[i] + np.sign(J[i, j]) * np.eye(N)[j]))
    W = np.array(columns).T
    machine = RestrictedBoltzmannMachine(W, np.zeros(N), np.zeros(W.shape[1]), "spin", "spin")
    return BlockMachine(machine, len(blocks), -float(total))


def block_log_weights(made: BlockMachine) -> Float[np.ndarray, " block_states"]:
    """ln Σ exp(-E) over v and the other hidden spins, of each state of the blocks by number.  Cost: 2^(N + blocks)."""
    v = jnp.asarray(every_state(made.machine.n_sites))
    field = np.asarray(jax.vmap(made.machine.hidden_fields)(v))[:, : made.blocks]
    F = np.asarray(free_energies(made.machine, v))
    return np.array([np.logaddexp.reduce(-F - np.logaddexp(0.0, -2 * field * h).sum(axis=1))
                     for h in every_state(made.blocks)])  # fmt: skip
