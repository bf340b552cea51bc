# SPDX-License-Identifier: Apache-2.0
"""What is measured of samples of a field: power in shells of wave number, and the law of one site, with errors."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from isinglass.exact.field.gaussian_field import wave_numbers

__all__ = ["Curve", "one_point", "power", "power_of", "shells", "wave_number"]


class Curve(NamedTuple):
    """Values with standard errors, from independent samples."""

    value: Float[np.ndarray, " points"]
    error: Float[np.ndarray, " points"]


def shells(shape: tuple[int, ...]) -> Int[np.ndarray, "*site"]:
    """Number of the shell of each wave vector n: |n| rounded, n_i from -L/2 to L/2."""
    axes = [np.fft.fftfreq(side, 1 / side) for side in shape]
    return np.rint(np.sqrt(sum(n**2 for n in np.meshgrid(*axes, indexing="ij")))).astype(int)


def in_shells(power: Float[np.ndarray, "*n site"], shape: tuple[int, ...]) -> Float[np.ndarray, "*n shell"]:
    """Mean over each shell, flattened wave vectors last."""
    shell = shells(shape).ravel()
    member = np.eye(shell.max() + 1)[shell]
    return power @ (member / member.sum(axis=0))


def wave_number(shape: tuple[int, ...]) -> Float[np.ndarray, " shell"]:
    """Mean |k̂| of each shell."""
    return in_shells(wave_numbers(shape).ravel(), shape)


def power_of(P: Float[np.ndarray, "*site"]) -> Float[np.ndarray, " shell"]:
    """A known spectrum in shells."""
    return in_shells(P.ravel(), P.shape)


def power(x: Float[np.ndarray, "n *site"]) -> Curve:
    """P(k) = <|x̃(k)|²> in shells; the error over samples."""
    axes = tuple(range(1, x.ndim))
    modes = np.abs(np.fft.fftn(x - x.mean(), axes=axes, norm="ortho")) ** 2
    each = in_shells(modes.reshape(len(x), -1), x.shape[1:])
    return Curve(each.mean(axis=0), each.std(axis=0, ddof=1) / len(x) ** 0.5)


def one_point(x: Float[np.ndarray, "n *site"], edges: Float[np.ndarray, " edges"]) -> Curve:
    """Probability density of x at a site, in bins, all sites of a sample together; the error over samples."""
    rows = x.reshape(len(x), -1)
    count = np.stack([((rows >= a) & (rows < b)).mean(axis=1) for a, b in zip(edges[:-1], edges[1:], strict=True)], 1)
    each = count / np.diff(edges)
    return Curve(each.mean(axis=0), each.std(axis=0, ddof=1) / len(x) ** 0.5)
