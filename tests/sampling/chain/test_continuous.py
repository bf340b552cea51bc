# SPDX-License-Identifier: Apache-2.0
"""Samplers of continuous variables: exact laws, the bias of unadjusted Langevin, both wells by exchange, by name."""

import sys

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import kstest, norm
from tests.sampling.all_methods import CONTINUOUS
from tests.sampling.gaussians import Harmonic

from isinglass import sample
from isinglass.checks.energy import mean_value
from isinglass.errors import InputError
from isinglass.sampling import HMC, MALA, Metropolis, Mixed, RandomWalk, Tempering, UnadjustedLangevin, Wolff
from isinglass.sampling.chain.adaptation import Adapted
from isinglass.sampling.chain.hmc import FixedLengthHMC
from isinglass.sampling.chain.nuts import NUTS
from isinglass.sampling.chain.sampler import AbstractEnsemble, Independent
from isinglass.sampling.choice import choose, default_plan
from isinglass.sampling.ensemble.driver import SamplingPlan, draw
from isinglass.sampling.ensemble.start import starts
from isinglass.systems import XY, DoubleWell, Ising, MuellerBrown, Phi4, U1Gauge, at_temperatures, free_field

WELL = DoubleWell(2, temperature=3.0)
KERNELS = {name: cls() for name, cls in CONTINUOUS.items() if not getattr(cls, "bias", "")} | {  # which is not exact
    "hmc": HMC(adaptation=0, step_size=0.3, length=1.5),
    "hmc_diagonal": HMC(adaptation=0, step_size=0.3, length=1.5, mass="diagonal"),
    "random_walk": RandomWalk(1.5),
    "mala": MALA(0.15),
    "trajectory": FixedLengthHMC(0.3, steps=5),
    "nuts": NUTS(0.4, max_doublings=4),
    "mixed": Mixed((RandomWalk(1.5), FixedLengthHMC(0.3, steps=5))),
}


def exact_draws(key, n):
    """x_1 by the inverse of its distribution function on a fine grid, x_2 normal; and that function."""
    grid = np.linspace(-6, 6, 20_001)
    weight = np.exp(-(grid**4 / 4 - 3 * grid**2 + grid) / 3)
    cdf = np.concatenate([[0.0], np.cumsum((weight[1:] + weight[:-1]) / 2)])
    cdf /= cdf[-1]
    key_one, key_two = jax.random.split(key)
    one = np.interp(np.asarray(jax.random.uniform(key_one, (n,))), cdf, grid)
    two = 3**0.5 * np.asarray(jax.random.normal(key_two, (n,)))
    return np.stack([one, two], axis=1), lambda x: np.interp(x, grid, cdf)


def after(key, kernel, system, x, steps):
    """Every chain after so many steps."""
    ensemble = kernel if isinstance(kernel, AbstractEnsemble) else Independent(kernel)
    batch = eqx.tree_at(lambda s: s.beta, system, system.beta[None])

    @jax.jit
    def run(x):
        state = ensemble.init(key, x[None], batch)
        step = lambda i, state: ensemble.step(jax.random.fold_in(key, i), state, batch)[0]  # noqa: E731
        return ensemble.configurations(jax.lax.fori_loop(0, steps, step, state))[0]

    return np.asarray(run(jnp.asarray(x)), float)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*KERNELS, "10 % in beta"])
def test_exact_draws_of_a_double_well_stay_exact(key, name):
    """Ends of 20 000 chains after 8 steps from exact draws; false alarm 1e-4 (Kolmogorov, two tests)."""
    x, cdf = exact_draws(key, 20_000)
    system = eqx.tree_at(lambda s: s.beta, WELL, WELL.beta * (1.1 if name not in KERNELS else 1.0))
    y = after(jax.random.fold_in(key, 1), KERNELS.get(name, KERNELS["hmc"]), system, x, 8)
    p = min(kstest(cdf(y[:, 0]), "uniform").pvalue, kstest(y[:, 1] / 3**0.5, norm.cdf).pvalue)
    moved = np.mean(np.any(y != x, axis=1))
    assert moved > 0.9
    assert (p > 5e-5) == (name in KERNELS), p


def test_unadjusted_langevin_has_the_variance_of_its_discrete_steps(key):
    """1 / [β k (1 - ½ ε β k)], ε β k = 0.4: 25 % more than the continuous law, of which 4 errors are 4 %."""
    k, beta, epsilon, n = 2.0, 0.5, 0.4, 20_000
    discrete = 1 / (beta * k * (1 - epsilon * beta * k / 2))
    start = np.asarray(jax.random.normal(key, (n, 1))) * discrete**0.5
    x = after(key, UnadjustedLangevin(epsilon), Harmonic(k, beta=beta), start, 30)
    assert mean_value("variance", x[:, 0] ** 2, np.arange(n), discrete).verdict == "pass"
    assert mean_value("variance", x[:, 0] ** 2, np.arange(n), 1 / (beta * k)).verdict == "fail"
    small = after(
        key, UnadjustedLangevin(epsilon / 100), Harmonic(k, beta=beta), start * (beta * k * discrete) ** -0.5, 300
    )
    assert mean_value("variance", small[:, 0] ** 2, np.arange(n), 1 / (beta * k)).verdict == "pass"


