# SPDX-License-Identifier: Apache-2.0
"""Geweke's joint test of every kernel, discrete and continuous; a biased acceptance and a wrong beta are caught."""

from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jaxtyping import Array, Float, Shaped
from scipy.stats import norm
from tests.checks.alarms import SHARES, fails, may_fail, must_fail

from isinglass.checks.geweke import joint_distribution, joint_samples, moments
from isinglass.sampling import (
    HMC,
    MALA,
    HeatBath,
    Metropolis,
    Mixed,
    RandomWalk,
    SwendsenWang,
    UnadjustedLangevin,
    Wolff,
)
from isinglass.sampling.chain.adaptation import AbstractTunable
from isinglass.sampling.chain.hmc import FixedLengthHMC
from isinglass.sampling.chain.nuts import NUTS
from isinglass.sampling.chain.random_walk import RandomWalkDiagnostics
from isinglass.sampling.chain.sampler import AbstractEnsemble
from isinglass.sampling.ensemble.tempering import Tempering
from isinglass.symmetry.symmetry import AbstractSymmetry
from isinglass.symmetry.variable import AbstractVariable, Reals
from isinglass.systems import Ising
from isinglass.systems.system import AbstractSystem

WIDTH = 0.5


class Observed(AbstractSystem):
    """x ~ N(0, 1) in two dimensions, seen through y ~ N((x_1², x_1 x_2), ½²): curved, often with two modes."""

    beta: Float[Array, ""]
    y: Float[Array, " 2"]
    variable: ClassVar[AbstractVariable] = Reals()
    shape: ClassVar[tuple[int, ...]] = (2,)
    symmetries: ClassVar[tuple[AbstractSymmetry, ...]] = ()

    def energy(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        return 0.5 * jnp.sum(x * x) + 0.5 * jnp.sum((self.y.astype(x.dtype) - seen(x)) ** 2) / WIDTH**2

    def random_configuration(self, key) -> Float[Array, "*site"]:
        return jax.random.normal(key, (2,))

    def order_parameter(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        return x[0]

    def exact_energy(self, temperature) -> None:
        return None


def seen(x):
    return jnp.stack([x[0] * x[0], x[0] * x[1]])


class Biased(AbstractTunable):
    """A random walk that accepts what is a little worse too often: exp(-0.7 ΔE)."""

    step_size: float = 0.5
    target: float = eqx.field(static=True, default=0.234)

    def step(self, key, x, system):
        weak = eqx.tree_at(lambda s: s.beta, system, 0.7 * system.beta)
        return RandomWalk(self.step_size).step(key, x, weak)[0], RandomWalkDiagnostics(jnp.ones(()))


def continuous_kernel(sampler):
    def kernel(key, x, y):
        if not isinstance(sampler, AbstractEnsemble):
            return sampler.step(key, x, Observed(jnp.ones(()), y))[0]
        system, ensemble = Observed(jnp.ones(1), y), sampler
        state = ensemble.init(key, x[None, None], system)
        return ensemble.configurations(ensemble.step(key, state, system)[0])[0, 0]

    return kernel


CONTINUOUS = {
    "hmc": HMC(adaptation=0, step_size=0.2, length=0.8),
    "random_walk": RandomWalk(0.7),
    "mala": MALA(0.08),
    "trajectory": FixedLengthHMC(0.2, steps=4),
    "nuts": NUTS(0.3, max_doublings=4),
    "cycle": Mixed((RandomWalk(0.7), HMC(adaptation=0, step_size=0.2, length=0.8))),
    "mixture": Mixed((RandomWalk(0.7), MALA(0.08)), order="random", weights=(1.0, 3.0)),
    "tempering": Tempering(RandomWalk(0.7)),
}
WRONG = {"biased acceptance": Biased(), "unadjusted Langevin": UnadjustedLangevin(0.08)}


QUICK = ("hmc", "random_walk")
CASES = [(n, "pass") for n in QUICK] + [(n, "fail") for n in WRONG]


@pytest.mark.parametrize(
    ("name", "verdict"),
    [*CASES, *[pytest.param(n, "pass", marks=pytest.mark.slow) for n in CONTINUOUS if n not in QUICK]],
)
def test_continuous_kernels_keep_the_joint_law(key, name, verdict):
    draw_x = lambda key: jax.random.normal(key, (2,))  # noqa: E731
    draw_y = lambda key, x: seen(x) + WIDTH * jax.random.normal(key, (2,))  # noqa: E731
    kernel = continuous_kernel((CONTINUOUS | WRONG)[name])
    check = joint_distribution(*joint_samples(key, draw_x, draw_y, kernel, moments, steps=8, chains=20_000))
    assert check.verdict == verdict, check


def spin_kernel(sampler, planted=1.0):
    """Spins are ±1 alike; y_b ~ N(s_i s_j, 1) on the bonds: p(s | y) is an Ising glass with couplings y."""

    def kernel(key, s, y):
        system = eqx.tree_at(lambda g: g.J, Ising((2, 3)), y)
        return sampler.step(key, s, eqx.tree_at(lambda g: g.beta, system, jnp.asarray(planted)))[0]

    return kernel


@pytest.mark.parametrize(
    ("sampler", "planted"),
    [(Metropolis(), 1.0), (HeatBath(), 1.0), (Wolff(), 1.0), (SwendsenWang(), 1.0), (HeatBath(), 0.6)],
    ids=["metropolis", "heat_bath", "wolff", "swendsen_wang", "40 % in beta"],
)
def test_spin_kernels_keep_the_joint_law(key, sampler, planted):
    ends = lambda s: jnp.multiply(*Ising((2, 3)).graph.ends(s)).astype(float)  # noqa: E731
    draw_s = lambda key: jax.random.rademacher(key, (2, 3), jnp.int8)  # noqa: E731
    draw_y = lambda key, s: ends(s) + jax.random.normal(key, (12,))  # noqa: E731
    functions = lambda s, y: jnp.concatenate([ends(s), y, y * y, ends(s) * y])  # noqa: E731
    samples = joint_samples(key, draw_s, draw_y, spin_kernel(sampler, planted), functions, steps=8)
    check = joint_distribution(*samples)
    assert check.verdict == ("pass" if planted == 1 else "fail"), check


def test_too_little_is_unknown_and_a_shift_is_seen():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(10_000, 10)), rng.normal(size=(10_000, 10))
    assert joint_distribution(a, b).verdict == "pass"
    assert joint_distribution(a, b + 0.11 * np.eye(10)[0]).verdict == "fail"
    assert joint_distribution(a[:1], b).verdict == "unknown"
    assert joint_distribution(a * np.inf, b).verdict == "unknown"


def rows_with(z, n=10_001):
    """Two functions of n rows: ±1 around 0 and around z errors of the difference of two such means."""
    x = np.where(np.arange(n) % 2, 1.0, -1.0)
    x[-1] = 0.0
    return np.stack([x, x + z * (2 / n) ** 0.5], axis=1)


@SHARES
def test_threshold_is_shared_among_the_functions(share, verdict):
    """Two functions, two sides: 4.06 standard errors."""
    bound = norm.isf(1e-4 / 4)
    assert bound == pytest.approx(4.0556, abs=1e-3)
    for sign in (1, -1):
        check = joint_distribution(rows_with(0), rows_with(sign * share * bound))
        assert check.verdict == verdict
        assert check.measured == pytest.approx(share * bound, rel=1e-9)


def test_false_alarms_and_resolution():
    """Three normal functions: 1e-4 together; a shift of bound + 3 standard errors is missed with 1e-3."""
    rng, n = np.random.default_rng(0), 300
    draw = lambda shift: joint_distribution(rng.normal(size=(n, 3)), rng.normal(size=(n, 3)) + shift)  # noqa: E731
    assert fails(draw(0.0) for _ in range(1500)) <= may_fail(1.2e-4, 1500)
    shift = (norm.isf(1e-4 / 6) + 3) * (2 / n) ** 0.5 * np.eye(3)[0]
    assert fails(draw(shift) for _ in range(500)) >= must_fail(500, 2e-3)
