# SPDX-License-Identifier: Apache-2.0
"""Machines trained on Ising configurations of some temperatures, the end of their flow, and what hidden spins are."""

from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from isinglass.exact.lattice import kaufman
from isinglass.exact.lattice.moments import MagnetizationThermometer
from isinglass.experiments.theory_curve import over_samples
from isinglass.inference.renormalization.block_spins import block_spins
from isinglass.inference.renormalization.machine_flow import (
    IsingThermometry,
    hidden_spins,
    reconstructed,
    thermometry,
)
from isinglass.result import Estimate
from isinglass.sampling.objective import contrastive_divergence as cd
from isinglass.systems.lattice.boltzmann_machine import RestrictedBoltzmannMachine

__all__ = [
    "FieldShape", "IsingRows", "MachineRecipe", "Mixture", "StartFlows", "block_order", "field_shape", "flow_from",
    "hidden_order", "mixture", "trained",
]  # fmt: skip

BATCH, RATE = 100, 0.05
WELL, PUBLISHED = ("persistent", 3), ("contrastive", 1)  # kind of chains, sweeps in a step


class Mixture(NamedTuple):
    """Configurations of several temperatures, each as often, on the L x L torus: exact."""

    temperature: float  # that of the Ising model with their mean energy
    by_magnetization: float  # with their mean |m|
    spread: float  # variance of their energy over that of the Ising model at `temperature`


def mixture(T: np.ndarray, L: int, magnetization: MagnetizationThermometer) -> Mixture:
    """Law: of one temperature, that one, and a spread of 1."""
    u, within = kaufman.energy(T, L), kaufman.specific_heat(T, L) * T**2 / L**2
    at = kaufman.temperature_of_energy(float(np.mean(u)), L)
    canonical = float(kaufman.specific_heat(at, L)) * at**2 / L**2
    m = np.mean(magnetization.mean(np.maximum(T, magnetization.T[0])))
    return Mixture(at, magnetization.temperature(float(m)), float(np.mean(within) + np.var(u)) / canonical)


class MachineRecipe(NamedTuple):
    """How a machine is trained, and on what."""

    chosen: tuple[float, ...]  # temperatures of the configurations, each as often
    hidden_units: int
    how: tuple[str, int]  # WELL or PUBLISHED
    epochs: int


class IsingRows(NamedTuple):
    """Configurations at each temperature."""

    T: np.ndarray
    x: np.ndarray  # [T, n, L, L] of ±1
    rows: int  # that a machine is trained on

    def drawn(self, key: Any, chosen: tuple[float, ...]) -> np.ndarray:
        """Rows [rows, L²] of these temperatures, each as often in the mean."""
        rng = np.random.default_rng(np.asarray(jax.random.key_data(key)))
        return translated(rng, self.x[np.isin(self.T, chosen)].reshape(-1, *self.x.shape[2:]), self.rows)


def translated(rng: np.random.Generator, s: np.ndarray, copies: int) -> np.ndarray:
    """Rows [copies, L²]: some of s [n, L, L], translated at random, with both signs.  Law: E is that of the row."""
    L = s.shape[-1]
    i, j = rng.integers(0, L, (2, copies, 1, 1))
    r, some = np.arange(L), rng.integers(0, len(s), copies)
    moved = s[some[:, None, None], (r[:, None] + i) % L, (r[None] + j) % L]
    return (moved * rng.choice([-1, 1], (copies, 1, 1))).reshape(copies, -1).astype(float)


def trained(
    key: Any, data: IsingRows, recipe: MachineRecipe, checkpoint: Path | None = None
) -> RestrictedBoltzmannMachine:
    """Of symmetric spins, by contrastive divergence or with persistent chains."""
    key_rows, key_machine, key_train = jax.random.split(key, 3)
    x = data.drawn(key_rows, recipe.chosen)
    machine = cd.untrained(key_machine, 0 * x, recipe.hidden_units, "spin", "spin", data.x.shape[2:])
    return ascended(key_train, machine, x, recipe, checkpoint)


def ascended(
    key: Any, machine: RestrictedBoltzmannMachine, x: np.ndarray, recipe: MachineRecipe, checkpoint: Path | None = None
) -> RestrictedBoltzmannMachine:
    """The machine after the passes of the recipe over rows x."""
    how = cd.ContrastiveDivergence(*recipe.how, min(BATCH, len(x) // 4), RATE, recipe.epochs, symmetric=True)
    return cd.train(key, machine, x, how, checkpoint=checkpoint).machine


class StartFlows(NamedTuple):
    """A flow from each start, and its end."""

    of_start: list[list[IsingThermometry]]  # [start][step]
    end: IsingThermometry  # of the last step, from the lowest and the highest start alike


def flow_from(
    key: Any, machines: Any, starts: np.ndarray, steps: tuple[int, ...], magnetization: MagnetizationThermometer
) -> StartFlows:
    """Of configurations starts [start, n, L, L], all at once."""
    S, n, L, _ = starts.shape
    v = reconstructed(key, machines, starts.reshape(S * n, -1).astype(float), steps)
    s = v.reshape(len(steps), S, n, L, L).astype(np.int8)
    each = [[thermometry(s[k, i], magnetization) for k in range(len(steps))] for i in range(S)]
    return StartFlows(each, thermometry(s[-1, [0, -1]].reshape(-1, L, L), magnetization))


class FieldShape(NamedTuple):
    """Over the hidden spins of a machine."""

    in_block: Estimate  # share of Σ w² in the best 2 x 2 block: 1 of a block spin, 4/L² of an even field
    one_sign: Estimate  # |Σ w|/Σ |w|: 1 of a block spin


def field_shape(weights: np.ndarray, block: int) -> FieldShape:
    """Of the fields weights [hidden, L, L] in blocks of this side at any place.  Error: spread over hidden spins."""
    square = weights**2
    shifts = [(i, j) for i in range(block) for j in range(block)]
    inside = np.sum([np.roll(square, shift, axis=(1, 2)) for shift in shifts], axis=0)
    share = inside.reshape(len(weights), -1).max(axis=1) / square.sum(axis=(1, 2))
    sign = np.abs(weights.sum(axis=(1, 2))) / np.abs(weights).sum(axis=(1, 2))
    return FieldShape(over_samples(share), over_samples(sign))


def hidden_order(key: Any, stack: tuple[RestrictedBoltzmannMachine, ...], x: np.ndarray) -> np.ndarray:
    """[layer, T]: <|Σ_j σ_j h_j|>/M of the hidden spins of x [T, n, L, L]; σ_j the sign of their coupling to Σ v.

    Spins of layer k + 1 are drawn given those of layer k.
    """
    T, n, *_ = x.shape
    v, weights, found = x.reshape(T * n, -1).astype(float), np.eye(x[0, 0].size), []
    for k, machine in enumerate(stack):
        v = hidden_spins(jax.random.fold_in(key, k), jax.tree.map(jnp.asarray, machine), v)
        weights = weights @ np.asarray(machine.weights)
        found.append(np.abs(v @ np.where(weights.sum(axis=0) < 0, -1, 1)).reshape(T, n).mean(axis=1) / v.shape[1])
    return np.array(found)


def block_order(rng: np.random.Generator, x: np.ndarray, layers: int) -> np.ndarray:
    """[layer, T]: <|m|> of block spins of 2 x 2, of these again ..., of x [T, n, L, L]."""
    T, n, *sides = x.shape
    found, s = [], x.reshape(T * n, *sides)
    for _ in range(layers):
        s = block_spins(rng, s)
        found.append(np.abs(s.mean(axis=(1, 2))).reshape(T, n).mean(axis=1))
    return np.array(found)
