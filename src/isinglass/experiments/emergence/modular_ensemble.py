# SPDX-License-Identifier: Apache-2.0
"""Quadratic networks that learn a table of p x p answers from a part of it, many of them in one program."""

from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from isinglass.exact.emergence.modular_addition import Quadratic
from isinglass.training.ensemble import fit_ensemble
from isinglass.training.optimizer import Optimizer
from isinglass.training.setting import Training

__all__ = ["LearnedTables", "QuadraticNetwork", "TableLoss", "learned_tables", "sums"]


class QuadraticNetwork(eqx.Module):
    """f_q(n, m) = Σ_k O_kq (U_nk + V_mk)², with the table that it is to learn.  Ref: Gromov 2023, arXiv:2301.02679."""

    U: Float[Array, "p k"]
    V: Float[Array, "p k"]
    O: Float[Array, "k p"]  # noqa: E741 - output
    answer: Int[Array, " pairs"]  # of pair n p + m
    seen: Bool[Array, " pairs"]  # in training

    def __init__(self, key, table: tuple, *, p: int, width: int):
        normal = lambda key, fan, *size: jax.random.normal(key, size, jnp.float32) * jnp.float32(fan**-0.5)  # noqa: E731
        keys = jax.random.split(key, 3)
        self.U, self.V = normal(keys[0], 2 * p, p, width), normal(keys[1], 2 * p, p, width)
        self.O = normal(keys[2], width, width, p)
        self.answer, self.seen = table

    def __call__(self, pair: Int[Array, " batch"]) -> Float[Array, "batch p"]:
        """Of pairs n p + m."""
        n, m = jnp.divmod(pair, len(self.U))
        return (self.U[n] + self.V[m]) ** 2 @ self.O


class TableLoss(eqx.Module):
    """L = (1/n) Σ |f(pair) - e_answer|²; metrics: right answers among those seen and not seen, by the batch."""

    def __call__(self, key, model: QuadraticNetwork, batch: tuple) -> tuple[Float[Array, ""], dict]:
        """`batch`: numbers of pairs."""
        (pair,) = batch
        f, answer, seen = model(pair), model.answer[pair], model.seen[pair]
        target = jax.nn.one_hot(answer, f.shape[1], dtype=f.dtype)
        right = jnp.argmax(f, axis=1).astype(answer.dtype) == answer
        share = lambda which: (right & which).mean(dtype=f.dtype)  # noqa: E731
        return ((f - target) ** 2).sum(axis=1).mean(), {"seen": share(seen), "unseen": share(~seen)}


class LearnedTables(NamedTuple):
    """Of each member and block of steps."""

    step: Int[np.ndarray, " blocks"]
    seen: Float[np.ndarray, "members blocks"]  # accuracy on pairs of the training
    unseen: Float[np.ndarray, "members blocks"]  # on the others
    weights: list[Quadratic]  # at the end

    def reached(self, which: str, accuracy: float) -> Float[np.ndarray, " members"]:
        """The first step with this accuracy; nan where there is none."""
        above = getattr(self, which) >= accuracy
        return np.where(above.any(axis=1), self.step[above.argmax(axis=1)], np.nan)


def sums(p: int) -> Int[np.ndarray, " pairs"]:
    """n + m mod p of pair n p + m."""
    n, m = np.divmod(np.arange(p * p), p)
    return (n + m) % p


def learned_tables(  # noqa: PLR0913
    key, answers: Int[np.ndarray, "members pairs"], p: int, *, width: int, share: float, decay: float, steps: int,
    rate: float, block: int,
) -> LearnedTables:  # fmt: skip
    """Full batches of a `share` of the pairs, others for each member; AdamW with weight decay `decay`."""
    key_rows, key_train = jax.random.split(key)
    rng = np.random.default_rng(np.asarray(jax.random.key_data(key_rows)))
    count = round(share * p * p)
    rows = np.stack([rng.permutation(p * p)[:count] for _ in answers])
    seen = np.zeros(answers.shape, bool)
    np.put_along_axis(seen, rows, True, axis=1)  # noqa: FBT003
    make = lambda key, table: QuadraticNetwork(key, table, p=p, width=width)  # noqa: E731
    optimizer = Optimizer(name="adamw", learning_rate=rate, weight_decay=decay)
    settings = Training(optimizer=optimizer, steps=steps, batch_size=count, block=block, validation_batch=p * p)
    pairs = jnp.arange(p * p, dtype=jnp.int32)
    own = (jnp.asarray(answers, jnp.int32), jnp.asarray(seen))
    found = fit_ensemble(jax.random.split(key_train, len(answers)), make, TableLoss(), (pairs,), own=own,
                         settings=settings, validation=(pairs,), rows=jnp.asarray(rows))  # fmt: skip
    history = found.history
    accuracy = {name: np.asarray(history.metrics[name]).T / part
                for name, part in (("seen", count / p**2), ("unseen", 1 - count / p**2))}  # fmt: skip
    return LearnedTables(np.asarray(history.step), accuracy["seen"], accuracy["unseen"], weights_of(found.model))


def weights_of(model: Any) -> list[Quadratic]:
    """Of every member."""
    U, V, O = (np.asarray(W, float) for W in (model.U, model.V, model.O))  # noqa: E741
    return [Quadratic(*each) for each in zip(U, V, O, strict=True)]
