# SPDX-License-Identifier: Apache-2.0
"""Stochastic normalizing flow: bijections alternate with Monte Carlo steps; weights of whole paths are exact.

ln w(path) = ln p̃(x_T) - ln q_0(x_0) + Σ_t ΔS_t, with ΔS = ln|det| for a bijection and ln P'(x' → x)/P(x → x') for a
random step, P' its reversal: <w> = Z and <w f>/<w> = <f> for any layers.  Without bijections it is annealed
importance sampling.
Refs: Wu, Köhler and Noé 2020, arXiv:2002.06707; Neal 1998, arXiv:physics/9803008.
"""

from functools import partial
from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key, Shaped

from isinglass.nets.density import AbstractDensity
from isinglass.nets.flow.flow import AbstractBijection
from isinglass.sampling.chain.sampler import AbstractSampler
from isinglass.sampling.weight.importance import Weighted, log_target, wide
from isinglass.symmetry.symmetry import AbstractSymmetry
from isinglass.symmetry.variable import AbstractVariable, Reals
from isinglass.systems.system import AbstractSystem

__all__ = ["Bridge", "LangevinStage", "MonteCarloStage", "PathKL", "StochasticFlow", "interleave", "path_sample"]

Walked = tuple[Shaped[Array, "*site"], Float[Array, ""]]  # x' and ΔS