@pytest.mark.slow
def test_mala_accepts_by_hastings_rule(key):
    """min(1, p(y) q(x|y) / p(x) q(y|x)) with normal densities from SciPy."""
    system, epsilon = Phi4((2, 2)), 0.1
    x = 0.5 * jax.random.normal(key, (64, 2, 2))
    y, diagnostics = jax.vmap(MALA(epsilon).step, in_axes=(0, 0, None))(jax.random.split(key, 64), x, system)
    accepted = np.asarray(jnp.any(y != x, axis=(1, 2)))
    assert 10 < accepted.sum() < 64
    drift = lambda a: np.asarray(a + epsilon * jax.vmap(jax.grad(system.log_weight))(a))  # noqa: E731
    log_q = lambda to, origin: norm.logpdf(to, drift(origin), (2 * epsilon) ** 0.5).sum((1, 2))  # noqa: E731
    log_p = jax.vmap(system.log_weight)
    ratio = np.asarray(log_p(y) - log_p(x)) + log_q(x, y) - log_q(y, x)
    np.testing.assert_allclose(
        np.asarray(diagnostics.acceptance)[accepted], np.exp(np.minimum(ratio, 0))[accepted], rtol=1e-9
    )


@pytest.mark.slow
@pytest.mark.parametrize("inner", [HMC(adaptation=200), Adapted(MALA(), 200)], ids=["hmc", "mala"])
def test_exchange_finds_the_share_of_both_wells(key, inner):
    """Barrier 11.6 kT, P(x_1 < 0) = 0.99165137, <x_1> = -2.4410966747; without exchange the start decides for ever."""
    T = np.geomspace(1.0, 12.0, 8)
    system, R = DoubleWell(2), 256
    plan = SamplingPlan(samples=R * 200, chains=R, thin=2, warmup=400, configurations=False)
    x = starts(key, system, len(T), R, "random")
    d = draw(key, Tempering(inner), at_temperatures(system, T), x, plan)
    chain, x_1 = np.repeat(np.arange(R), d.order.shape[2]), d.order[0].ravel()
    for law, values, expected in (("left", x_1 < 0, 0.99165137), ("<x_1>", x_1, -2.4410966747)):
        check = mean_value(law, values.astype(float), chain, expected, largest_error=0.01)
        assert check.verdict == "pass", check
    assert np.all(d.acceptance > 0.4)
    alone = draw(key, inner, at_temperatures(system, T[:1]), x[:1], plan)
    assert mean_value("left", (alone.order[0] < 0).astype(float).ravel(), chain, 0.99165137).verdict == "fail"


@pytest.mark.slow
def test_sign_clusters_and_local_moves_together_are_exact(key):
    """phi^4, 4 x 4, λ = 6.975: the moments of the transfer matrix, and signs that flip often."""
    system, R = Phi4((4, 4), m2=-4.0, lam=6.975), 256
    plan = SamplingPlan(samples=R * 200, chains=R, thin=2, warmup=100)
    mixed = Mixed((Metropolis(), Wolff()))
    batch = at_temperatures(system, np.array([1.0]))
    d = draw(key, mixed, batch, starts(key, system, 1, R, "random"), plan)
    kept, m = np.repeat(np.arange(R), d.x.shape[2]), d.order[0]
    for law, values, expected in (
        ("phi^2", (d.x[0].astype(float) ** 2).mean((2, 3)), 0.1673918),
        ("chi", 16 * d.x[0].astype(float).mean((2, 3)) ** 2, 0.9349727),
    ):
        check = mean_value(law, values.ravel(), kept, expected)
        assert check.verdict == "pass", check
    assert 0 < float(d.acceptance[0]) < 1  # Metropolis tells, Wolff does not
    assert np.mean(m[:, 1:] * m[:, :-1]) / np.mean(m * m) < 0.5


SLOW = [
    pytest.param(name, marks=pytest.mark.slow) for name in ("hmc", "nuts", "tempering", "mala", "random_walk", "auto")
]


