# SPDX-License-Identifier: Apache-2.0
"""Transformers trained on sequences of a source, each seen once, and their losses on others, symbol by symbol."""

from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from isinglass.checks.causality import causality
from isinglass.nets.autoregressive.autoregressive import AbstractAutoregressive
from isinglass.nets.autoregressive.causal_transformer import CausalTransformer
from isinglass.result import Check, Estimate
from isinglass.systems.sequence.source import AbstractSource
from isinglass.training.fit import Trained, fit
from isinglass.training.optimizer import Optimizer
from isinglass.training.setting import Training

__all__ = ["SymbolLosses", "Sequences", "causal", "floor_checks", "measured", "trained_transformer"]

SIGMAS = 4.0  # false alarm 3e-5 for each bound
CLOSE = 0.005  # relative, of a loss and its floor
CHUNK = 256  # sequences at once


class Sequences(eqx.Module):
    """L = -(1/nN) Σ ln q(x), x new sequences of the source in every step.  Law: <L> >= their entropy/N."""

    source: AbstractSource
    n: int = eqx.field(static=True)
    length: int = eqx.field(static=True)

    def __call__(self, key, model: AbstractAutoregressive, batch: Any) -> Float[Array, ""]:
        """`batch` holds nothing: no sequence is seen twice."""
        x = self.source.samples(key, self.n, self.length)
        return -jnp.mean(jax.vmap(model.log_prob)(x)) / self.length


class SymbolLosses(NamedTuple):
    """Of test sequences, symbol by symbol."""

    loss: Float[np.ndarray, "n N"]  # -ln q(x_t | x_<t)
    surprisal: Float[np.ndarray, "n N"]  # -ln p(x_t | x_<t), of the source itself
    divergence: Float[np.ndarray, "n N"]  # KL(p || q) of the next symbol; nan where p is not given

    def excess(self, first: int = 0) -> Estimate:
        """Loss less surprisal, mean over symbols from `first` on; of the same sequences, so that most noise cancels."""
        return over_sequences((self.loss - self.surprisal)[:, first:])


def over_sequences(each: Float[np.ndarray, "n N"]) -> Estimate:
    """Mean, and its error over sequences, which are independent."""
    mean = each.mean(axis=1)
    return Estimate(float(mean.mean()), float(mean.std(ddof=1) / len(mean) ** 0.5))


def trained_transformer(  # noqa: PLR0913
    key, source: AbstractSource, length: int, *, width: int, layers: int, steps: int, batch: int, rate: float = 3e-3,
    progress=None,
) -> Trained:  # fmt: skip
    """By Adam with a cosine schedule."""
    key_start, key = jax.random.split(key)
    values = tuple(range(source.symbols))
    model = CausalTransformer(key=key_start, shape=(length,), values=values, width=width, layers=layers)
    optimizer = Optimizer(learning_rate=rate, schedule="cosine", warmup=min(100, steps // 4), clip=1.0)
    settings = Training(optimizer=optimizer, steps=steps, block=max(1, min(steps, 100)))
    return fit(key, model, Sequences(source, batch, length), None, settings=settings, progress=progress)


@eqx.filter_jit
def measured_jit(model: Any, source: AbstractSource, x: Int[Array, "n N"]):
    """(losses, surprisals, log q of every symbol) of each sequence."""

    def one(x):
        log_q = jax.nn.log_softmax(model.logits(x)).astype(float)
        return -jnp.take_along_axis(log_q, x[:, None], axis=1)[:, 0], source.surprisals(x), log_q

    return jax.lax.map(one, x, batch_size=CHUNK)


def measured(model: Any, source: AbstractSource, x: Int[Array, "n N"], p=None) -> SymbolLosses:
    """Of a model with `logits` on sequences x; `p` [n, N, k]: the source's predictions, to compare with all of them."""
    loss, surprisal, log_q = (np.asarray(a) for a in measured_jit(model, source, x))
    divergence = np.full(loss.shape, np.nan)
    if p is not None:
        p = np.asarray(p)
        divergence = (p * (np.log(p) - log_q)).sum(axis=2)
    return SymbolLosses(loss, surprisal, divergence)


def floor_checks(name: str, of: str, floor: float, excess: Estimate, surprisal: Estimate, source: str) -> list[Check]:
    """The loss, floor + excess, is at most 0.5 % above the floor, and not below; the sequences are of that source.

    Below the floor by four errors: symbols to come are seen, or the test sequences were trained on.
    """
    loss, error = floor + excess.value, excess.error or 0.0
    return [
        Check.at_most(f"loss of the transformer and its floor, {name}", loss, floor, tolerance=CLOSE * floor,
                      error=error, source=source).resolved(),
        Check.at_least(f"no loss below the floor, {name}: nothing leaks", loss, floor, tolerance=SIGMAS * error,
                       error=error, source=source, of=of),
        Check.within(f"surprisal of the test sequences and the entropy, {name}", surprisal.value, floor,
                     SIGMAS * (surprisal.error or 0.0), error=surprisal.error, source=source),
    ]  # fmt: skip


def causal(model: Any, x: Int[Array, "n N"], name: str) -> Check:
    """No prediction sees its own or a later symbol."""
    found = causality(model.logits, x, len(model.values))
    return Check.at_most(f"{found.law}, {name}", found.measured or 0.0, 0.0, source=found.source)
