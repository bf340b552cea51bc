# SPDX-License-Identifier: Apache-2.0
"""One compiled block of training: many steps of theta <- theta - eta u(grad L), then validation. No Python per step."""

from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Bool, Float, Int, Key

from isinglass.training.packing import Packed, Packing, shrinks
from isinglass.training.setting import Training

__all__ = [
    "CONVERGED",
    "DIVERGED",
    "EARLY",
    "RUNNING",
    "BlockDiagnostics",
    "BlockPlan",
    "Dataset",
    "TrainingState",
    "begin",
    "train_block",
]

RUNNING, CONVERGED, EARLY, DIVERGED = range(4)


class Dataset(NamedTuple):
    """Arrays, and the rows of them that batches are sampled from."""

    arrays: Any  # pytree of arrays with n rows each
    rows: Int[Array, " m"]  # the rows to use: all of them, a training side, or a bootstrap sample with repeats
    weights: Float[Array, " n"] | None  # appended to each batch where given


class BlockPlan(eqx.Module):
    """What stays the same over the run."""

    static: Any  # the model without its arrays
    packing: Packing  # of its arrays
    loss: Any
    settings: Training

    def optimizer(self) -> optax.GradientTransformation:
        """The transformation of packed gradients for this budget of steps."""
        optimizer, steps = self.settings.optimizer, self.settings.steps
        if optimizer.by_array:
            return self.packing.packed(optimizer.transformation(steps))
        return optimizer.transformation(steps, shrinks)

    def model(self, params: Packed) -> Any:
        """The model with these arrays."""
        return eqx.combine(self.packing.unpack(params), self.static)

    def at(self, step: Int[Array, ""]) -> "BlockPlan":
        """The plan for this step: a loss that changes along the run, such as one under annealing, has `at(share)`."""
        if not hasattr(self.loss, "at"):
            return self
        share = (step.astype(jnp.float32) + 1) / self.settings.steps
        return eqx.tree_at(lambda plan: plan.loss, self, self.loss.at(share))

    def evaluate(self, key: Key[Array, ""], model: Any, batch: Any) -> tuple[Float[Array, ""], dict]:
        """The loss, with metrics even where it returns none."""
        result = self.loss(key, model, batch)
        return result if isinstance(result, tuple) else (result, {})


class TrainingState(NamedTuple):
    """What the next block needs."""

    key: Key[Array, ""]
    params: Packed  # all arrays of the model
    optimizer: Any
    average: Packed | None  # exponential moving average of params
    best: Packed  # params (or average) at the best validation, or at the last good block end
    best_loss: Float[Array, ""]
    best_step: Int[Array, ""]
    best_training: Float[Array, ""]  # loss of the block of the best
    stale: Int[Array, ""]  # blocks since the best with a smaller one than that
    previous: Float[Array, ""]  # loss of the block before
    outcome: Int[Array, ""]  # RUNNING, CONVERGED, EARLY or DIVERGED
    end: Int[Array, ""]  # steps done, or the step that diverged


class BlockDiagnostics(NamedTuple):
    """What a person needs after a block."""

    loss: Float[Array, ""]
    validation: Float[Array, ""] | None
    metrics: dict[str, Float[Array, ""]]
    outcome: Int[Array, ""]


def begin(key: Key[Array, ""], params: Any, plan: BlockPlan) -> TrainingState:
    """The state before the first step."""
    zero, infinity, params = jnp.int32(0), jnp.asarray(jnp.inf, jnp.float32), plan.packing.pack(params)
    return TrainingState(
        key=key,
        params=params,
        optimizer=plan.optimizer().init(eqx.filter(params, eqx.is_inexact_array)),
        average=params if plan.settings.ema is not None else None,
        best=params,
        best_loss=infinity,
        best_step=zero,
        best_training=infinity,
        stale=zero,
        previous=infinity,
        outcome=jnp.int32(RUNNING),
        end=zero,
    )


def train_block(
    state: TrainingState,
    first: Int[Array, ""],
    last: Int[Array, ""],
    data: Dataset,
    validation: Dataset | None,
    plan: BlockPlan,
) -> tuple[TrainingState, BlockDiagnostics]:
    """Steps first, ..., last - 1, then validation, the best model so far, and the reason to stop if there is one."""
    batches = shuffled_rows(state.key, first, data.rows, plan.settings)
    one_step = lambda i, carry: step(i, carry, first, batches, data, plan)  # noqa: E731
    sums = jax.tree.map(
        lambda leaf: jnp.zeros(leaf.shape, leaf.dtype),
        jax.eval_shape(lambda: step_sums(state, batches, data, plan)),
    )
    state, sums = jax.lax.fori_loop(jnp.int32(0), last - first, one_step, (state, sums))
    loss, metrics = jax.tree.map(lambda total: total / (last - first).astype(total.dtype), sums)
    return judge(state, loss, metrics, last, data, validation, plan)


