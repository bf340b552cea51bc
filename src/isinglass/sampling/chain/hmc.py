# SPDX-License-Identifier: Apache-2.0
"""Hamiltonian Monte Carlo: trajectories of H(x, v) = β E(x) + ½ vᵀ C⁻¹ v, accepted or rejected.

Step size, trajectory length and mass C⁻¹ are adapted during the warm-up from all chains of a temperature, then frozen.
Refs: Duane et al. 1987, doi:10.1016/0370-2693(87)91197-X; Neal 2011, arXiv:1206.1901.
"""

from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jax.core import Tracer
from jaxtyping import Array, Float, Int

from isinglass.errors import InputError
from isinglass.sampling.chain.adaptation import AbstractTunable
from isinglass.sampling.chain.downhill import downhill
from isinglass.sampling.chain.metric import Mass, beside, covariance_times, kinetic_energy, velocity
from isinglass.sampling.chain.metropolis import decide
from isinglass.sampling.chain.requirement import continuous_variables
from isinglass.sampling.chain.sampler import AbstractExchangeable, energies
from isinglass.sampling.chain.trajectory_length import HMCAdaptation, Sweep, frozen, initial_adaptation, learn
from isinglass.symmetry.lattice import Translation
from isinglass.symmetry.variable import Angles
from isinglass.systems.system import AbstractPairSystem, AbstractSystem, at_unit_beta

__all__ = ["HMC", "FixedLengthHMC", "HMCDiagnostics", "HMCState", "force_on", "leapfrog"]

LARGEST_FORCE = 1e6  # per variable; larger forces, far outside the typical set, are clipped to avoid overflow
FINE = 1e-4  # β δ²/w² of a rounding error δ in a width w
JITTER = 0.25  # relative spread of trajectory lengths, without which a mode may be periodic


class HMCState(NamedTuple):
    """The state of all chains between two steps."""

    x: Float[Array, "*site T R"]  # configurations, chains last for vectorization
    energy: Float[Array, "T R"]  # E(x)
    learned: HMCAdaptation  # step size, trajectory length and mass of each temperature


class HMCDiagnostics(NamedTuple):
    """Diagnostics of a step."""

    acceptance: Float[Array, "T R"]  # acceptance probability of the trajectory
    energy_error: Float[Array, "T R"]  # ΔH; law: <exp(-ΔH)> = 1
    steps: Int[Array, " T"]  # leapfrog steps


class FixedLengthHMCDiagnostics(NamedTuple):
    """Diagnostics of one trajectory."""

    acceptance: Float[Array, ""]
    energy_error: Float[Array, ""]


class FixedLengthHMC(AbstractTunable):
    """HMC of one chain with unit mass and a fixed number of leapfrog steps: a kernel for other methods.

    Law: detailed balance.  Cost: one gradient per step, two energies.  `Adapted(FixedLengthHMC())` adapts its size.
    """

    requires: ClassVar = (continuous_variables,)
    part: ClassVar[bool] = True
    step_size: Float[Array, ""] | float = 0.1
    steps: int = eqx.field(static=True, default=8)
    target: float = eqx.field(static=True, default=0.8)

    def step(self, key, x: Float[Array, "*site"], system: AbstractSystem):
        """One trajectory, in the precision of x."""
        key_move, key_accept = jax.random.split(key)
        p = jax.random.normal(key_move, x.shape, x.dtype)
        one = lambda a: a[..., None, None]  # noqa: E731
        gradient = jax.grad(system.log_weight)
        force = lambda x: one(jnp.clip(gradient(x[..., 0, 0]), -LARGEST_FORCE, LARGEST_FORCE))  # noqa: E731
        dt, steps = jnp.asarray(self.step_size, x.dtype)[None], jnp.full(1, self.steps, jnp.int32)
        y, q = (a[..., 0, 0] for a in leapfrog(one(x), one(p), force, dt, steps))
        y = system.variable.wrap(y)
        dH = system.log_weight(x) - system.log_weight(y) + 0.5 * (jnp.sum(q * q) - jnp.sum(p * p))
        accepted, probability = decide(key_accept, -dH)
        return jnp.where(accepted, y, x), FixedLengthHMCDiagnostics(probability, dH)


