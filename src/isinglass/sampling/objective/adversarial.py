# SPDX-License-Identifier: Apache-2.0
"""Training of a generator against a critic, by turns.

Refs: Goodfellow et al. 2014, arXiv:1406.2661; penalty of the discriminator's slope on data: Mescheder et al. 2018,
arXiv:1801.04406; Wasserstein with gradient penalty: Gulrajani et al. 2017, arXiv:1704.00028; of one side: Petzka et al.
2018, arXiv:1709.08894.
"""

import os
from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key

from isinglass.nets.latent.adversarial_pair import AdversarialPair, Critic, ImplicitGenerator
from isinglass.run.loop import Log, Loop, Steps
from isinglass.training.block import all_finite, choose
from isinglass.training.optimizer import Optimizer

__all__ = ["Adversarial", "AdversarialTraining", "TrainedPair", "train_pair", "untrained_pair"]

KINDS = ("non-saturating", "wasserstein")
BLOCKS = 20  # of the training
PairRows = Float[Array, "n D"]


class Adversarial(eqx.Module):
    """Losses of critic T and generator; x are data, y = G(z).

    non-saturating: the critic has -<ln D(x)> - <ln(1 - D(y))> + ½ γ <|∇T(x)|²>, D = 1/(1 + exp(-T)), the generator
    -<ln D(y)>.
    wasserstein: -<T(x)> + <T(y)> + γ <max(0, |∇T(x̂)| - 1)²>, x̂ = u x + (1 - u) y, and -<T(y)>.  `two_sided`: the
    penalty (|∇T| - 1)² of Gulrajani et al., of the same maximum, but not concave: a slope of the wrong sign stays.
    A loss for `fit(key, critic, Adversarial(), (x, y))`, which trains the critic alone.
    Law: -loss ≤ 2 JSD - 2 ln 2, or W_1 + ∫ g²/4γr (`exact.generative.divergence`), for independent data.
    """

    kind: str = eqx.field(static=True, default="non-saturating")
    penalty: float = 0.1  # γ
    two_sided: bool = eqx.field(static=True, default=False)

    def __check_init__(self):
        if self.kind not in KINDS:
            raise ValueError(f"expected a kind among {', '.join(KINDS)}; found {self.kind!r}; choose one.")

    def value(self, critic: Critic, x: PairRows, y: PairRows) -> Float[Array, ""]:
        """<ln D(x)> + <ln(1 - D(y))>, or <T(x)> - <T(y)>."""
        T_x, T_y = jax.vmap(critic)(x), jax.vmap(critic)(y)
        if self.kind == "wasserstein":
            return jnp.mean(T_x) - jnp.mean(T_y)
        return jnp.mean(jax.nn.log_sigmoid(T_x)) + jnp.mean(jax.nn.log_sigmoid(-T_y))

    def steepness(self, key, critic: Critic, x: PairRows, y: PairRows) -> Float[Array, ""]:
        """The penalty of the slope."""
        slope = jax.vmap(jax.grad(lambda x: critic(x)))
        if self.kind == "non-saturating":
            return 0.5 * self.penalty * jnp.mean(jnp.sum(slope(x) ** 2, axis=1))
        u = jax.random.uniform(key, (len(x), 1), x.dtype)
        beyond = jnp.sqrt(jnp.sum(slope(u * x + (1 - u) * y) ** 2, axis=1) + 1e-12) - 1
        return self.penalty * jnp.mean((beyond if self.two_sided else jnp.maximum(beyond, 0.0)) ** 2)

    def __call__(self, key: Key[Array, ""], critic: Critic, batch: tuple) -> tuple[Float[Array, ""], dict]:
        """The loss of the critic, on (x, y)."""
        value = self.value(critic, *batch)
        return self.steepness(key, critic, *batch) - value, {"value": value}

    def of_generator(self, critic: Critic, y: PairRows) -> Float[Array, ""]:
        """That of the generator."""
        T = jax.vmap(critic)(y)
        return -jnp.mean(T if self.kind == "wasserstein" else jax.nn.log_sigmoid(T))


class AdversarialTraining(eqx.Module):
    """How to train: Adam with a cosine decay, `critic_steps` of the critic for each of the generator."""

    loss: Adversarial = Adversarial()
    steps: int = eqx.field(static=True, default=3000)
    critic_steps: int = eqx.field(static=True, default=1)
    batch: int = eqx.field(static=True, default=256)
    rate: float = eqx.field(static=True, default=2e-3)
    momentum: float = eqx.field(static=True, default=0.0)


class PairState(NamedTuple):
    """Between two steps."""

    generator: Any  # arrays
    critic: Any
    descents: tuple[Any, Any]
    finite: Any


class TrainedPair(NamedTuple):
    """What came out."""

    pair: AdversarialPair
    history: dict[str, np.ndarray]  # by block: step, value
    diverged: int | None  # step at whose block it was not finite


