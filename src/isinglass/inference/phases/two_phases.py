# SPDX-License-Identifier: Apache-2.0
"""Two phases, told apart by a network: T = 0 against T = ∞ where no local order parameter exists.

The Ising gauge theory: a convolution finds the constraint on each plaquette, a perceptron cannot.
Ref: Carrasquilla & Melko 2017, arXiv:1605.01735.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal

import jax
import numpy as np
import xarray as xr
from jaxtyping import Bool

from isinglass.data.configurations import Configurations
from isinglass.inference.phases.classifier import Network, logits, train_classifiers
from isinglass.nets.classifier.classifier import Classifier
from isinglass.result import Estimate, Result

__all__ = ["GAUGE_CNN", "GAUGE_MLP", "ISING_MLP", "TwoPhases", "distinguish", "held_out", "split_rows"]


@dataclass(frozen=True)
class TwoPhases:
    """Knobs of one network; the names are those of `Supervised`."""

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
    held_out: float = 0.5  # share of chains (rows, where chains are unknown) that no network is shown


GAUGE_CNN = TwoPhases()
GAUGE_MLP = TwoPhases(network="mlp", hidden=100, learning_rate=1e-3)
ISING_MLP = TwoPhases(
    network="mlp", hidden=100, optimizer="momentum", learning_rate=0.3, weight_decay=3e-4, steps=1000, batch_size=128
)


def distinguish(key, configurations: Configurations, settings: Mapping[str, TwoPhases]) -> Result:
    """Train each kind of network on two values of the parameter, and count its hits on chains it has not seen.

    The estimate `accuracy/NAME` is the mean over networks; its error is the spread over networks and held-out rows.
    `arrays.accuracy` holds every single network; label 1 is the lower parameter.
    """
    points = configurations.points
    if len(points) != 2:
        raise ValueError(f"Expected two values of the parameter, got {len(points)}; choose the two phases to compare.")
    ordered = configurations.parameter == points[0]
    estimates, models, rows_out = {}, {}, {}
    for name, knobs in settings.items():
        key, subkey = jax.random.split(key)
        models[name], test, said = held_out(subkey, configurations, ordered, knobs)
        hits = said == ordered[test]
        estimates[f"accuracy/{name}"] = mean_accuracy(hits)
        rows_out[name] = hits.mean(axis=1)
    members = max(len(row) for row in rows_out.values())
    table = np.full((len(rows_out), members), np.nan)
    for row, values in zip(table, rows_out.values(), strict=True):
        row[: len(values)] = values
    arrays = xr.Dataset({"accuracy": (("network", "member"), table)}, coords={"network": list(rows_out)})
    return Result(
        "two_phases",
        estimates,
        arrays=arrays,
        models=models,
        settings={name: asdict(knobs) for name, knobs in settings.items()},
    )


def held_out(
    key, configurations: Configurations, ordered: Bool[np.ndarray, " n"], settings
) -> tuple[Classifier, Bool[np.ndarray, " n"], Bool[np.ndarray, "members test"]]:
    """Train on part of the chains; which rows were held out, and whether each network calls them ordered.

    With labels T < T_c over the whole range this is what the Bayes ceiling bounds (`checks.classifier`).
    """
    key_split, key_train = jax.random.split(key)
    test = split_rows(key_split, configurations, settings.held_out)
    model = train_classifiers(key_train, configurations.x[~test], ordered[~test], settings)
    return model, test, logits(model, configurations.x[test], chunk=256) > 0


def mean_accuracy(hits: Bool[np.ndarray, "members n"]) -> Estimate:
    """Share of hits: networks and rows both drawn at random."""
    each = hits.mean(axis=1)
    p = float(each.mean())
    rows = max(p * (1 - p), 1.0 / hits.shape[1]) / hits.shape[1]
    networks = each.var(ddof=1) / len(each) if len(each) > 1 else 0.0
    return Estimate(p, float((rows + networks) ** 0.5))


def split_rows(key, configurations: Configurations, share: float) -> Bool[np.ndarray, " n"]:
    """True for held-out rows: whole chains, or single rows where chains are unknown (independent draws)."""
    chain = np.arange(configurations.n) if configurations.chain is None else configurations.group
    _, number = np.unique(chain, return_inverse=True)
    order = np.asarray(jax.random.permutation(key, number.max() + 1))
    return order[number] < share * (number.max() + 1)
