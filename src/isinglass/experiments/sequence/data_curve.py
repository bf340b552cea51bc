# SPDX-License-Identifier: Apache-2.0
"""The loss of transformers by the number of symbols that they learn from: all of them trained in one program."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from isinglass.inference.scaling_laws.runs_table import RunsTable
from isinglass.nets.autoregressive.causal_transformer import CausalTransformer
from isinglass.sampling.objective.likelihood import NegativeLogLikelihood
from isinglass.systems.sequence.source import AbstractSource
from isinglass.training.ensemble import fit_ensemble
from isinglass.training.optimizer import Optimizer
from isinglass.training.setting import Training

__all__ = ["data_curve"]

BATCH = 64
BLOCK = 10  # steps between validations
PATIENCE = 8  # validations
TEST = 4000  # sequences
CHUNK = 500


def data_curve(  # noqa: PLR0913
    key, source: AbstractSource, floor: float, sequences: tuple[int, ...], repeats: int, *, length: int, width: int,
    steps: int,
) -> RunsTable:  # fmt: skip
    """Losses, entropy of a symbol `floor` + mean of ln p/q over the same test sequences, of `repeats` runs of each.

    A run learns from its own D = n `length` symbols and stops by 1000 validation sequences, which all share.
    """
    key_x, key_held, key_test, key_train = jax.random.split(key, 4)
    n = np.repeat(sequences, repeats)
    x = source.samples(key_x, int(n.sum()), length)
    held, test = source.samples(key_held, 1000, length), source.samples(key_test, TEST, length)
    ends = np.cumsum(n)
    rows = np.stack([np.arange(max(*n, BATCH + 1)) % size + end - size for size, end in zip(n, ends, strict=True)])
    values = tuple(range(source.symbols))
    optimizer = Optimizer(learning_rate=3e-3, warmup=20, clip=1.0)
    settings = Training(optimizer=optimizer, steps=steps, batch_size=BATCH, block=BLOCK, patience=PATIENCE,
                        validation_batch=1000)  # fmt: skip
    make = lambda key: CausalTransformer(key=key, shape=(length,), values=values, width=width, layers=1)  # noqa: E731
    found = fit_ensemble(jax.random.split(key_train, len(n)), make, NegativeLogLikelihood(), (x,), settings=settings,
                         validation=(held,), rows=jnp.asarray(rows))  # fmt: skip
    excess = excesses(found.model, source, test)
    return RunsTable(floor + np.asarray(excess), tokens=n * length)


@eqx.filter_jit
def excesses(models, source: AbstractSource, x: Int[Array, "n N"]) -> Float[Array, " members"]:
    """Mean of ln p/q over symbols, of each member."""
    log_p = -jax.lax.map(lambda one: source.surprisals(one).sum(), x, batch_size=CHUNK)
    params, static = eqx.partition(models, eqx.is_array)

    def one(params):
        log_q = jax.lax.map(eqx.combine(params, static).log_prob, x, batch_size=CHUNK)
        return jnp.mean(log_p - log_q.astype(float)) / x.shape[1]

    return jax.lax.map(one, params)