class Bridge(AbstractSystem):
    """ln w_λ(x) = (1 - λ) ln q_0(x) + λ ln w(x): from the base, λ = 0, to the target, λ = 1."""

    base: AbstractDensity
    target: AbstractSystem
    share: Float[Array, ""] | float  # λ
    variable: ClassVar[AbstractVariable] = Reals()
    beta: Any = eqx.field(default_factory=lambda: jnp.ones(()))
    symmetries: ClassVar[tuple[AbstractSymmetry, ...]] = ()

    @property
    def shape(self) -> tuple[int, ...]:
        return self.target.shape

    def energy(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """E_λ(x) = -ln w_λ(x)."""
        share = jnp.asarray(self.share, x.dtype)
        there = self.target.log_weight(wide(x)).astype(x.dtype)
        return -((1 - share) * self.base.log_prob(x).astype(x.dtype) + share * there)

    def random_configuration(self, key) -> Shaped[Array, "*site"]:
        """A sample of the base q_0."""
        return self.base.draw(key)

    def order_parameter(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """The order parameter of the target."""
        return self.target.order_parameter(x)

    def exact_energy(self, temperature) -> None:
        """None: no exact value is known."""
        return


class MonteCarloStage(eqx.Module):
    """`steps` steps of a Markov chain that leaves w_λ invariant, each with ΔS = ln w_λ(x) - ln w_λ(x')."""

    sampler: AbstractSampler
    share: float = eqx.field(static=True)
    steps: int = eqx.field(static=True, default=10)

    def walk(self, key: Key[Array, ""], x: Shaped[Array, "*site"], base: AbstractDensity, system: Any) -> Walked:
        """All steps; their ΔS sum to ln w_λ(x) - ln w_λ(x') of the first and last x."""
        bridge = Bridge(base=base, target=system, share=self.share)
        last, _ = jax.lax.scan(
            lambda x, k: (self.sampler.step(k, x, bridge)[0], None), x, jax.random.split(key, self.steps)
        )
        return last, bridge.log_weight(x) - bridge.log_weight(last)


class LangevinStage(eqx.Module):
    """x' = x + ε ∇ln w_λ(x) + √(2ε) ξ without a Metropolis test, ΔS = ½ ξ² - ½ ξ̃², ξ̃ the noise of the reverse step.

    The weights correct its O(ε) error exactly; it is differentiable.
    """

    share: float = eqx.field(static=True)
    step_size: float = eqx.field(static=True, default=0.01)
    steps: int = eqx.field(static=True, default=10)

    def walk(self, key: Key[Array, ""], x: Shaped[Array, "*site"], base: AbstractDensity, system: Any) -> Walked:
        """x after all steps, and Σ_t ΔS_t."""
        drift = jax.grad(Bridge(base=base, target=system, share=self.share).log_weight)
        epsilon = jnp.asarray(self.step_size, x.dtype)

        def step(carry, key):
            x, drift_x, total = carry
            noise = jax.random.normal(key, x.shape, x.dtype)
            y = x + epsilon * drift_x + jnp.sqrt(2 * epsilon) * noise
            drift_y = drift(y)
            back = (x - y - epsilon * drift_y) / jnp.sqrt(2 * epsilon)
            return (y, drift_y, total + 0.5 * jnp.sum(noise * noise - back * back)), None

        start = (x, drift(x), jnp.zeros((), x.dtype))
        (x, _, total), _ = jax.lax.scan(step, start, jax.random.split(key, self.steps))
        return x, total


class StochasticFlow(eqx.Module):
    """x_0 ~ q_0, then the layers in order; a layer is a bijection or a stage.

    Law: <w>_path = Z, for any layers.  The marginal density of x is not known, only that of its path.
    """

    base: AbstractDensity
    layers: tuple[Any, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one configuration, that of the base."""
        return self.base.shape

    def draw_with_log_weight(self, key: Key[Array, ""], system: AbstractSystem) -> Walked:
        """x_T and ln w of its path, for the target `system`."""
        key_base, *keys = jax.random.split(key, len(self.layers) + 1)
        x, log_q = self.base.draw_with_log_prob(key_base)
        work = -log_q
        for layer, k in zip(self.layers, keys, strict=True):
            x, gained = (
                layer.forward(x) if isinstance(layer, AbstractBijection) else layer.walk(k, x, self.base, system)
            )
            work = work + gained
        return x, log_target(system, x) + work.astype(float)


def interleave(
    base: AbstractDensity, bijections: tuple[AbstractBijection, ...], stages: tuple[Any, ...]
) -> StochasticFlow:
    """A flow with one stage after each bijection."""
    if len(bijections) != len(stages):
        raise ValueError(f"expected as many stages as bijections; found {len(stages)} and {len(bijections)}.")
    return StochasticFlow(base, tuple(layer for pair in zip(bijections, stages, strict=True) for layer in pair))


def path_sample(
    key: Key[Array, ""], flow: StochasticFlow, system: AbstractSystem, n: int, *, chunk: int = 4096
) -> Weighted:
    """n samples with the weights of their paths, for `importance.average` and similar.

    Sample i uses the key fold_in(key, i); `log_prob` of the result is the effective ln p̃ - ln w.
    """
    one = partial(walk_one, key, flow, system)
    x, log_weight, log_target_ = jax.device_get(many(one, jnp.arange(n, dtype=jnp.uint32), min(n, chunk)))
    return Weighted(x, log_weight, np.asarray(log_target_ - log_weight))


@eqx.filter_jit
def many(one: Any, index: Shaped[Array, " n"], chunk: int) -> Any:
    """`one` of every index in one compiled program, `chunk` at a time."""
    return jax.lax.map(one, index, batch_size=chunk)


def walk_one(key, flow: StochasticFlow, system: AbstractSystem, index: Shaped[Array, ""]) -> tuple:
    """One path: x, ln w, ln p̃(x)."""
    x, log_weight = flow.draw_with_log_weight(jax.random.fold_in(key, index), system)
    return x, log_weight, log_target(system, wide(x))


class PathKL(eqx.Module):
    """L = -(1/n) Σ_i ln w(path_i) >= -ln Z, for `fit(key, flow, PathKL(system), None, ...)`; metric: `ess`.

    Its gradient is that of the loss where all random layers are `LangevinStage`; the outcome of a Metropolis test is
    treated as independent of the parameters (Wu, Köhler and Noé 2020, section 3.3).
    """

    system: AbstractSystem
    batch: int = 256

    def __call__(self, key: Key[Array, ""], model: StochasticFlow, batch: tuple) -> tuple[Float[Array, ""], dict]:
        """L and metrics for a batch of paths sampled from the flow."""
        keys = jax.random.split(key, self.batch)
        _, log_w = jax.vmap(model.draw_with_log_weight, in_axes=(0, None))(keys, self.system)
        log_w = log_w.astype(jnp.float32)
        shifted = jax.lax.stop_gradient(log_w - jnp.max(log_w))
        ess = jnp.sum(jnp.exp(shifted)) ** 2 / jnp.sum(jnp.exp(2 * shifted)) / self.batch
        return -jnp.mean(log_w), {"ess": ess}
