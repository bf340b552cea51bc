# SPDX-License-Identifier: Apache-2.0
"""Two phases, distinguished by a network: T = 0 against T = ∞ where no local order parameter exists.

The Ising gauge theory: a convolution finds the constraint on each plaquette, a perceptron cannot.
Ref: Carrasquilla & Melko 2017, arXiv:1605.01735.
"""

from dataclasses import dataclass
from typing import Literal

import jax
import numpy as np
from jaxtyping import Bool, Shaped

from isinglass.data.configurations import Configurations
from isinglass.inference.phases.classifier import Network

__all__ = ["GAUGE_CNN", "GAUGE_MLP", "ISING_MLP", "TwoPhases", "split_rows", "translated"]


@dataclass(frozen=True)
class TwoPhases:
    """Settings of one network; the names are those of `Supervised`."""

    network: Network = "cnn"
    members: int = 4
    hidden: int = 32
    filters: int = 64
    kernel: int = 2
    odd: bool = False
    optimizer: Literal["sgd", "momentum", "adam", "adamw"] = "adam"
    schedule: Literal["constant", "cosine"] = "constant"
    learning_rate: float = 3e-3
    weight_decay: float = 0.0
    steps: int = 800
    batch_size: int = 32
    held_out: float = 0.5  # share of chains (rows, where chains are unknown) that no network is trained on
    translations: int = 1  # of each training row, at random: what a convolution has built in


GAUGE_CNN = TwoPhases()
GAUGE_MLP = TwoPhases(network="mlp", hidden=100, learning_rate=1e-3)
ISING_MLP = TwoPhases(
    network="mlp", hidden=100, optimizer="momentum", learning_rate=0.3, weight_decay=3e-4, steps=1000, batch_size=128
)


def split_rows(key, configurations: Configurations, share: float) -> Bool[np.ndarray, " n"]:
    """True for held-out rows: whole chains, or single rows where chains are unknown (independent draws)."""
    chain = np.arange(configurations.n) if configurations.chain is None else configurations.group
    _, number = np.unique(chain, return_inverse=True)
    order = np.asarray(jax.random.permutation(key, number.max() + 1))
    return order[number] < share * (number.max() + 1)


def translated(key, x: Shaped[np.ndarray, "n Lx Ly *variable"], copies: int) -> Shaped[np.ndarray, "m Lx Ly *variable"]:
    """All rows in `copies` translations around the torus (or all there are), chosen at random, all different."""
    Lx, Ly = x.shape[1:3]
    steps = np.asarray(jax.random.permutation(key, Lx * Ly))[:copies]
    return np.concatenate([np.roll(x, divmod(int(step), Ly), axis=(1, 2)) for step in steps])
