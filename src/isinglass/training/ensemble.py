# SPDX-License-Identifier: Apache-2.0
"""Independently trained networks, f_1, ..., f_E, in one compiled program: their spread is the training's error."""

import os
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

from isinglass.memory import in_bytes, require_memory
from isinglass.training.block import RUNNING, BlockDiagnostics, BlockPlan, Dataset, TrainingState, begin, train_block
from isinglass.training.fit import DEFAULT, Trained, TrainingRun, dataset
from isinglass.training.history import Record
from isinglass.training.packing import packing_of
from isinglass.training.setting import Training

__all__ = ["fit_ensemble", "member", "outputs"]

COPIES = 6  # of the weights: now, averaged, best, slope, and two of Adam's


def fit_ensemble(
    keys: Key[Array, " members"],
    make_model: Callable[..., Any],
    loss: Callable,
    data: Any,
    *,
    own: Any = None,
    settings: Training = DEFAULT,
    validation: Any = None,
    rows: Int[Array, "members m"] | None = None,
    validation_rows: Int[Array, "members v"] | None = None,
    weights: Float[Array, "members n"] | None = None,
    checkpoint: str | os.PathLike | None = None,
    progress: Callable[[Record], None] | None = None,
) -> Trained:
    """Train make_model(key) for each key, or make_model(key, own[i]), all at once.

    Each has its own batches, best weights and early stop. The members share `data` (stored once) and differ in `rows`,
    the rows of `data` that each one trains on (a bootstrap may repeat rows), or in `weights`, appended to each batch as
    (x, y, w). With `validation_rows` they validate on those rows of `data` instead of on `validation`. The arrays of
    the returned model have a leading member axis.
    Errors: InputError where memory does not hold so many members.
    """
    given = () if own is None else (own,)
    shapes = jax.tree.leaves(eqx.filter_eval_shape(make_model, keys[0], *(member(a, 0) for a in given)))
    of_one = COPIES * sum(a.size * a.dtype.itemsize for a in shapes if isinstance(a, jax.ShapeDtypeStruct))
    require_memory("members", of_one * len(keys), f"{len(keys)} members of {in_bytes(of_one)}", "choose fewer")
    model_keys, run_keys = jax.vmap(jax.random.split, out_axes=1)(keys)
    params, static = eqx.partition(eqx.filter_vmap(make_model)(model_keys, *given), eqx.is_array)
    one = jax.tree.map(lambda a: jax.ShapeDtypeStruct(a.shape[1:], a.dtype), params)
    plan = BlockPlan(static, packing_of(one), loss, settings)
    state = eqx.filter_jit(eqx.filter_vmap(lambda key, params: begin(key, params, plan)))(run_keys, params)
    training = dataset(data)
    held = None if validation is None else dataset(validation)
    if validation_rows is not None:
        held = Dataset(training.arrays, jnp.asarray(validation_rows, jnp.int32), None)
    if rows is not None:
        training = training._replace(rows=jnp.asarray(rows, jnp.int32))
    if weights is not None:
        training = training._replace(weights=jnp.asarray(weights, jnp.float32))
    return TrainingRun(train_members, (training, held), plan, checkpoint, progress)(state)


@eqx.filter_jit
def train_members(
    states: TrainingState,
    first: Int[Array, ""],
    last: Int[Array, ""],
    data: Dataset,
    validation: Dataset | None,
    plan: BlockPlan,
) -> tuple[TrainingState, BlockDiagnostics]:
    """`train_block` of every member, in one program.

    One after another on a CPU, where a member that has stopped then costs nothing and batched matrix products are
    slower than plain ones; side by side (vmap) elsewhere. The numbers agree to round-off.
    """
    own = (states, per_member(data), None if validation is None else per_member(validation))

    def train(state, data_part, validation_part):
        side = with_shared(data, data_part)
        held = None if validation is None else with_shared(validation, validation_part)
        return train_block(state, first, last, side, held, plan)

    if jax.default_backend() != "cpu":
        return jax.vmap(train)(*own)

    def stand_still(parts):
        report = jax.tree.map(lambda s: jnp.zeros(s.shape, s.dtype), jax.eval_shape(train, *parts)[1])
        return parts[0], report._replace(outcome=parts[0].outcome)

    def unless_stopped(parts):
        return jax.lax.cond(parts[0].outcome == RUNNING, lambda parts: train(*parts), stand_still, parts)

    return jax.lax.map(unless_stopped, own)


def per_member(data: Dataset) -> tuple:
    """What differs between members: rows (members, m) and weights."""
    return (data.rows if data.rows.ndim == 2 else None, data.weights)


def with_shared(data: Dataset, own: tuple) -> Dataset:
    """One member's data set."""
    rows, weights = own
    return Dataset(data.arrays, data.rows if rows is None else rows, weights)


def member(models: Any, i: int) -> Any:
    """Network number i of an ensemble."""
    return jax.tree.map(lambda leaf: leaf[i] if eqx.is_array(leaf) else leaf, models)


@eqx.filter_jit
def outputs(model: Any, x: Any, *, chunk: int = 512, ensemble: bool = False) -> Float[Array, "..."]:
    """f(x_i) for many samples, `chunk` at once: shape (n, out), or (members, n, out) for an ensemble."""
    if not ensemble:
        return jax.lax.map(model, x, batch_size=chunk)
    params, static = eqx.partition(model, eqx.is_array)
    return jax.lax.map(lambda part: jax.lax.map(eqx.combine(part, static), x, batch_size=chunk), params)