def shuffled_rows(
    key: Key[Array, ""], first: Int[Array, ""], rows: Int[Array, " m"], settings: Training
) -> Int[Array, "block batch"]:
    """Rows of the minibatches of one block: a fresh permutation per epoch; the rest of an epoch is left out."""
    m, size, block = rows.shape[0], settings.batch_size, settings.block
    if m <= size:
        return jnp.broadcast_to(rows, (block, m))
    per_epoch, key = m // size, jax.random.split(key)[0]
    epochs = first // per_epoch + jnp.arange(-(-(block - 1) // per_epoch) + 1, dtype=jnp.int32)
    shuffle = lambda epoch: jax.random.permutation(jax.random.fold_in(key, epoch), rows)[: per_epoch * size]  # noqa: E731
    order = jax.lax.map(shuffle, epochs).reshape(-1, size)
    return jax.lax.dynamic_slice_in_dim(order, first % per_epoch, block)


def take(data: Dataset, rows: Int[Array, " batch"]) -> Any:
    """The batch of these rows, with its weights last."""
    batch = jax.tree.map(lambda array: array[rows], data.arrays)
    return batch if data.weights is None else (*batch, data.weights[rows])


def step_sums(state: TrainingState, batches: Int[Array, "block batch"], data: Dataset, plan: BlockPlan):
    """(loss, metrics) of one step, for their shapes."""
    return plan.evaluate(state.key, plan.model(state.params), take(data, batches[0]))


def step(i, carry, first, batches, data: Dataset, plan: BlockPlan):
    """One step theta <- theta - eta u(g), unless the run has ended or L or g is not finite."""
    state, sums = carry
    key = jax.random.fold_in(jax.random.split(state.key)[1], first + i)
    loss, metrics, gradient = gradient_of(key, state.params, take(data, batches[i]), plan.at(first + i))
    finite = all_finite((loss, gradient))
    updates, optimizer = plan.optimizer().update(
        gradient, state.optimizer, eqx.filter(state.params, eqx.is_inexact_array)
    )
    params = eqx.apply_updates(state.params, updates)
    new = state._replace(
        params=params,
        optimizer=optimizer,
        average=moving_average(state.average, params, first + i + 1, plan.settings.ema),
        end=first + i + 1,
    )
    running = state.outcome == RUNNING
    state = choose(running & finite, new, state)
    diverged = running & ~finite
    state = state._replace(
        outcome=jnp.where(diverged, jnp.int32(DIVERGED), state.outcome),
        end=jnp.where(diverged, first + i + 1, state.end),
    )
    return state, jax.tree.map(jnp.add, sums, (loss, metrics))


def gradient_of(
    key: Key[Array, ""], params: Packed, batch: Any, plan: BlockPlan
) -> tuple[Float[Array, ""], dict, Packed]:
    """L, metrics, and the gradient of L: of the batch at once, or the mean over its chunks."""
    arrays = plan.packing.unpack(params)

    def of(key, batch):
        objective = lambda arrays: plan.evaluate(key, eqx.combine(arrays, plan.static), batch)  # noqa: E731
        (loss, metrics), gradient = eqx.filter_value_and_grad(objective, has_aux=True)(arrays)
        return loss, metrics, eqx.filter(plan.packing.pack(eqx.combine(gradient, arrays)), eqx.is_inexact_array)

    size = next((leaf.shape[0] for leaf in jax.tree.leaves(batch)), 1)
    chunk = plan.settings.chunk or size
    if size % chunk or size == chunk:
        return of(key, batch)
    parts = size // chunk
    chunks = jax.tree.map(lambda array: array.reshape(parts, chunk, *array.shape[1:]), batch)
    keys = jax.random.split(key, parts)
    add = lambda total, part: (jax.tree.map(jnp.add, total, of(*part)), None)  # noqa: E731
    start = jax.tree.map(lambda leaf: jnp.zeros(leaf.shape, leaf.dtype), jax.eval_shape(of, key, batch))
    total, _ = jax.lax.scan(add, start, (keys, chunks))
    return jax.tree.map(lambda leaf: leaf / parts, total)