class HMC(AbstractExchangeable):
    """x, v -> leapfrog -> accept with probability min(1, exp(-ΔH)).  Law: detailed balance of exp(-β E), for any C.

    `mass`: `unit`, `diagonal` (variances of the coordinates) or `fourier` (those of the Fourier modes: Fourier
    acceleration, for real fields with translation symmetry).  `auto` is diagonal, but unit where all variables are
    equivalent: lattices with translation symmetry, angles.  Fourier acceleration pays for nearly free fields of long
    correlation length; at λ = 0.5 it does not, and a leapfrog step costs 10 times as much (L = 16).
    `precision` is that of the trajectory and its positions: single, but double where single would round x by more than
    a hundredth of its width (`auto`); energies and the Metropolis test are in double precision.
    `step_size` and `length` are the initial values of the adaptation, or fixed with `adaptation=0`.
    Cost: one gradient a leapfrog step, one more and one energy a trajectory; with Fourier, 4 N Σ_μ L_μ more a step.
    """

    requires: ClassVar = (continuous_variables,)
    target: float = eqx.field(static=True, default=0.8)  # acceptance
    adaptation: int = eqx.field(static=True, default=500)  # trajectories of the warm-up that adapt
    mass: Mass = eqx.field(static=True, default="auto")
    precision: str = eqx.field(static=True, default="auto")
    step_size: float = 0.05
    length: float = 1.0  # duration of a trajectory, in units of time
    max_steps: int = eqx.field(static=True, default=128)

    def init(self, key, x: Float[Array, "T R *site"], system: AbstractSystem) -> HMCState:
        """Unit mass; with a warm-up, steepest descent first, out of steep tails."""
        if self.adaptation:
            x = downhill(x, system)
        learned = initial_adaptation(x[:, 0].shape, self.step_size, self.length)
        number = precision_for(x, system) if self.precision == "auto" else self.precision
        return self.place(HMCState(jnp.zeros(0, number), jnp.zeros(0), learned), x, system)  # pyright: ignore

    def place(self, state: HMCState, x: Float[Array, "T R *site"], system: AbstractSystem) -> HMCState:
        last = jnp.moveaxis(x, (0, 1), (-2, -1)).astype(state.x.dtype)
        return HMCState(last, energies(chains_first(last), system), state.learned)

    def configurations(self, state: HMCState) -> Float[Array, "T R *site"]:
        return chains_first(state.x)

    def step(self, key, state: HMCState, system: AbstractSystem) -> tuple[HMCState, HMCDiagnostics]:
        """One trajectory of every chain, accepted with probability min(1, exp(-ΔH))."""
        key_move, key_length, key_accept = jax.random.split(key, 3)
        mass = self.mass_for(system)
        adapting = state.learned.count < self.adaptation
        dt, length, spectrum = frozen(state.learned, adapting)
        longer = jax.random.uniform(key_length, (), dt.dtype, 1 - JITTER, 1 + JITTER)
        steps = jnp.clip(jnp.round(longer * length / dt), 1, self.max_steps).astype(jnp.int32)

        xi = jax.random.normal(key_move, state.x.shape, state.x.dtype)
        force = force_on(system, state.x.dtype)
        acceleration = lambda x: covariance_times(force(x), spectrum, mass)  # noqa: E731
        moved, v = leapfrog(state.x, velocity(xi, spectrum, mass), acceleration, dt, steps)

        y = system.variable.wrap(moved)
        energy = energies(chains_first(y), system)
        before, after = kinetic_energy(xi, jnp.ones_like(spectrum), "unit"), kinetic_energy(v, spectrum, mass)
        dH = system.beta[:, None] * (energy - state.energy) + after - before
        accepted, probability = decide(key_accept, -dH)
        x = jnp.where(beside(accepted, y), y, state.x)
        sweep = Sweep(state.x, moved, v, x, probability, steps.astype(dt.dtype) * dt)
        knobs = {"target": self.target, "adaptation": self.adaptation, "mass": mass, "modes": modes_of(system)}
        learned = jax.lax.cond(adapting, lambda: learn(state.learned, sweep, **knobs), lambda: state.learned)
        return HMCState(x, jnp.where(accepted, energy, state.energy), learned), HMCDiagnostics(probability, dH, steps)

    def mass_for(self, system: AbstractSystem) -> Mass:
        """The mass of this sampler, with `auto` resolved for the system.

        Errors: InputError for `fourier` without translation symmetry.
        """
        if self.mass == "fourier" and modes_of(system) != "fourier":
            raise InputError(
                "for Fourier acceleration a real field with translation symmetry on a lattice",
                f"a {type(system).__name__}",
                "use mass = 'auto'",
            )
        return ("diagonal" if modes_of(system) == "diagonal" else "unit") if self.mass == "auto" else self.mass


