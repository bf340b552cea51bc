# SPDX-License-Identifier: Apache-2.0
"""Configurations with their control parameter: the output of samplers and the input of `infer`."""

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from jaxtyping import Float, Int, Shaped

__all__ = ["Boundary", "Configurations", "Kind", "concatenated", "kept", "snapshots"]

Kind = Literal["ising", "potts", "angle", "vector", "real"]
Boundary = Literal["periodic", "open", "part", "unknown"]


@dataclass(frozen=True)
class Configurations:
    """n configurations of a lattice, x [n, *site].  Law: results do not depend on the order of the rows."""

    x: Shaped[np.ndarray, "n *site"]  # ising ±1 (int8), potts 0 .. q-1 (int8), angle in radian, vector, real
    parameter: Float[np.ndarray, " n"]  # temperature, or another scalar control parameter
    kind: Kind
    parameter_name: str = "temperature"
    chain: Int[np.ndarray, " n"] | None = None  # Markov chain of each row; None: unknown
    channels: bool = False  # the last axis counts variables per site (links of a gauge theory)
    source: str = ""  # file or system, and how it was read, in one line
    energy: Float[np.ndarray, " n"] | None = None  # E of each row, in units of the temperature; None: unknown
    boundary: Boundary = "unknown"  # stated, or seen in the data; part: of a larger lattice
    labels: bool = False  # the parameter names a phase (0, 1) and is no quantity

    @property
    def n(self) -> int:
        """n, the number of configurations."""
        return len(self.x)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one configuration, [*site]."""
        return self.x.shape[1:]

    @property
    def lattice(self) -> tuple[int, ...]:
        """The sides of the lattice: the shape of a configuration without channels or vector components."""
        return self.shape[:-1] if self.channels or self.kind == "vector" else self.shape

    @property
    def components(self) -> int:
        """Dimension of the order parameter's space: 1 (Ising, real), q - 1 (Potts), 2 (angles), times the channels."""
        if self.kind == "vector":
            return self.shape[-1]
        inner = {"ising": 1, "real": 1, "angle": 2}.get(self.kind)
        inner = max(int(self.x.max()), 1) if inner is None else inner
        return inner * (self.shape[-1] if self.channels else 1)

    @property
    def points(self) -> Float[np.ndarray, " T"]:
        """The distinct values of the parameter, ascending."""
        return np.unique(self.parameter)

    @property
    def group(self) -> Int[np.ndarray, " n"]:
        """One number for each pair of chain and parameter value: rows of one group are correlated.

        Where chains are unknown, the rows of one value are cut into five blocks in file order, since neighbors in a
        file may be neighbors in a chain.
        """
        chain = self.chain
        point = np.unique(self.parameter, return_inverse=True)[1]
        if chain is None:
            chain = np.zeros(self.n, int)
            for p in range(point.max() + 1):
                rows = np.flatnonzero(point == p)
                chain[rows] = np.arange(len(rows)) * 5 // len(rows)
        return np.unique(np.stack([point, chain]), axis=1, return_inverse=True)[1].reshape(-1)


def kept(c: Configurations, rows: Shaped[np.ndarray, " m"]) -> Configurations:
    """The configurations of some rows: `rows` are indices, or a mask."""
    chain, energy = (None if a is None else a[rows] for a in (c.chain, c.energy))
    return replace(c, x=c.x[rows], parameter=c.parameter[rows], chain=chain, energy=energy)


def concatenated(*sets: Configurations) -> Configurations:
    """All rows of several sets of one lattice; chains and energies where every set has them."""

    def rows(name: str) -> Any:
        columns = [getattr(c, name) for c in sets]
        return None if any(column is None for column in columns) else np.concatenate(columns)

    return replace(sets[0], **{name: rows(name) for name in ("x", "parameter", "chain", "energy")})


def snapshots(c: Configurations) -> dict[str, Any]:
    """One configuration at each parameter value, as arrays for the figure `samples`."""
    points, rows = np.unique(c.parameter, return_index=True)
    axes = tuple(f"snapshot_axis_{i}" for i in range(len(c.shape)))
    return {
        "snapshots": (("snapshot", *axes), c.x[rows], {"kind": c.kind}),
        "snapshot_parameter": ("snapshot", points),
    }
