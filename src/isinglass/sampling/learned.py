# SPDX-License-Identifier: Apache-2.0
"""Learned samplers of a system: a network by the properties of the system, and its training.

Their samples are made exact by `weight/independence.py` and `weight/importance.py`.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key, Shaped

from isinglass.errors import InputError
from isinglass.nets.density import AbstractDensity, AbstractGenerator
from isinglass.nets.flow.standardize import on_scale_of
from isinglass.sampling.chain.hmc import HMC
from isinglass.sampling.ensemble.driver import SamplingPlan, draw
from isinglass.sampling.ensemble.start import starts
from isinglass.sampling.objective import by_name
from isinglass.symmetry.gauge import PhaseGauge
from isinglass.symmetry.lattice import Translation
from isinglass.symmetry.particle import FREE_PARTICLES
from isinglass.symmetry.value import Reflection, ValuePermutation
from isinglass.symmetry.variable import Angles, Reals
from isinglass.systems.system import AbstractPairSystem, AbstractSystem, at_temperatures
from isinglass.training.fit import fit
from isinglass.training.history import History
from isinglass.training.optimizer import Optimizer
from isinglass.training.setting import Training

__all__ = [
    "METHODS",
    "RECIPES",
    "LearnedSampler",
    "TrainingRecipe",
    "flow_for",
    "learn",
    "learns_from_data",
    "must_be_of",
    "must_fit",
]

METHODS = ("flow", "autoregressive", "diffusion")


class TrainingRecipe(NamedTuple):
    """Steps, batch size and learning rate of a training."""

    steps: int
    batch: int
    learning_rate: float = 5e-3

    def training(self) -> Training:
        """Training by Adam with a cosine decay of the learning rate to zero."""
        optimizer = Optimizer("adam", self.learning_rate, "cosine", clip=1.0)
        return Training(optimizer, steps=self.steps, batch_size=self.batch, block=min(100, self.steps))


RECIPES = {
    "smoke": TrainingRecipe(150, 128),
    "laptop": TrainingRecipe(1500, 512),
    "paper": TrainingRecipe(20_000, 4096, 2e-3),
}


class LearnedSampler(NamedTuple):
    """A trained sampler with its history, final status and training time."""

    model: AbstractGenerator
    history: History | None  # None where it was trained elsewhere
    status: str  # "step limit", "converged" ..., or "diverged at step n"
    seconds: float

    @property
    def diverged(self) -> bool:
        """Whether the training ended at a loss that was not finite."""
        return self.status.startswith("diverged")


def learn(
    key: Key[Array, ""],
    system: Any,
    method: Any,
    settings: Training,
    *,
    objective: Any = None,
    data: Shaped[Any, "n *site"] | None = None,
    checkpoint: Path | None = None,
    progress: Callable[[int, int, str], None] | None = None,
) -> LearnedSampler:
    """Train a sampler of exp(-beta E)/Z: a network chosen for the system by name, or the network given.

    `objective`: a loss or its name.  With a given network, `system` may be None if the objective does not need it.
    Errors: InputError for a method that does not apply to the variables of the system, or missing data.
    """
    begun = time.perf_counter()
    if isinstance(method, str):
        key_model, key = jax.random.split(key)
        name, (model, loss, rows) = method, prepare(key_model, system, method, settings.batch_size, data)
    else:
        name, model, loss, rows = type(method).__name__, method, None, None
    if objective is not None:
        loss = by_name.objective(objective, system, settings.batch_size)
        rows = (given(data),) if by_name.needs_data(objective) or data is not None else None
    model = fitted(key, model, system, None if rows is None else rows[0])

    def report(record: Any) -> None:
        if progress is not None:
            progress(record.step, settings.steps, f"training the {name}: loss {float(np.mean(record.loss)):.5g}")

    if checkpoint is not None:
        checkpoint.mkdir(parents=True, exist_ok=True)
    path = checkpoint and checkpoint / f"{name}.safetensors"
    trained = fit(key, model, loss, rows, settings=settings, checkpoint=path, progress=report)  # pyright: ignore
    return LearnedSampler(trained.model, trained.history, str(trained.status), time.perf_counter() - begun)


def fitted(key, model: Any, system: Any, x: Any) -> Any:
    """A density of real variables, moved to the scale of its data; else as it is.

    Errors: InputError where a density that learns from the energy has samples of infinite energy.
    """
    real = system is None or isinstance(system.variable, Reals)
    if not (real and isinstance(model, AbstractDensity)):
        return model
    z = jax.jit(lambda key: model.sample(key, 256))(jax.random.fold_in(key, 9))
    if x is None:
        if system is None:
            return model
        lost = float(jnp.mean(~jnp.isfinite(jax.jit(jax.vmap(system.energy))(z.astype(float)))))
        if lost > 0:
            found, fix = f"none at {lost:.0%} of them", "map the variables to the real line (ln x, logit x), or use hmc"
            raise InputError("a finite energy at all samples of a flow, which may lie anywhere", found, fix)
        return model
    centered = x.ndim == 3 and float(jnp.max(jnp.abs(jnp.mean(x, axis=1)))) < 1e-4 * float(jnp.std(x))
    discrete = not jnp.issubdtype(x.dtype, jnp.floating)
    return model if centered or discrete else on_scale_of(model, z, x)


def prepare(key, system: AbstractSystem, method: str, batch: int, data) -> tuple[Any, Any, Any]:
    """The untrained model, its loss, and training data, for a method by name."""
    if method == "flow" and learns_from_data(method, system):
        from isinglass.nets.transport.mean_free import mean_free

        x = jax.vmap(mean_free)(given(data))
        return particle_flow(key, x), by_name.objective("flow_matching", system, batch), (x,)
    if method == "flow":
        return flow_for(key, system), by_name.objective("reverse_kl", system, batch), None
    if method == "autoregressive":
        return network_for(key, system), by_name.objective("free_energy", system, batch), None
    if method == "diffusion":
        from isinglass.sampling.diffusion import diffusion_for

        rows = given(data)
        return diffusion_for(key, system, rows), by_name.objective("denoising", system, batch), (rows,)
    raise InputError(f"a learned method among {', '.join(METHODS)}", repr(method), "choose one of them")


def given(data: Shaped[Any, "n *site"] | None) -> Shaped[Array, "n *site"]:
    """The data, real numbers in single precision.  Errors: InputError where there are none."""
    if data is None:
        raise InputError("configurations to learn from", "none", "sample some first, by Monte Carlo")
    x = jnp.asarray(data)
    return x.astype(jnp.float32) if jnp.issubdtype(x.dtype, jnp.floating) else x


def learns_from_data(method: str | AbstractGenerator, system: AbstractSystem, objective: Any = None) -> bool:
    """Whether a method is trained on samples: diffusion, and flows of particles, whose energy gradient is singular."""
    return by_name.needs_data(objective) or method == "diffusion" or (method == "flow" and system.has(*FREE_PARTICLES))


def network_for(key: Key[Array, ""], system: AbstractSystem) -> AbstractGenerator:
    """An autoregressive network: convolutional on regular lattices, else dense; even under x -> -x if E is."""
    from isinglass.nets.autoregressive.front import Front
    from isinglass.nets.autoregressive.group_average import GroupAverage
    from isinglass.nets.autoregressive.masked_dense import MaskedDense

    values = system.variable.values
    if values is None:
        raise InputError("variables with finitely many values", type(system.variable).__name__, "use method='flow'")
    pairs = isinstance(system, AbstractPairSystem)
    even = pairs and len(values) == 2 and (system.has(Reflection) or system.has(ValuePermutation))
    if pairs and system.graph.offsets and system.has(Translation):
        return Front(key=key, shape=system.shape, values=values, even=even)
    network = MaskedDense(key=key, shape=system.shape, values=values, hidden=8)
    return GroupAverage(network) if even and values == (-1, 1) else network


def flow_for(key: Key[Array, ""], system: AbstractSystem) -> AbstractGenerator:
    """A flow with the symmetries of the system, where such a flow is implemented."""
    real, angles = (isinstance(system.variable, kind) for kind in (Reals, Angles))
    if real and system.has(Translation, Reflection) and not any(side % 2 for side in system.shape):
        return lattice_flow(key, system)
    if real:
        from isinglass.nets.flow.affine_coupling import real_nvp

        flow = real_nvp(key, system.shape, couplings=8, hidden=(64, 64), z2=system.has(Reflection))
        return on_scale_of(flow, jax.random.normal(key, (256, *system.shape)), where_it_is(key, system))
    if system.has(PhaseGauge):
        from isinglass.nets.flow.gauge_flow import gauge_flow

        return gauge_flow(key, system.shape)
    if angles:
        from isinglass.nets.flow.circular_coupling import circular_flow

        return circular_flow(key, system.shape)
    raise InputError("continuous variables for a flow", type(system.variable).__name__, "use method='autoregressive'")


def where_it_is(key: Key[Array, ""], system: AbstractSystem) -> Float[Array, "n *site"]:
    """Standard normal numbers where the system's own random configurations are of that size, else short chains."""
    x = jax.jit(jax.vmap(system.random_configuration))(jax.random.split(key, 256))
    usual = (jnp.abs(jnp.mean(x)) < 3.0) & (jnp.std(x) < 3.0) & (jnp.std(x) > 1 / 3)
    if bool(usual):
        return jax.random.normal(key, x.shape)
    batch = at_temperatures(system, 1 / np.atleast_1d(np.asarray(system.beta, float)))
    plan = SamplingPlan(samples=1024, thin=1, warmup=600)
    begin = starts(jax.random.fold_in(key, 0), system, 1, plan.chains, "random")
    drawn = draw(jax.random.fold_in(key, 1), HMC(), batch, begin, plan)
    return jnp.asarray(drawn.x.reshape(-1, *system.shape), float)