def descents(how: AdversarialTraining) -> tuple[Any, Any]:
    """The optimizers of generator and critic."""
    adam = Optimizer("adam", how.rate, "cosine", momentum=how.momentum)
    return adam.transformation(how.steps), adam.transformation(how.steps * how.critic_steps)


def step(key, state: PairState, x: PairRows, static: Any, how: AdversarialTraining):
    """`critic_steps` of the critic, each on rows and samples of its own, then one of the generator."""
    generator = lambda arrays: eqx.combine(arrays, static.generator)  # noqa: E731
    critic = lambda arrays: eqx.combine(arrays, static.critic)  # noqa: E731

    def of_critic(i, carry):
        arrays, memory, _ = carry
        at, rows, latent, slope = jax.random.split(jax.random.fold_in(key, i), 4)
        some = x[jax.random.randint(rows, (how.batch,), 0, len(x))]
        y = generator(state.generator).sample(latent, how.batch)
        loss = lambda arrays: how.loss(slope, critic(arrays), (some, y))  # noqa: E731
        (_, told), gradient = jax.value_and_grad(loss, has_aux=True)(arrays)
        updates, memory = descents(how)[1].update(gradient, memory, arrays)
        return eqx.apply_updates(arrays, updates), memory, told["value"]

    start = state.critic, state.descents[1], jnp.zeros((), x.dtype)
    C, memory, value = jax.lax.fori_loop(0, how.critic_steps, of_critic, start)
    latent = jax.random.fold_in(key, how.critic_steps)
    loss = lambda arrays: how.loss.of_generator(critic(C), generator(arrays).sample(latent, how.batch))  # noqa: E731
    gradient = jax.grad(loss)(state.generator)
    updates, own = descents(how)[0].update(gradient, state.descents[0], state.generator)
    G = eqx.apply_updates(state.generator, updates)
    new = PairState(G, C, (own, memory), all_finite((G, C)))
    return choose(new.finite, new, state._replace(finite=new.finite)), value


@eqx.filter_jit
def steps_of_block(key, state: PairState, first, last, x: PairRows, static: Any, how: AdversarialTraining):
    """Steps first, ..., last - 1, and the mean value of the critic."""

    def one(t, carry):
        state, total = carry
        state, value = step(jax.random.fold_in(key, t), state, x, static, how)
        return state, total + value

    state, total = jax.lax.fori_loop(first, last, one, (state, jnp.zeros((), x.dtype)))
    return state, total / (last - first).astype(x.dtype)


def train_pair(
    key: Key[Array, ""], pair: AdversarialPair, x: PairRows | np.ndarray, how: AdversarialTraining, *,
    checkpoint: str | os.PathLike | None = None, progress: Callable[[int, int, str], None] | None = None,
) -> TrainedPair:  # fmt: skip
    """Train both on rows x, in compiled blocks.

    Deterministic given `key`.  Law: resumed = uninterrupted, every bit.
    """
    x = jnp.asarray(np.asarray(x), jnp.float32)
    arrays, static = eqx.partition(pair, eqx.is_array)
    G, C = arrays.generator, arrays.critic
    state = PairState(G, C, (descents(how)[0].init(G), descents(how)[1].init(C)), jnp.ones((), bool))
    blocks = min(BLOCKS, how.steps)
    ends = [how.steps * (i + 1) // blocks for i in range(blocks)]
    loop = Loop(checkpoint, progress, key=key, parts=(state, x), settings=how)
    log = loop.resume(Log(state, {"step": np.zeros(blocks), "value": np.full(blocks, np.nan)}))

    def advance(log: Log) -> Steps:
        first = ends[log.done - 1] if log.done else 0
        state, value = steps_of_block(key, log.state, jnp.int32(first), jnp.int32(ends[log.done]), x, static, how)
        rows = {"step": np.array([ends[log.done]]), "value": np.array([float(value)])}
        return Steps(state, rows, 1, f"step {ends[log.done]}, value {float(value):.4f}", bool(state.finite))

    log, bad = loop(log, advance, blocks)
    loop.save(log)
    last = log.state
    made = AdversarialPair(eqx.combine(last.generator, static.generator), eqx.combine(last.critic, static.critic))
    return TrainedPair(made, {name: a[: log.done] for name, a in log.rows.items()}, None if bad is None else ends[bad])


def untrained_pair(
    key: Key[Array, ""], D: int, *, latent: int = 2, hidden: tuple[int, ...] = (64, 64)
) -> AdversarialPair:
    """Generator and critic of vectors (D,)."""
    G, T = jax.random.split(key)
    return AdversarialPair(ImplicitGenerator(key=G, in_shape=(D,), latent=latent, hidden=hidden),
                           Critic(key=T, in_shape=(D,), hidden=hidden))  # fmt: skip