def all_finite(tree: Any) -> Bool[Array, ""]:
    """No NaN and no infinity anywhere in the tree."""
    return jnp.stack([jnp.isfinite(leaf).all() for leaf in jax.tree.leaves(tree)]).all()


def moving_average(average: Any, params: Any, t: Int[Array, ""], decay: float | None) -> Any:
    """a_t = a_{t-1} + c_t (theta_t - a_{t-1}), c_t = (1 - d) / (1 - d^t), that is

    a_t = sum_k d^{t-k} theta_k / sum_k d^{t-k}.

    The weights d^{t-k} are normalized from the first step on: the random start is forgotten at once.
    """
    if decay is None:
        return None

    def mix(a, theta):
        if not jnp.issubdtype(theta.dtype, jnp.inexact):
            return theta
        c = (1 - decay) / (1 - jnp.asarray(decay, a.dtype) ** t.astype(a.dtype))
        return a + c * (theta - a)

    return jax.tree.map(mix, average, params)


def choose(condition: Bool[Array, ""], new: Any, old: Any) -> Any:
    """`new` where the condition holds, else `old`, leaf by leaf."""
    return jax.tree.map(lambda a, b: a if a is b else jnp.where(condition, a, b), new, old)


def judge(
    state: TrainingState, loss, metrics, last, data, validation: Dataset | None, plan: BlockPlan
) -> tuple[TrainingState, BlockDiagnostics]:
    """Validate, keep the best, decide whether to go on.

    A block is stale where training goes on and validation does not: while a spike of the loss lasts, nothing is told.
    """
    settings = plan.settings
    params = state.params if state.average is None else state.average
    model = refreshed(plan.model(params), data, plan)
    params = plan.packing.pack(eqx.filter(model, eqx.is_array))
    validated = None
    if validation is not None:
        validated, metrics = validate(state.key, model, validation, plan)
    score = (loss if validated is None else validated).astype(jnp.float32)
    running = state.outcome == RUNNING
    finite = jnp.isfinite(score)
    better = running & finite & ((score < state.best_loss) | (validated is None))
    training = loss.astype(jnp.float32)
    goes_on = (training < state.best_training).astype(jnp.int32)
    stale = jnp.where(running & ~better, state.stale + goes_on, jnp.int32(0))
    outcome = state.outcome
    if settings.tolerance is not None:
        change = jnp.abs(jnp.where(jnp.isfinite(state.previous), state.previous, 2 * score + 1) - score)
        small = change <= settings.tolerance * jnp.abs(score)
        outcome = jnp.where(running & small, jnp.int32(CONVERGED), outcome)
    if settings.patience is not None and validated is not None:
        outcome = jnp.where((outcome == RUNNING) & (stale >= settings.patience), jnp.int32(EARLY), outcome)
    outcome = jnp.where((outcome == RUNNING) & ~finite, jnp.int32(DIVERGED), outcome)
    state = state._replace(
        best=choose(better, params, state.best),
        best_loss=jnp.where(better, score, state.best_loss),
        best_step=jnp.where(better, last, state.best_step),
        best_training=jnp.where(better, training, state.best_training),
        stale=stale,
        previous=score,
        outcome=outcome,
    )
    return state, BlockDiagnostics(loss, validated, metrics, outcome)


def refreshed(model: Any, data: Dataset, plan: BlockPlan) -> Any:
    """The model in inference mode, with what its loss wants measured on up to `validation_batch` training rows."""
    if hasattr(plan.loss, "refresh"):
        model = plan.loss.refresh(model, take(data, data.rows[: plan.settings.validation_batch]))
    return eqx.nn.inference_mode(model)


def validate(key: Key[Array, ""], model: Any, data: Dataset, plan: BlockPlan) -> tuple[Float[Array, ""], dict]:
    """Loss and metrics over all validation rows, in chunks."""
    m = data.rows.shape[0]
    most = min(m, plan.settings.validation_batch)
    size = next((k for k in range(most, most // 2, -1) if m % k == 0), most)  # a rest is compiled once more
    whole = m // size * size
    evaluate = lambda rows: plan.evaluate(key, model, take(data, rows))  # noqa: E731
    chunks = jax.lax.map(evaluate, data.rows[:whole].reshape(-1, size))
    total = jax.tree.map(lambda values: values.mean(axis=0), chunks)
    if whole == m:
        return total
    rest = evaluate(data.rows[whole:])
    return jax.tree.map(lambda a, b: a * (whole / m) + b * (1 - whole / m), total, rest)