def force_on(system: AbstractSystem, precision: Any) -> Callable:
    """-β ∇E of all chains [*site, T, R], in the precision of the trajectory."""
    one = cast(at_unit_beta(system), precision)
    gradient = jax.vmap(jax.vmap(jax.grad(one.energy), -1, -1), -1, -1)
    beta = system.beta.astype(precision)[:, None]
    return lambda x: -jnp.clip(beside(beta, x) * gradient(x), -LARGEST_FORCE, LARGEST_FORCE)


def precision_for(x: Float[Array, "T R *site"], system: AbstractSystem) -> str:
    """Single, unless β δᵀ∇∇E δ > 1e-4 for the rounding error δ of single precision somewhere: 1 % of a width.

    δᵀ∇∇E δ is the second difference E(x + δ) + E(x - δ) - 2 E(x), at the energies given.
    """
    if isinstance(system.variable, Angles) or isinstance(x, Tracer):
        return "float32"
    return "float64" if float(curvature_of_rounding(x, system)) > FINE else "float32"


@eqx.filter_jit
def curvature_of_rounding(x: Float[Array, "T R *site"], system: AbstractSystem) -> Float[Array, ""]:
    """max β |E(x + δ) + E(x - δ) - 2 E(x)|, δ = ± 2^-24 |x|, less the rounding of E itself."""
    x = x.astype(float)
    delta = jnp.abs(x) * 2.0**-24 * jax.random.rademacher(jax.random.key(0), x.shape, float)
    E, up, down = (energies(y, system) for y in (x, x + delta, x - delta))
    second = jnp.abs(up + down - 2 * E) - 8 * jnp.finfo(E.dtype).eps * jnp.abs(E)
    return jnp.max(jnp.where(jnp.isfinite(second), system.beta[:, None] * second, 0.0))


def modes_of(system: AbstractSystem) -> Mass:
    """The basis in which the covariance is taken as diagonal: Fourier modes by translation symmetry; angles: none."""
    if isinstance(system.variable, Angles):
        return "unit"
    regular = isinstance(system, AbstractPairSystem) and bool(system.graph.offsets)
    return "fourier" if regular and system.has(Translation) else "diagonal"


def leapfrog(
    x: Float[Array, "*site T R"],
    v: Float[Array, "*site T R"],
    acceleration: Callable,
    dt: Float[Array, " T"],
    steps: Int[Array, " T"],
) -> tuple[Float[Array, "*site T R"], Float[Array, "*site T R"]]:
    """Velocity Verlet: half a kick, then drifts and kicks alternately, half a kick at the end; `steps` drifts.

    Kicks come first: then one step proposes x' wider than exp(-βE), 1/√(1 - dt²/4) for a unit Gaussian; half a drift
    first proposes narrower, √(1 - dt²/4), and chains that reach a tail stay there for long.  The force at x is not kept
    from the last trajectory: to store it costs more than to have it again.
    Law: reversible and volume-preserving; energy error O(dt²).  Temperatures with fewer steps wait with dt = 0.
    """
    dt, steps = beside(dt.astype(x.dtype)[:, None], x), beside(steps[:, None], x)
    v = v + 0.5 * dt * acceleration(x)
    x = x + dt * v

    def kick_and_drift(i, carry):
        x, v = carry
        h = jnp.where(i < steps - 1, dt, jnp.zeros_like(dt))
        v = v + h * acceleration(x)
        return x + h * v, v

    x, v = jax.lax.fori_loop(0, jnp.max(steps) - 1, kick_and_drift, (x, v))
    return x, v + 0.5 * dt * acceleration(x)


def chains_first(x: Float[Array, "*site T R"]) -> Float[Array, "T R *site"]:
    """Axes [T, R, *site], in double precision."""
    return jnp.moveaxis(x, (-2, -1), (0, 1)).astype(float)


def cast(system: AbstractSystem, precision: Any) -> AbstractSystem:
    """The system with its floating-point parameters in another precision."""
    return jax.tree.map(lambda a: a.astype(precision) if eqx.is_inexact_array(a) else a, system)