@pytest.mark.parametrize("method", [*SLOW, pytest.param("metropolis", marks=pytest.mark.slow)])
def test_every_method_has_the_exact_energy_and_says_what_it_is_worth(key, method):
    T = np.array([1.0, 2.0])
    result = sample(key, free_field((4, 4), m2=1.0), T, method=method, samples=64 * 100, chains=64)
    assert result.verdict == "pass", result.checks
    assert 0.1 < result.estimates["acceptance"].value < 0.95
    assert result.estimates["effective_samples_per_second"].value > 0
    wrong = sample(key, free_field((4, 4), m2=1.0), T / 0.9, method=method, samples=64 * 100, chains=64)
    E = wrong.arrays["energy"].to_numpy()[wrong.arrays["temperature"].to_numpy() == T[0] / 0.9]
    group = wrong.arrays["chain"].to_numpy()[wrong.arrays["temperature"].to_numpy() == T[0] / 0.9]
    assert mean_value("<S>/V", E / 16, group, 0.5).verdict == "fail"


@pytest.mark.slow
def test_angles_wrap_and_have_their_exact_energy(key):
    """U(1) on 3 x 3 vertices: the plaquette of the Bessel sums, from HMC; angles in [0, 2π)."""
    result = sample(key, U1Gauge((3, 3)), np.array([0.5, 1.0]), method="hmc", samples=64 * 100, chains=64)
    assert result.verdict == "pass", result.checks
    x = result.arrays["configurations"].to_numpy()
    assert x.min() >= 0
    assert x.max() < 2 * np.pi + 1e-6  # kept in float32


@pytest.mark.parametrize(
    ("system", "method", "expected"),
    [(Phi4((4, 4)), "auto", HMC), (DoubleWell(2), "auto", HMC), (MuellerBrown(), "tempering", Tempering),
     (XY((4, 4)), "hmc", HMC), (Phi4((4, 4)), "nuts", Adapted), (Phi4((4, 4)), "langevin", Adapted)],
)  # fmt: skip
def test_continuous_methods_by_name(system, method, expected):
    ensemble = choose(method, system)
    assert type(ensemble) is expected
    assert default_plan(ensemble)["warmup"] >= getattr(ensemble, "adaptation", 0)


@pytest.mark.parametrize(
    ("system", "method"),
    [(Ising((4, 4)), "hmc"), (DoubleWell(2), "metropolis"), (DoubleWell(2), "wolff"), (Phi4((4, 4)), "heat_bath")],
)
def test_methods_that_do_not_fit_are_refused_in_one_line(system, method):
    with pytest.raises(InputError, match=r"^expected .*; found .*; .*\.$"):
        choose(method, system)


def test_a_missing_blackjax_gives_the_line_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "blackjax.mcmc", None)
    with pytest.raises(InputError, match="pip install 'isinglass\\[blackjax\\]'"):
        choose("nuts", Phi4((4, 4)))


@pytest.mark.slow
def test_a_mixture_draws_its_members_with_their_weights(key):
    """A step of RandomWalk(0) leaves x where it is: a share of 3/4 of the chains' sweeps do."""
    system = at_temperatures(Harmonic(1.0), np.array([1.0]))
    mixed = Mixed((RandomWalk(0.0), RandomWalk(0.5)), order="random", weights=(3.0, 1.0))
    still = 0
    for i in range(200):
        k = jax.random.fold_in(key, i)
        state = mixed.init(k, jnp.ones((1, 4, 1)), system)
        still += int(jnp.all(mixed.step(k, state, system)[0].x == state.x))
    assert abs(still / 200 - 0.75) < 4 * (0.75 * 0.25 / 200) ** 0.5
    assert Mixed((HMC(), RandomWalk()), order="random").adaptation == 2000


def test_mala_accepts_what_hastings_says(key):
    """1000 accepted moves x -> y: A = min(1, p(y) q(x | y) / p(x) q(y | x)), q(y | x) = N(y; x + ε ∇ln p, 2ε)."""
    from tests.sampling.gaussians import Harmonic

    system, epsilon = Harmonic(4.0), 0.2
    x = jnp.linspace(-1.5, 1.5, 2000)[:, None]
    step = jax.jit(jax.vmap(lambda k, x: MALA(epsilon).step(k, x, system)))
    y, diagnostics = step(jax.random.split(key, len(x)), x)
    x, y, A = x[:, 0], y[:, 0], np.asarray(diagnostics.acceptance)
    log_q = lambda y, x: -((y - x + epsilon * 4 * x) ** 2) / (4 * epsilon)  # noqa: E731
    expected = np.exp(np.minimum(-2 * y**2 + 2 * x**2 + log_q(x, y) - log_q(y, x), 0))
    moved = np.asarray(x != y)
    assert moved.sum() > 1000
    assert expected[moved].min() < 0.8
    np.testing.assert_allclose(A[moved], expected[moved], atol=1e-12)
