# SPDX-License-Identifier: Apache-2.0
"""From a density that can be drawn to the target, along f_b(x) = q(x)^(1-b) w(x)^b, 0 <= b <= 1."""

from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from isinglass.nets.density import AbstractDensity
from isinglass.sampling.adaptation import AbstractTunable
from isinglass.sampling.sampler import AbstractSampler
from isinglass.systems.system import AbstractSystem

__all__ = ["Bridge", "moved", "with_step_size"]


class Bridge(AbstractSystem):
    """E_b(x) = -(1 - b) ln q(x) - b ln w(x) at temperature 1; ln q in the precision in which q draws.

    Law: b = 0 is q, b = 1 the target at its own temperature.
    """

    base: AbstractDensity
    target: AbstractSystem
    b: Float[Array, ""]
    beta: Float[Array, ""]
    kind: ClassVar[str] = "real"
    symmetries: tuple[str, ...] = eqx.field(static=True, default=())

    def __init__(self, base: AbstractDensity, target: AbstractSystem, b: Float[Array, ""] | float):
        """`target.beta` is one number."""
        self.base, self.target = base, target
        self.b, self.beta, self.symmetries = jnp.asarray(b, float), jnp.ones(()), ()

    @property
    def shape(self) -> tuple[int, ...]:
        """That of the target."""
        return self.target.shape

    def energy(self, x: Float[Array, "*site"]) -> Float[Array, ""]:
        """-ln f_b."""
        log_q, log_w = self.ends(x)
        return -(1 - self.b) * log_q - self.b * log_w

    def ends(self, x: Float[Array, "*site"]) -> tuple[Float[Array, ""], Float[Array, ""]]:
        """ln q and ln w."""
        precision = jax.eval_shape(self.base.draw, jax.random.key(0)).dtype
        return self.base.log_prob(x.astype(precision)).astype(x.dtype), self.target.log_weight(x)

    def log_ratio(self, x: Float[Array, "*site"]) -> Float[Array, ""]:
        """ln w - ln q, by which weights grow with b."""
        log_q, log_w = self.ends(x)
        return log_w - log_q

    def at(self, b: Float[Array, ""]) -> "Bridge":
        """Another place on the way."""
        return eqx.tree_at(lambda s: s.b, self, b)

    def random_configuration(self, key) -> Float[Array, "*site"]:
        """x ~ q."""
        return self.base.draw(key).astype(float)

    def order_parameter(self, x: Float[Array, "*site"]) -> Float[Array, ""]:
        """That of the target."""
        return self.target.order_parameter(x)

    def exact_energy(self, temperature: Float[np.ndarray, " T"]) -> Float[np.ndarray, " T"] | None:
        """Unknown."""
        return None


def with_step_size(kernel: AbstractSampler, step_size: Float[Array, ""]) -> AbstractSampler:
    """The kernel with another step size, if it has one."""
    return eqx.tree_at(lambda k: k.step_size, kernel, step_size) if isinstance(kernel, AbstractTunable) else kernel


def moved(key, kernel: AbstractSampler, x: Float[Array, "n *site"], system: Bridge, sweeps: int):
    """So many sweeps of every walker, and the mean acceptance (1 where the kernel does not tell)."""

    def sweep(x, key):
        x, info = jax.vmap(kernel.step, in_axes=(0, 0, None))(jax.random.split(key, len(x)), x, system)
        acceptance = getattr(info, "acceptance", None)
        return x, jnp.ones(()) if acceptance is None else jnp.mean(acceptance)

    x, acceptance = jax.lax.scan(sweep, x, jax.random.split(key, sweeps))
    return x, jnp.mean(acceptance)
