# SPDX-License-Identifier: Apache-2.0
"""Cross-validation by a committee of networks, each evaluated on the fold of the data it was trained without."""

from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float, Int, Key, Real

from isinglass.training.fit import fit
from isinglass.training.optimizer import Optimizer
from isinglass.training.setting import Training

__all__ = ["Committee", "MemberCrossEntropy", "folds", "held_out_posterior", "train_committee"]


class Committee(eqx.Module):
    """f_1(x), ..., f_M(x): networks of one shape with their weights stacked, evaluated together."""

    members: eqx.Module  # every array has a leading member axis

    @staticmethod
    def make(keys: Key[Array, " M"], make_network: Callable[[Key[Array, ""]], eqx.Module]) -> "Committee":
        """One network per key."""
        return Committee(eqx.filter_vmap(make_network)(keys))

    def __call__(self, x: Real[Array, "..."], *, key: Key[Array, ""] | None = None) -> Float[Array, "M out"]:
        """The logits of every member."""
        return eqx.filter_vmap(lambda network: network(x, key=key))(self.members)


class MemberCrossEntropy(eqx.Module):
    """L = Σ_m (1/n) Σ_i w_im (-log softmax f_m(x_i)) [y_i]; the weight w_im is 0 where row i is held out from member m.

    Law: members are independent, dL/dtheta_m depends on f_m alone.
    """

    def __call__(self, key: Key[Array, ""], model: Committee, batch: tuple) -> Float[Array, ""]:
        """Sum over members, mean over the batch."""
        x, y, w = batch
        logits = jax.vmap(lambda one: model(one, key=None))(x)
        labels = jnp.broadcast_to(y[:, None], logits.shape[:2])
        each = optax.softmax_cross_entropy_with_integer_labels(logits, labels)
        return (w * each).mean(axis=0).sum()


def folds(
    rng: np.random.Generator, group: Int[np.ndarray, " n"], label: Int[np.ndarray, " n"], n_folds: int
) -> Int[np.ndarray, " n"]:
    """Fold of each row; the groups of each point are assigned in rotation.  Law: no group lies in two folds."""
    names, first = np.unique(group, return_index=True)
    fold = np.zeros(group.max() + 1, int)
    for point in np.unique(label):
        own = rng.permutation(names[label[first] == point])
        fold[own] = (np.arange(len(own)) + rng.integers(n_folds)) % n_folds
    return fold[group]


def train_committee(
    key: Key[Array, ""],
    make_network: Callable[[Key[Array, ""]], eqx.Module],
    x: Real[np.ndarray, "n ..."],
    y: Int[np.ndarray, " n"],
    weights: Float[np.ndarray, "n M"],
    settings: Training,
) -> Committee:
    """Train M networks at once, member m with the weights w_im of the rows."""
    key_init, key_fit = jax.random.split(key)
    committee = Committee.make(jax.random.split(key_init, weights.shape[1]), make_network)
    data = (jnp.asarray(x), jnp.asarray(y, jnp.int32), jnp.asarray(weights, jnp.float32))
    return fit(key_fit, committee, MemberCrossEntropy(), data, settings=settings).model


def schedule(steps: int, learning_rate: float, batch_size: int = 256, weight_decay: float = 1e-2) -> Training:
    """AdamW with a cosine that ends at the last step, in one compiled block."""
    optimizer = Optimizer("adamw", learning_rate, "cosine", warmup=min(20, steps // 10), weight_decay=weight_decay)
    return Training(optimizer=optimizer, steps=steps, batch_size=batch_size, block=steps)


@eqx.filter_jit
def member_probabilities(committee: Committee, x: Real[Array, "n ..."]) -> Float[Array, "n M out"]:
    """Probabilities softmax f_m(x_i), in chunks."""
    return jax.lax.map(lambda one: jax.nn.softmax(committee(one)), x, batch_size=1024)


def held_out_posterior(
    committee: Committee, x: Real[np.ndarray, "n ..."], fold: Int[np.ndarray, " n"], n_folds: int
) -> Float[np.ndarray, "repeat n out"]:
    """For each row the members that were trained without its fold; member m leaves out fold m mod n_folds."""
    p = np.asarray(member_probabilities(committee, jnp.asarray(x)))
    repeats = p.shape[1] // n_folds
    members = fold[None, :] + n_folds * np.arange(repeats)[:, None]
    return np.take_along_axis(p, members.T[:, :, None], axis=1).transpose(1, 0, 2)
