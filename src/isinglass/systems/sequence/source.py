# SPDX-License-Identifier: Apache-2.0
"""A source of sequences of symbols 0 ... k-1."""

from abc import abstractmethod

import equinox as eqx
import jax
from jaxtyping import Array, Float, Int, Key

__all__ = ["AbstractSource", "drawn", "twice"]


class AbstractSource(eqx.Module):
    """p(x_1 ... x_N), sampled and known.

    Law: <Σ_t surprisals> over samples is the entropy of N symbols, the least loss of any predictor.
    """

    @property
    @abstractmethod
    def symbols(self) -> int:
        """k."""

    @abstractmethod
    def samples(self, key: Key[Array, ""], n: int, length: int) -> Int[Array, "n N"]:
        """Independent sequences, in int32."""

    @abstractmethod
    def surprisals(self, x: Int[Array, " N"]) -> Float[Array, " N"]:
        """-ln p(x_t | x_1 ... x_(t-1)), nat."""


def drawn(u: Float[Array, ""], p: Float[Array, " k"]) -> Int[Array, ""]:
    """The symbol of probability p that a uniform number u falls on."""
    return (u > jax.numpy.cumsum(p)[:-1]).sum().astype(jax.numpy.int32)


def twice(x: Int[Array, ""]) -> tuple[Int[Array, ""], Int[Array, ""]]:
    """What is carried on, and what is put out."""
    return x, x
