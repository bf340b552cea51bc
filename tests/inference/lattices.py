# SPDX-License-Identifier: Apache-2.0
"""Independent generators in plain NumPy: the library's own samplers are not asked."""

import numpy as np

from isinglass.data.configurations import Configurations

__all__ = ["antiferromagnet", "gauge", "ising", "shuffled", "xy"]


def ising(seed: int, L: int, temperatures, chains: int, sweeps: int) -> Configurations:
    """Heat bath on the checkerboard, one configuration from each of `chains` chains.

    Half start ordered, below T = 2.2 all of them, each up or down: stripes would outlive any short run.
    """
    rng = np.random.default_rng(seed)
    T = np.asarray(temperatures)[:, None, None, None]
    s = np.sign(rng.random((len(temperatures), chains, L, L)) - 0.5).astype(np.float32)
    uniform = np.sign(rng.random((len(temperatures), chains, 1, 1)) - 0.5)
    s = np.where((np.arange(chains)[:, None, None] % 2 == 0) | (T < 2.2), uniform, s).astype(np.float32)
    color = np.indices((L, L)).sum(axis=0) % 2 == 0
    for step in range(2 * sweeps):
        field = sum(np.roll(s, shift, axis) for axis in (2, 3) for shift in (1, -1))
        up = rng.random(s.shape, np.float32) < 1 / (1 + np.exp((-2 / T * field).astype(np.float32)))
        s = np.where(color == (step % 2 == 0), 2 * up.astype(np.float32) - 1, s)
    return pack(s.astype(np.int8), temperatures, "ising")


def xy(seed: int, L: int, temperatures, chains: int, sweeps: int) -> Configurations:
    """Metropolis on the checkerboard with uniform steps, from aligned angles."""
    rng = np.random.default_rng(seed)
    T = np.asarray(temperatures)[:, None, None, None]
    a = np.zeros((len(temperatures), chains, L, L), np.float32)
    color = np.indices((L, L)).sum(axis=0) % 2 == 0
    for step in range(2 * sweeps):
        new = a + (rng.random(a.shape, np.float32) - 0.5) * 3
        near = [np.roll(a, shift, axis) for axis in (2, 3) for shift in (1, -1)]
        rise = sum(np.cos(a - b) - np.cos(new - b) for b in near)
        a = np.where((color == (step % 2 == 0)) & (rng.random(a.shape) < np.exp(-rise / T)), new, a).astype(np.float32)
    return pack(np.mod(a, 2 * np.pi), temperatures, "angle")


def gauge(seed: int, L: int, n: int) -> Configurations:
    """Links of the Ising gauge theory between order and disorder: gauge transforms of few wrong links."""
    rng = np.random.default_rng(seed)
    flips = np.linspace(0, 0.5, 8)
    rows = []
    for p in flips:
        g = np.sign(rng.random((n, L, L)) - 0.5)
        links = np.stack([g * np.roll(g, -1, 1), g * np.roll(g, -1, 2)], axis=-1)
        rows.append(np.where(rng.random(links.shape) < p, -links, links))
    data = pack(np.stack(rows).astype(np.int8), 1 + flips, "ising")
    return Configurations(data.x, data.parameter, "ising", chain=data.chain, channels=True)


def antiferromagnet(data: Configurations) -> Configurations:
    """The same law with J -> -J: every other spin flipped."""
    sign = 1 - 2 * (np.indices(data.shape).sum(axis=0) % 2)
    return Configurations((data.x * sign).astype(np.int8), data.parameter, "ising", chain=data.chain)


def shuffled(seed: int, data: Configurations) -> Configurations:
    """The same rows in another order."""
    rows = np.random.default_rng(seed).permutation(data.n)
    chain = None if data.chain is None else data.chain[rows]
    return Configurations(data.x[rows], data.parameter[rows], data.kind, data.parameter_name, chain, data.channels)


def pack(x: np.ndarray, temperatures, kind) -> Configurations:
    """[T, chain, site ...] as rows."""
    n_T, n_chains = x.shape[:2]
    chain = np.tile(np.arange(n_chains), n_T)
    return Configurations(x.reshape(-1, *x.shape[2:]), np.repeat(np.asarray(temperatures), n_chains), kind, chain=chain)
