# SPDX-License-Identifier: Apache-2.0
"""Drawing from diffusion models: orders of convergence, exact densities, and the planted errors that break them."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import norm
from tests.nets.diffusion.diffused import MixtureDenoiser, gaussian_denoiser, mixture

from isinglass.nets.diffusion.denoiser import AbstractDenoiser, Denoiser
from isinglass.nets.diffusion.diffusion import Diffusion, ProbabilityFlow
from isinglass.nets.diffusion.gaussian_reference import CenteredGaussian, IsotropicGaussian, SpectralGaussian
from isinglass.nets.diffusion.noise_schedule import Discrete, VarianceExploding, VariancePreserving
from isinglass.nets.diffusion.score_field import ScoreField
from isinglass.nets.diffusion.score_mlp import ScoreMLP
from isinglass.nets.diffusion.score_particles import ScoreParticles
from isinglass.nets.transport.pair_velocity import PairVelocity
from isinglass.run.model_file import load_generator, load_model, save_model
from isinglass.stats.goodness_of_fit import kolmogorov_smirnov

SCALE = 1.6  # of Gaussian data, while the reference believes in 1


@eqx.filter_jit
def standard_deviation(model: Diffusion):
    """Of what it draws, from the linear map that each step is: no sampling."""
    levels, key = model.denoiser.schedule.levels(model.steps, jnp.float64), jax.random.key(0)
    zero, one = jnp.zeros(1), jnp.ones(1)
    z = model.denoiser.gaussian.noise(key, jnp.float64)[0]

    def step(variance, ends):
        noise = model.step(key, zero, *ends)[0] / z
        slope = (model.step(key, one, *ends) - model.step(key, zero, *ends))[0]
        return slope**2 * variance + noise**2, None

    at = model.denoiser.schedule.scales(levels[0])
    variance, _ = jax.lax.scan(step, at.alpha**2 + at.sigma**2, (levels[:-1], levels[1:]))
    return jnp.sqrt(variance) * model.denoiser.data(one, levels[-1])[0]


@eqx.filter_jit
def flow_deviation(model: ProbabilityFlow):
    """Of what the flow draws: it is linear."""
    return model.to_data(jnp.ones(1))[0]


def order(error, steps):
    """Slope of ln error against -ln steps."""
    return -np.polyfit(np.log(steps), np.log(np.abs(error)), 1)[0]


@pytest.mark.slow
@pytest.mark.parametrize("eta", [0.0, 0.5, 1.0])
def test_error_of_the_covariance_falls_as_one_over_steps(eta):
    exact = gaussian_denoiser(VariancePreserving(), SCALE)
    steps = np.array([100, 200, 400])
    error = [float(standard_deviation(Diffusion(exact, int(n), eta))) / SCALE - 1 for n in steps]
    assert abs(order(error, steps) - 1) < 0.15
    assert abs(error[-1]) < 0.02


class TooMuchNoise(Diffusion):
    """The planted error: noise is added as in ancestral sampling, but none of the old noise is taken away."""

    def step(self, key, x, here, there):
        z = self.denoiser.gaussian.noise(key, x.dtype)
        return Diffusion(self.denoiser, self.steps, 0.0).step(key, x, here, there) + 0.1 * z * jnp.exp(-there / 2)


def test_a_wrong_reverse_step_does_not_converge():
    wrong = TooMuchNoise(gaussian_denoiser(VariancePreserving(), SCALE), 400)
    assert abs(float(standard_deviation(wrong)) / SCALE - 1) > 0.03


@pytest.mark.parametrize(("solver", "expected", "steps"), [("heun", 2, [40, 80, 160]), ("rk4", 4, [20, 40, 80])])
@pytest.mark.parametrize("schedule", [VariancePreserving(), VarianceExploding()], ids=["vp", "ve"])
def test_order_of_the_probability_flow(solver, expected, steps, schedule):
    """X = w √((α_1² + σ_1²)/(α_1² s² + σ_1²)) √(α_0² s² + σ_0²) for data of variance s²."""
    exact = gaussian_denoiser(schedule, SCALE)
    (a1, s1), (a0, s0) = (schedule.scales(end) for end in schedule.ends(jnp.float64))
    truth = float(jnp.sqrt((a1**2 + s1**2) / (a1**2 * SCALE**2 + s1**2) * (a0**2 * SCALE**2 + s0**2)))
    error = [float(flow_deviation(ProbabilityFlow(exact, n, solver))) / truth - 1 for n in steps]
    assert expected - 0.3 < order(error, steps) < expected + 1, error


def test_flow_has_the_exact_density(key):
    """ln q = ln p_t at the flow's end, to 1e-3: mean and variance of the reference are the data's."""
    exact = mixture(VariancePreserving())
    flow = ProbabilityFlow(exact, 60)
    x = jax.random.normal(key, (6, 2))
    truth = exact.log_density(x, exact.schedule.ends(jnp.float64)[1])
    found = eqx.filter_jit(eqx.filter_vmap(flow.log_prob))(x)
    np.testing.assert_allclose(found, truth, atol=1e-3)

    wrong = HalfWay(exact.gaussian, exact.schedule, exact)  # planted: half of the drift
    assert np.abs(eqx.filter_jit(eqx.filter_vmap(ProbabilityFlow(wrong, 60).log_prob))(x) - truth).max() > 0.1


class HalfWay(AbstractDenoiser):
    """The same mixture, its guess drawn half way to the Gaussian one."""

    gaussian: IsotropicGaussian
    schedule: VariancePreserving
    exact: MixtureDenoiser

    def data(self, x, log_snr):
        return 0.5 * self.exact.data(x, log_snr) + 0.5 * self.gaussian.wiener(x, self.schedule.scales(log_snr))


@pytest.mark.slow
def test_draws_and_density_belong_together(key):
    """Ln q of a draw is ln q; the first coordinate follows the mixture (false alarm 1e-4; a shift of 0.1 is seen)."""
    exact = mixture(VariancePreserving())
    flow = ProbabilityFlow(exact, 40)
    x, log_q = eqx.filter_jit(flow.sample_with_log_prob)(key, 4000)
    assert x.dtype == jnp.float32
    again = eqx.filter_jit(eqx.filter_vmap(flow.log_prob))(x[:20])
    np.testing.assert_allclose(log_q[:20], again, atol=2e-3)

    weight, mean, scale = exact.table(exact.schedule.ends(jnp.float64)[1])

    def p_value(x):
        z = (np.asarray(x, np.float64)[:, None] - mean[:, 0]) / scale[:, 0]
        return float(kolmogorov_smirnov(jnp.asarray(norm.cdf(z) @ weight)).p_value)

    assert p_value(x[:, 0]) > 1e-4
    assert p_value(x[:, 0] + 0.1) < 1e-4
    ancestral = eqx.filter_jit(Diffusion(exact, 400).sample)(key, 4000)
    assert p_value(ancestral[:, 0]) > 1e-4


def random_model(key):
    """A network that is not zero: what it stands for is nothing in particular, but a density nevertheless."""
    net = ScoreMLP(key=key, shape=(2,), width=16, depth=1)
    net = eqx.tree_at(lambda n: n.last, net, 0.3 * jax.random.normal(key, net.last.shape, jnp.float32))
    reference = eqx.tree_at(lambda g: g.unit, IsotropicGaussian(shape=(2,)), jnp.float32(1.3))
    return Denoiser(net, reference, VariancePreserving())


@pytest.mark.slow
def test_any_flow_is_normalized(key):
    """∫ q = 1 by quadrature on 121² points."""
    flow = ProbabilityFlow(random_model(key), 20)
    grid = np.linspace(-12, 12, 121)
    points = np.stack(np.meshgrid(grid, grid), axis=-1).reshape(-1, 2)
    log_q = eqx.filter_jit(lambda x: jax.lax.map(flow.log_prob, x, batch_size=2048))(jnp.asarray(points))
    assert np.exp(log_q).sum() * (grid[1] - grid[0]) ** 2 == pytest.approx(1.0, abs=2e-3)
    wrong = flow.denoiser.gaussian.dimension * np.log(1.3)  # planted: the unit forgotten
    assert abs(np.exp(log_q + wrong).sum() * (grid[1] - grid[0]) ** 2 - 1) > 0.1


def test_round_trip_and_chunks(key):
    flow = ProbabilityFlow(mixture(VariancePreserving()), 40)
    w = jax.random.normal(key, (5, 2))
    there = eqx.filter_jit(eqx.filter_vmap(flow.to_data))(w)
    np.testing.assert_allclose(eqx.filter_jit(eqx.filter_vmap(flow.to_noise))(there), w, atol=2e-3)
    coarse = ProbabilityFlow(flow.denoiser, 6)
    assert np.abs(eqx.filter_jit(eqx.filter_vmap(coarse.to_noise))(there) - w).max() > 2e-3  # planted: too few steps
    whole, parts = (eqx.filter_jit(ProbabilityFlow(flow.denoiser, 10, chunk=c).log_prob)(w[0]) for c in (64, 1))
    assert float(abs(whole - parts)) < 1e-12


def test_random_probes_are_unbiased_and_know_their_error(key):
    """400 estimates of 4 probes each: mean within 4 errors of the exact ln q, spread as stated within 20 %."""
    flow = ProbabilityFlow(random_model(key), 10)
    x = jnp.array([0.4, -0.8])
    exact = eqx.filter_jit(flow.log_prob)(x)
    estimate = eqx.filter_jit(eqx.filter_vmap(lambda k: flow.estimate_log_prob(k, x, 4)))(jax.random.split(key, 400))
    spread = float(jnp.std(estimate.value))
    assert abs(float(estimate.value.mean() - exact)) < 4 * spread / 20
    assert float(jnp.sqrt(jnp.mean(estimate.error**2))) == pytest.approx(spread, rel=0.2)
    assert abs(float(estimate.value.mean() - exact) + 0.5 * spread) > 4 * spread / 20  # planted: half an error off
    with pytest.raises(ValueError, match="at least 2 probes"):
        flow.estimate_log_prob(key, x, 1)


def test_implicit_steps_are_deterministic(key):
    """Without η the key of a step plays no part; with it, it does."""
    exact, x = mixture(VariancePreserving()), jnp.array([0.3, 0.1])
    ends = jnp.asarray(-1.0), jnp.asarray(0.0)
    for eta, same in ((0.0, True), (1.0, False)):
        a, b = (Diffusion(exact, 10, eta).step(k, x, *ends) for k in jax.random.split(key))
        assert bool(jnp.array_equal(a, b)) is same


def test_all_steps_of_the_discrete_chain(key):
    """The posterior mean and variance of DDPM, eqs. 6 and 7 of arXiv:2006.11239, at k = 30 of 50."""
    schedule = Discrete(steps=50, beta_last=0.2)
    exact, k = mixture(schedule), 30
    beta = np.linspace(1e-4, 0.2, 50)
    bar = np.cumprod(1 - beta)
    x = jnp.array([0.3, -1.1])
    here, there = (schedule.log_snr(jnp.asarray(n / 50)) for n in (k, k - 1))
    D = np.asarray(exact.data(x, here))
    b, now, then = beta[k - 1], bar[k - 1], bar[k - 2]
    mean = np.sqrt(then) * b / (1 - now) * D + np.sqrt(1 - b) * (1 - then) / (1 - now) * np.asarray(x)
    sigma = np.sqrt((1 - then) / (1 - now) * b)
    z = exact.gaussian.noise(key, jnp.float64)
    step = np.asarray(Diffusion(exact, 50).step(key, x, here, there))
    np.testing.assert_allclose(step, mean + sigma * np.asarray(z), rtol=1e-8)
    assert np.abs(step - (mean + np.sqrt(b) * np.asarray(z))).max() > 1e-4  # planted: the other usual variance


def models(key):
    field = ScoreField(key=key, dimension=2, channels=4, depth=2, odd=True)
    particles = ScoreParticles(PairVelocity(key=key, shape=(4, 2)))
    return {
        "field": Diffusion(Denoiser(field, SpectralGaussian(shape=(4, 4)), Discrete()), 10, 0.5),
        "particles": ProbabilityFlow(Denoiser(particles, CenteredGaussian(shape=(4, 2)), VarianceExploding()), 3),
        "dense": ProbabilityFlow(random_model(key), 3, "heun"),
    }


@pytest.mark.slow
def test_models_come_back_and_draw_the_same(key, tmp_path):
    made = models(key)
    save_model(tmp_path, made)
    loaded = load_model(tmp_path)
    for name, model in made.items():
        a, b = (eqx.filter_jit(m.sample)(key, 3) for m in (model, loaded[name]))
        np.testing.assert_array_equal(a, b)
    assert not np.array_equal(a, eqx.filter_jit(made["dense"].sample)(jax.random.key(1), 3))


def test_a_model_of_another_lattice_is_refused(key, tmp_path):
    save_model(tmp_path, models(key)["field"])
    assert load_generator(tmp_path, (4, 4)).steps == 10
    with pytest.raises(ValueError, match=r"expected a model for the lattice \(8, 8\)"):
        load_generator(tmp_path, (8, 8))