def particle_flow(key: Key[Array, ""], x: Float[Array, "samples n d"]) -> AbstractGenerator:
    """A continuous flow by pair forces, from a normal distribution as wide as the data, center of mass fixed."""
    from isinglass.nets.transport.continuous_flow import ContinuousFlow, Transport
    from isinglass.nets.transport.mean_free import MeanFreeNormal
    from isinglass.nets.transport.pair_velocity import PairVelocity

    n = x.shape[1]
    width = float(jnp.std(x)) * (n / (n - 1)) ** 0.5
    velocity = PairVelocity(key=key, shape=x.shape[1:], reach=6 * width)
    return ContinuousFlow(MeanFreeNormal(x.shape[1:], width), Transport(velocity))


def lattice_flow(key: Key[Array, ""], system: AbstractSystem) -> AbstractGenerator:
    """Local spline couplings on a free field, its scale initialized from the energy."""
    from isinglass.nets.flow.act_norm import natural_scale
    from isinglass.nets.flow.spline_coupling import spline_flow

    key_flow, key_draw = jax.random.split(key)
    radius = min(3, min(system.shape) // 2 - 1) or 1
    z = jax.random.normal(key_draw, (64, *system.shape), jnp.float32)
    return spline_flow(key_flow, system.shape, radius=radius, scale=natural_scale(system.log_weight, z))


def must_fit(model: AbstractGenerator, system: AbstractSystem) -> None:
    """Errors: InputError for a sampler of another lattice."""
    if tuple(model.shape) != tuple(system.shape):
        raise InputError(
            f"a sampler of configurations of shape {tuple(system.shape)}",
            f"one trained for {tuple(model.shape)}",
            "train one for this lattice",
        )


def must_be_of(model: AbstractGenerator, system: AbstractSystem) -> None:
    """Errors: InputError for a sampler of another lattice, or whose samples are no configurations of this system.

    Discrete values are those of the system.  The density of angles is periodic, q(x + 2π) = q(x); that of real
    numbers is not.
    """
    must_fit(model, system)
    x = jax.jit(lambda key: model.sample(key, 16))(jax.random.key(0))
    values, found = system.variable.values, "real ones"
    if values is not None:
        fits, found = bool(np.isin(np.asarray(x), values).all()), "other values"
    elif not jnp.issubdtype(x.dtype, jnp.floating):
        fits, found = False, "discrete ones"
    elif isinstance(model, AbstractDensity) and not system.has(*FREE_PARTICLES):
        log_q = jax.jit(jax.vmap(model.log_prob))
        periodic = bool(jnp.allclose(log_q(x), log_q(x + 2 * jnp.pi), atol=1e-2))
        fits, found = periodic == isinstance(system.variable, Angles), "angles" if periodic else "real ones"
    else:
        return
    if not fits:
        kind = type(system.variable).__name__.lower()
        raise InputError(f"a sampler of {kind}", f"one of {found}", "train one for this system")
