# SPDX-License-Identifier: Apache-2.0
"""Simulated annealing: a sampler under falling temperature, as an optimiser.

Ref: Kirkpatrick, Gelatt and Vecchi 1983, doi:10.1126/science.220.4598.671.
"""

from abc import abstractmethod
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Shaped

from isinglass.sampling.chain.sampler import AbstractSampler
from isinglass.systems.system import AbstractSystem

__all__ = ["AbstractTemperatureSchedule", "Annealed", "Geometric", "Linear", "Logarithmic", "anneal"]


class AbstractTemperatureSchedule(eqx.Module):
    """Temperature as a function of the share t of the run that has passed, 0 <= t <= 1."""

    @abstractmethod
    def __call__(self, t: Float[Array, "*n"]) -> Float[Array, "*n"]:
        """T(t)."""


class Linear(AbstractTemperatureSchedule):
    """T = T_hot + (T_cold - T_hot) t."""

    hot: float
    cold: float

    def __call__(self, t: Float[Array, "*n"]) -> Float[Array, "*n"]:
        """T(t)."""
        return self.hot + (self.cold - self.hot) * t


class Geometric(AbstractTemperatureSchedule):
    """T = T_hot (T_cold / T_hot)^t: the same factor at every step."""

    hot: float
    cold: float

    def __call__(self, t: Float[Array, "*n"]) -> Float[Array, "*n"]:
        """T(t)."""
        return self.hot * (self.cold / self.hot) ** t


class Logarithmic(AbstractTemperatureSchedule):
    """T = T_hot / ln(e + sweeps t), slow enough for a guarantee: doi:10.1109/TPAMI.1984.4767596."""

    hot: float
    sweeps: int

    def __call__(self, t: Float[Array, "*n"]) -> Float[Array, "*n"]:
        """T(t)."""
        return self.hot / jnp.log(jnp.e + self.sweeps * t)


class Annealed(NamedTuple):
    """What annealing found."""

    x: Shaped[Array, "R *site"]  # the best configuration of each run
    energy: Float[Array, " R"]  # its energy
    trace: Float[Array, "sweeps R"]  # energy after each sweep
    temperature: Float[Array, " sweeps"]


@eqx.filter_jit
def anneal(
    key,
    sampler: AbstractSampler,
    system: AbstractSystem,
    schedule: AbstractTemperatureSchedule,
    *,
    sweeps: int,
    runs: int,
) -> Annealed:
    """Run `runs` independent annealings of `sweeps` sweeps each, in one compiled program.

    Law: the best energy of a run never rises, and no energy is below the ground state's.  Cost: sweeps x runs sweeps.
    """
    temperature = schedule(jnp.linspace(0.0, 1.0, sweeps))

    def sweep(carry, inputs):
        x, best, best_energy = carry
        key, beta = inputs
        at_beta = eqx.tree_at(lambda s: s.beta, system, beta)
        x, _ = jax.vmap(sampler.step, in_axes=(0, 0, None))(jax.random.split(key, runs), x, at_beta)
        E = jax.vmap(system.energy)(x)
        better = E < best_energy
        best = jnp.where(better.reshape(runs, *(1,) * (x.ndim - 1)), x, best)
        return (x, best, jnp.minimum(E, best_energy)), E

    key_start, key_sweeps = jax.random.split(key)
    x = jax.vmap(system.random_configuration)(jax.random.split(key_start, runs))
    start = (x, x, jax.vmap(system.energy)(x))
    inputs = (jax.random.split(key_sweeps, sweeps), 1.0 / temperature)
    (_, best, best_energy), trace = jax.lax.scan(sweep, start, inputs)
    return Annealed(best, best_energy, trace, temperature)
