# SPDX-License-Identifier: Apache-2.0
"""Correlated configurations of any kind, made of smoothed noise: neighbors are alike, less so at higher temperature."""

import numpy as np

__all__ = ["POINTS", "ROWS", "angles", "potts", "spins", "temperatures", "vectors"]

POINTS, ROWS = 8, 12  # values of the temperature, configurations at each


def temperatures() -> np.ndarray:
    """One for each row."""
    return np.repeat(np.linspace(1.0, 3.1, POINTS), ROWS)


def smooth(
    seed: int, shape: tuple[int, ...], *, opened: bool = False, surface: bool = True, parts: int = 1
) -> np.ndarray:
    """Gaussian fields [n, *shape, parts] of a width that falls with T, periodic or cut out of larger ones.

    With a surface, what is cut out has less order at its edges.
    """
    rng = np.random.default_rng(seed)
    sides = tuple(2 * L for L in shape) if opened else shape
    waves = np.meshgrid(*[2 * np.pi * np.fft.fftfreq(L) for L in sides], indexing="ij")
    k2 = sum(w**2 for w in waves)
    out = []
    for T in temperatures():
        noise = np.fft.fftn(rng.normal(size=(parts, *sides)), axes=range(1, len(sides) + 1))
        field = np.fft.ifftn(noise * np.exp(-k2 * 2.5 / T), axes=range(1, len(sides) + 1)).real
        out.append(field[(slice(None), *[slice(0, L) for L in shape])] / field.std())
    fields = np.moveaxis(np.array(out), 1, -1)
    if opened and surface:
        edge = np.zeros(shape, bool)
        for axis in range(len(shape)):
            edge[(slice(None),) * axis + ([0, -1],)] = True
        fields[:, edge] += rng.normal(size=(len(fields), edge.sum(), parts))
    return fields


def spins(seed: int, shape: tuple[int, ...] = (16, 16), *, opened: bool = False) -> np.ndarray:
    """±1."""
    return np.where(smooth(seed, shape, opened=opened)[..., 0] > 0, 1, -1).astype(np.int8)


def potts(seed: int, shape: tuple[int, ...] = (16, 16), q: int = 3) -> np.ndarray:
    """0 .. q-1."""
    return smooth(seed, shape, parts=q).argmax(axis=-1)


def vectors(seed: int, shape: tuple[int, ...] = (16, 16), c: int = 3) -> np.ndarray:
    """Unit vectors, components last."""
    field = smooth(seed, shape, parts=c)
    return field / np.linalg.norm(field, axis=-1, keepdims=True)


def angles(seed: int, shape: tuple[int, ...] = (16, 16)) -> np.ndarray:
    """In radian, -π to π."""
    field = smooth(seed, shape, parts=2)
    return np.arctan2(field[..., 1], field[..., 0])
