# SPDX-License-Identifier: Apache-2.0
"""Order at a wave vector Q: which one orders, its squared order parameter |s_Q|², and ξ/L, which locates a transition.

All from |s_k|², `structure_factor.wave_power`; Q = (n_1, n_2, ...) stands for k_a = 2π n_a / L_a, 0 for uniform order.
"""

from itertools import permutations

import numpy as np
from jaxtyping import Float

__all__ = ["correlation_ratio", "moment_ratio", "ordering_wave", "powers_beside", "star", "susceptibility"]

Wave = tuple[int, ...]


def ordering_wave(structure: Float[np.ndarray, "T *k"]) -> Wave:
    """Q, the wave with the largest variance anywhere in the data; 0 where all are alike."""
    top = structure.reshape(len(structure), -1).max(axis=0)
    return tuple(int(i) for i in np.unravel_index(int(top.argmax()), structure.shape[1:]))


def star(wave: Wave, sides: tuple[int, ...]) -> list[Wave]:
    """Q and the waves that equal sides make equivalent to it, one of each pair Q, -Q."""
    images = {tuple(p) for p in permutations(wave)} if len(set(sides)) == 1 else {wave}
    unique = []
    for q in sorted(images):
        if tuple(-a % L for a, L in zip(q, sides, strict=True)) not in unique:
            unique.append(q)
    return unique


def powers_beside(power: Float[np.ndarray, "n *k"], wave: Wave, steps: int = 1) -> Float[np.ndarray, "n wave"]:
    """|s_Q|² summed over the star of Q, then its mean over the waves Q ± 2π steps/L_i, axis by axis where L_i > 2."""
    sides = power.shape[1:]
    equivalent = star(wave, sides)
    at = lambda k: power[(slice(None), *(a % L for a, L in zip(k, sides, strict=True)))]  # noqa: E731
    columns = [np.sum([at(q) for q in equivalent], axis=0)]
    for axis, side in enumerate(sides):
        if side > 2:
            step = steps * np.eye(len(sides), dtype=int)[axis]
            columns.append(np.sum([(at(q + step) + at(q - step)) / 2 for q in np.array(equivalent)], axis=0))
    return np.stack(columns, axis=1)


def correlation_ratio(
    at_Q: Float[np.ndarray, "*n"], beside: Float[np.ndarray, "*n axis"], sides: tuple[int, ...], floor: float = 1e-4
) -> Float[np.ndarray, "*n"]:
    """ξ/L, ξ² = (S(Q)/S(Q + k) - 1) / (2 sin(k/2))², k = 2π/L: second-moment correlation length over the side.

    Means over samples, ordered as `powers_beside` has them; ξ²/L² is averaged over the axes, its numerator `floor`
    at least and, where full order leaves nothing beside Q, 1e9 at most.
    Law: exact, ξ = 1/m, where S(k) is proportional to 1/(k̂² + m²).  Ref: Cooper et al. 1982,
    doi:10.1016/0550-3213(82)90240-1.
    """
    side = np.array([L for L in sides if L > 2])
    excess = np.maximum(at_Q[..., None] / np.maximum(beside, 1e-9 * at_Q[..., None] + 1e-300) - 1, floor)
    return np.sqrt(np.mean(excess / (2 * np.sin(np.pi / side) * side) ** 2, axis=-1))


def moment_ratio(m2: Float[np.ndarray, "*shape"], m4: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
    """<m⁴>/<m²>², 3 (1 - U) with Binder's cumulant U.

    Law: 1 in full order; 3 for a normal law, 1 + 2/n in n components.  Ref: Binder 1981, doi:10.1007/BF01293604.
    """
    return m4 / m2**2


def susceptibility(
    m2: Float[np.ndarray, "*shape"], m_abs: Float[np.ndarray, "*shape"], n_sites: int
) -> Float[np.ndarray, "*shape"]:
    """χ = N (<m²> - <|m|>²), without the factor 1/T.  Law: √N m is normal in disorder, so that χ = <s²> (1 - 2/π)."""
    return n_sites * (m2 - m_abs**2)
