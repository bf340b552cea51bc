# SPDX-License-Identifier: Apache-2.0
"""Spin configurations for the phase experiments: sampled by the verb `sample`, one lattice size after the other."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np
from jaxtyping import Float

from isinglass.data.configurations import Configurations
from isinglass.data.files import from_dataset
from isinglass.result import Check
from isinglass.run.progress import ProgressCallable
from isinglass.systems import Ising
from isinglass.verbs import sample

__all__ = ["Spins", "ising_by_size", "snapshots", "spacing", "spins"]


class Spins(NamedTuple):
    """Configurations with what is known of each."""

    configurations: Configurations
    energy: Float[np.ndarray, " n"]
    magnetization: Float[np.ndarray, " n"]
    checks: list[Check]


def spacing(L: int) -> int:
    """Sweeps between two measurements: half the autocorrelation time of |m| at T_c, 0.025 L^2.17."""
    return max(2, round(0.0125 * L**2.17))


def ising_by_size(
    key,
    sizes: Iterable[int],
    temperature: Float[np.ndarray, " T"],
    *,
    samples: int,
    chains: int,
    lattice: str = "square",
    progress: ProgressCallable,
    checkpoint: Path | None,
) -> dict[int, Spins]:
    """`samples` configurations at each temperature for each L, by packed Metropolis."""
    found = {}
    for L in sizes:

        def tell(done: int, total: int, message: str, L: int = L) -> None:
            progress(done, total, f"{lattice} L = {L}: {message}")

        result = sample(
            jax.random.fold_in(key, L),
            Ising((L, L), lattice=lattice),
            temperature,
            method="metropolis",
            samples=samples,
            chains=chains,
            thin=spacing(L),
            warmup=80 * spacing(L),
            effective_samples=None,
            progress=tell,
            checkpoint=None if checkpoint is None else checkpoint / f"{lattice}-{L}",
        )
        found[L] = spins(result, f"{lattice}, L = {L}")
    return found


def spins(result: Any, label: str) -> Spins:
    """The rows of a sampling result."""
    arrays = {name: result.arrays[name].to_numpy() for name in ("energy", "order_parameter")}
    checks = [replace(check, law=f"{check.law} ({label})", of="") for check in result.checks]
    return Spins(from_dataset(result.arrays), arrays["energy"], arrays["order_parameter"], checks)


def snapshots(configurations: Configurations) -> dict[str, Any]:
    """One configuration at each parameter value, for the figure."""
    points, rows = np.unique(configurations.parameter, return_index=True)
    axes = tuple(f"snapshot_axis_{i}" for i in range(len(configurations.shape)))
    return {
        "snapshots": (("snapshot", *axes), configurations.x[rows], {"kind": configurations.kind}),
        "snapshot_parameter": ("snapshot", points),
    }
