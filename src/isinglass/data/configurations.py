# SPDX-License-Identifier: Apache-2.0
"""Configurations with the control parameter they were drawn at: what a sampler writes and what `infer` reads."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float, Int, Shaped

__all__ = ["Configurations", "Kind"]

Kind = Literal["ising", "potts", "angle", "real"]


@dataclass(frozen=True)
class Configurations:
    """n configurations of a lattice.  Law: the rows are exchangeable; nothing may depend on their order."""

    x: Shaped[np.ndarray, "n *site"]  # ising ±1 (int8), potts 0 .. q-1 (int8), angle in radian, real
    parameter: Float[np.ndarray, " n"]  # temperature, or another scalar control parameter
    kind: Kind
    parameter_name: str = "temperature"
    chain: Int[np.ndarray, " n"] | None = None  # which Markov chain a row comes from; None: unknown
    channels: bool = False  # the last axis counts variables of one site (links of a gauge theory), not lattice sites
    source: str = ""  # file or system, for a person

    @property
    def n(self) -> int:
        """Number of configurations."""
        return len(self.x)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one configuration."""
        return self.x.shape[1:]

    @property
    def points(self) -> Float[np.ndarray, " T"]:
        """The distinct values of the parameter, ascending."""
        return np.unique(self.parameter)

    @property
    def group(self) -> Int[np.ndarray, " n"]:
        """One number for each pair of chain and parameter value: rows of one group are correlated.

        Where chains are unknown, the rows of one value in file order are cut into five blocks: neighbors in a file
        are taken to be neighbors in a chain.
        """
        chain = self.chain
        point = np.unique(self.parameter, return_inverse=True)[1]
        if chain is None:
            chain = np.zeros(self.n, int)
            for p in range(point.max() + 1):
                rows = np.flatnonzero(point == p)
                chain[rows] = np.arange(len(rows)) * 5 // len(rows)
        return np.unique(np.stack([point, chain]), axis=1, return_inverse=True)[1].reshape(-1)
