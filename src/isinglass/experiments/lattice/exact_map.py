# SPDX-License-Identifier: Apache-2.0
"""Transformations that are machines, against decimation and enumeration; how far trained machines are from one."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from isinglass.exact.lattice import decimation, kaufman, onsager
from isinglass.exact.lattice.spin_thermodynamics import torus_bonds
from isinglass.exact.lattice.variational_renormalization import (
    VariationalStep,
    spin_couplings,
    square_decimation,
    variational_step,
)
from isinglass.result import Check
from isinglass.sampling.objective import contrastive_divergence as cd
from isinglass.systems.lattice.boltzmann_machine import RestrictedBoltzmannMachine, free_energies
from isinglass.systems.lattice.renormalization_machine import (
    block_log_weights,
    block_machine,
    every_state,
    sublattice_machine,
)

__all__ = ["exact_map", "trained_step"]

MEHTA_SCHWAB = "Mehta and Schwab 2014, arXiv:1410.3831"
DECIMATION = "K' = ½ ln cosh 2K, Kadanoff 1976, doi:10.1016/0003-4916(76)90066-X"
SQUARE = "Maris and Kadanoff 1978, doi:10.1119/1.11224"
ROUNDING = 1e-12
WEIGHTS = (0.5, 2.0, 18.0)  # of block spins: e^-36 is below rounding
SMALL = 4  # side of the lattice of trained machines
T_C = onsager.critical_temperature()
COUPLINGS = (0.3, 1 / T_C, 1.0, 2.0)


class Worst(NamedTuple):
    """Largest deviations over couplings and weights."""

    coupling: float
    others: float  # couplings that are 0
    log_z: float
    log_sum: float = 0.0  # ln Σ_h exp T


def exact_map() -> list[Check]:
    """Decimation of chain and square lattice, block spins of one and three sites: every state of both sides."""
    chain = Worst(*np.max([chain_decimated(K) for K in COUPLINGS], axis=0))
    square, blocks, majority = square_decimated(), decimated_by_blocks(), majorities()
    rows = [
        ("hidden couplings of a chain as a machine, largest deviation from ½ ln cosh 2K", chain.coupling, DECIMATION),
        ("all other hidden couplings of it", chain.others, DECIMATION),
        ("its ln Z, by the hidden side alone", chain.log_z, "(2 cosh K)^N + (2 sinh K)^N"),
        ("hidden couplings of the 6 x 6 torus as a machine: pairs, and four spins", square.coupling, SQUARE),
        ("all other hidden couplings of it", square.others, SQUARE),
        ("its ln Z for one spin, by the hidden side alone", square.log_z, "Kaufman 1949, doi:10.1103/PhysRev.76.1232"),
        ("|ln Σ_h exp T| of every second spin of a chain as hidden spins, at any weight", blocks.log_sum, MEHTA_SCHWAB),
        ("their ln Z against that of the chain", blocks.log_z, MEHTA_SCHWAB),
        ("their coupling at a large weight against ½ ln cosh 2K", blocks.coupling, DECIMATION),
        ("all other couplings of theirs", blocks.others, DECIMATION),
        ("|ln Σ_h exp T| of majorities of three as hidden spins, at any weight", majority.log_sum, MEHTA_SCHWAB),
        ("ln of their weights at a large weight, against majorities of all states", majority.coupling, "enumeration"),
    ]
    return [Check.at_most(law, value, ROUNDING, source=source) for law, value, source in rows]


def other_side(machine: RestrictedBoltzmannMachine) -> RestrictedBoltzmannMachine:
    """The machine whose visible units are the hidden ones."""
    return RestrictedBoltzmannMachine(machine.weights.T, machine.hidden_bias, machine.visible_bias, machine.hidden,
                                      machine.visible)  # fmt: skip


def hidden_log_weights(machine: RestrictedBoltzmannMachine) -> np.ndarray:
    """ln Σ_v exp(-E) of every hidden state, by number."""
    return -np.asarray(free_energies(other_side(machine), jnp.asarray(every_state(machine.hidden_bias.size))))


def ring(N: int) -> np.ndarray:
    """Bonds of a chain whose ends are neighbors."""
    return np.stack([np.arange(N), (np.arange(N) + 1) % N], axis=1)


def neighbors(M: int) -> list[int]:
    """Numbers of the sets of neighbors on a ring."""
    return [(1 << i) + (1 << (i + 1) % M) for i in range(M)]


def chain_decimated(K: float, M: int = 10) -> Worst:
    """A ring of 2 M spins, every second one hidden."""
    log_w = hidden_log_weights(sublattice_machine(ring(2 * M), K, range(1, 2 * M, 2)))
    found = spin_couplings(log_w)
    log_z = 2 * M * np.log(2 * np.cosh(K)) + np.log1p(np.tanh(K) ** (2 * M))
    pairs = neighbors(M)
    return Worst(np.abs(found[pairs] - decimation.decimated(K)).max(), np.abs(np.delete(found, [0, *pairs])).max(),
                 abs(np.logaddexp.reduce(log_w) / log_z - 1))  # fmt: skip


def square_decimated(K: float = 1 / T_C, L: int = 6) -> Worst:
    """The torus, one of its sublattices hidden: pairs at (1, 1), which two sites make, at (2, 0), and four spins."""
    kept = [i for i in range(L * L) if (i // L + i % L) % 2 == 0]
    place = {site: k for k, site in enumerate(kept)}
    near, far, four = square_decimation(K)
    known = np.zeros(2 ** len(kept))
    for site in range(L * L):
        if site not in place:
            i, j = divmod(site, L)
            around = [place[(i + a) % L * L + (j + b) % L] for a, b in ((1, 0), (0, 1), (-1, 0), (0, -1))]
            known[sum(1 << k for k in around)] += four
            for one, other, value in ((0, 1, near / 2), (1, 2, near / 2), (2, 3, near / 2), (3, 0, near / 2),
                                      (0, 2, far), (1, 3, far)):  # fmt: skip
                known[(1 << around[one]) + (1 << around[other])] += value
    log_w = hidden_log_weights(sublattice_machine(torus_bonds(L), K, kept))
    off = np.abs(spin_couplings(log_w) - known)[1:]
    there = known[1:] != 0
    log_z = np.logaddexp.reduce(log_w) / L**2 - kaufman.log_partition_function(1 / K, L)
    return Worst(off[there].max(), off[~there].max(), abs(float(log_z)))


def decimated_by_blocks(K: float = 1.0, N: int = 12) -> Worst:
    """A ring with a hidden spin on every second site, the copy of it at large weights."""
    v, found = every_state(N), []
    H = -K * (v * np.roll(v, 1, axis=1)).sum(axis=1)
    for w in WEIGHTS:
        made = block_machine(ring(N), K, [[i] for i in range(0, N, 2)], w)
        step = variational_step(H, np.asarray(free_energies(made.machine, jnp.asarray(v))) - made.constant)
        couplings, pairs = spin_couplings(block_log_weights(made)), neighbors(N // 2)
        off, others = couplings[pairs] - decimation.decimated(K), np.delete(couplings, [0, *pairs])
        found.append(Worst(np.abs(off).max(), np.abs(others).max(), abs(step.free_energy_change), step.worst))
    worst = np.max(found, axis=0)
    return Worst(*found[-1][:2], *worst[2:])


def majorities(K: float = 1 / T_C) -> Worst:
    """A torus of 4 x 3 with a hidden spin for each row of three, its majority at large weights."""
    site, v = np.arange(12).reshape(4, 3), every_state(12)
    bonds = np.concatenate([np.stack([site, np.roll(site, -1, axis)], -1).reshape(-1, 2) for axis in (0, 1)])
    H = -K * (v[:, bonds[:, 0]] * v[:, bonds[:, 1]]).sum(axis=1)
    down = (v.reshape(-1, 4, 3).sum(axis=2) < 0) @ (1 << np.arange(4))
    exact, worst, log_w = np.log(np.bincount(down, np.exp(-H))), 0.0, np.zeros(16)
    for w in WEIGHTS:
        made = block_machine(bonds, K, site.tolist(), w)
        step = variational_step(H, np.asarray(free_energies(made.machine, jnp.asarray(v))) - made.constant)
        worst, log_w = max(worst, step.worst), block_log_weights(made) + made.constant
    return Worst(np.abs(log_w - exact).max(), 0.0, 0.0, worst)


def trained_step(key: Any, hidden_units: int, rows: int, epochs: int) -> VariationalStep:
    """A machine trained on rows of the exact law of the 4 x 4 torus at T_c, its ln Z made that of the torus."""
    key_rows, key_machine, key_train = jax.random.split(key, 3)
    v, bonds = every_state(SMALL**2), torus_bonds(SMALL)
    H = -(v[:, bonds[:, 0]] * v[:, bonds[:, 1]]).sum(axis=1) / T_C
    rng = np.random.default_rng(np.asarray(jax.random.key_data(key_rows)))
    chosen = rng.choice(len(v), rows, p=np.exp(-H - np.logaddexp.reduce(-H)))
    machine = cd.untrained(key_machine, 0 * v[chosen], hidden_units, "spin", "spin")
    how = cd.ContrastiveDivergence("persistent", 3, 100, 0.05, epochs, symmetric=True)
    field = v @ np.asarray(cd.train(key_train, machine, v[chosen], how).machine.weights)
    F = -np.logaddexp(field, -field).sum(axis=1)
    return variational_step(H, F + np.logaddexp.reduce(-F) - np.logaddexp.reduce(-H))
