# SPDX-License-Identifier: Apache-2.0
"""HMC: reversible, exact on the free field, second order, the same however it is cut; planted errors are seen."""

import os
import signal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from isinglass.checks.energy import mean_value
from isinglass.errors import InputError, Interrupted
from isinglass.exact.field import free_field as exact
from isinglass.sampling import HMC
from isinglass.sampling.chain.hmc import force_on, leapfrog
from isinglass.sampling.chain.metric import covariance_times, hartley, kinetic_energy, velocity
from isinglass.sampling.chain.sampler import energies
from isinglass.sampling.ensemble import driver
from isinglass.sampling.ensemble.driver import SamplingPlan, draw
from isinglass.sampling.ensemble.start import starts
from isinglass.systems import XY, Phi4, at_temperatures, free_field

MASSES = pytest.mark.parametrize("mass", [pytest.param("unit", marks=pytest.mark.slow), "fourier"])


def scattered(key, system, chains, precision="float64", mass="unit"):
    """A state of HMC in which modes have unequal masses, its ensemble, and the system at one temperature."""
    batch = at_temperatures(system, np.array([1.0]))
    hmc = HMC(adaptation=0, precision=precision, mass=mass, step_size=0.1)
    x = 0.3 * jax.random.normal(key, (1, chains, *system.shape))
    state = hmc.init(key, x, batch)
    spectrum = 1 + jax.random.uniform(key, state.learned.spectrum.shape)
    return hmc, state._replace(learned=state.learned._replace(spectrum=spectrum)), batch


def flight(hmc, state, batch, v, dt, steps):
    """x', v' after so many leapfrog steps, and H before and after."""
    mass, spectrum = hmc.mass_for(batch), state.learned.spectrum
    force = force_on(batch, state.x.dtype)
    acceleration = lambda x: covariance_times(force(x), spectrum, mass)  # noqa: E731
    size = jnp.full(1, dt), jnp.full(1, steps, jnp.int32)
    y, w = jax.jit(lambda x, v: leapfrog(x, v, acceleration, *size))(state.x, v)
    H = lambda x, v: (  # noqa: E731
        energies(jnp.moveaxis(x, (-2, -1), (0, 1)).astype(float), batch) + kinetic_energy(v, spectrum, mass)
    )
    return y, w, H(state.x, v), H(y, w)


@MASSES
@pytest.mark.parametrize(("precision", "round_off"), [("float64", 1e-13), ("float32", 2e-5)])
def test_trajectories_are_reversible_to_round_off(key, mass, precision, round_off):
    hmc, state, batch = scattered(key, Phi4((4, 4)), 16, precision, mass)
    xi = jax.random.normal(key, state.x.shape, state.x.dtype)
    v = velocity(xi, state.learned.spectrum, hmc.mass_for(batch))
    y, w, *_ = flight(hmc, state, batch, v, 0.05, 20)
    back, u, *_ = flight(hmc, state._replace(x=y), batch, -w, 0.05, 20)
    assert float(jnp.abs(y - state.x).max()) > 0.1
    assert float(jnp.abs(back - state.x).max()) < round_off
    assert float(jnp.abs(u + v).max()) < 10 * round_off


@MASSES
def test_the_energy_error_is_of_second_order(key, mass):
    """Slope of log rms ΔH against log dt at fixed length: 2.00 +- 0.03."""
    hmc, state, batch = scattered(key, Phi4((4, 4)), 256, mass=mass)
    v = velocity(jax.random.normal(key, state.x.shape), state.learned.spectrum, hmc.mass_for(batch))
    errors = []
    for steps in (20, 40, 80):
        *_, before, after = flight(hmc, state, batch, v, 0.4 / steps, steps)
        errors.append(float(jnp.sqrt(jnp.mean((after - before) ** 2))))
    slopes = np.log2(np.array(errors[:-1]) / errors[1:])
    np.testing.assert_allclose(slopes, 2.0, atol=0.03)


@pytest.mark.slow
def test_the_jacobian_is_one(key):
    """Automatic differentiation of (x, v) -> (x', v') on a 2 x 2 lattice: ln|det| = 0 to round-off."""
    hmc, state, batch = scattered(key, Phi4((2, 2)), 1, mass="fourier")
    force = force_on(batch, state.x.dtype)

    def move(z):
        x, v = z.reshape(2, *state.x.shape)
        acceleration = lambda x: covariance_times(force(x), state.learned.spectrum, "fourier")  # noqa: E731
        size = jnp.full(1, 0.1), jnp.full(1, 5, jnp.int32)
        return jnp.stack(leapfrog(x, v, acceleration, *size)).reshape(-1)

    z = jnp.concatenate([state.x.reshape(-1), jax.random.normal(key, (4,))])
    assert abs(float(jnp.linalg.slogdet(jax.jacfwd(move)(z))[1])) < 1e-12


def test_the_hartley_transform_is_its_own_inverse():
    for side in (2, 3, 8):
        np.testing.assert_allclose(hartley(side) @ hartley(side), np.eye(side), atol=1e-14)


def run(key, system, hmc, plan, temperatures=(1.0,), **options):
    batch = at_temperatures(system, np.array(temperatures))
    x = starts(key, system, len(temperatures), plan.chains, "random")
    if "mesh" in options:
        x = jax.device_put(x, NamedSharding(options.pop("mesh"), PartitionSpec(None, "chains")))
    return draw(key, hmc, batch, x, plan, **options)


PLAN = SamplingPlan(samples=256 * 100, chains=256, thin=1, warmup=300)


@MASSES
@pytest.mark.parametrize(
    ("shape", "m2", "phi2"),
    [((8, 8), 1.0, 0.254173997690), ((8, 8), 0.25, 0.385501189089)],
)
@pytest.mark.slow
def test_the_free_field_has_its_exact_moments(key, mass, shape, m2, phi2):
    """<phi^2> of the table, <S> = V/2, χ = 1/m², within 4 standard errors; adapted to the acceptance asked for."""
    d = run(key, free_field(shape, m2=m2), HMC(mass=mass, adaptation=300), PLAN)
    assert exact.phi_squared(shape, m2) == pytest.approx(phi2, abs=1e-12)
    chain = np.repeat(np.arange(256), d.order.shape[2])
    kept = np.repeat(np.arange(256), d.x.shape[2])
    for law, values, group, expected in (
        ("phi^2", (d.x[0].astype(float) ** 2).mean((2, 3)), kept, phi2),
        ("<S>/V", d.energy[0] / 64, chain, 0.5),
        ("chi", 64 * d.order[0] ** 2, chain, exact.susceptibility(m2)),
    ):
        check = mean_value(law, values.ravel(), group, expected)
        assert check.verdict == "pass", check
    assert d.acceptance == pytest.approx(0.8, abs=0.05)


@pytest.mark.slow
def test_a_wrong_step_is_caught(key):
    """Weights of 0.95 beta, or no Metropolis test at all with a coarse step, give a wrong <S>."""
    system, chain = free_field((8, 8), m2=1.0), np.repeat(np.arange(256), 100)
    wrong = run(key, system, HMC(adaptation=300), PLAN, temperatures=(1 / 0.95,))
    assert mean_value("<S>/V", wrong.energy.ravel() / 64, chain, 0.5).verdict == "fail"
    hmc, state, batch = scattered(key, system, 256, mass="unit")
    for i in range(20):
        v = jax.random.normal(jax.random.fold_in(key, i), state.x.shape)
        y, *_ = flight(hmc, state, batch, v, 0.5, 4)
        state = state._replace(x=y)
    E = np.asarray(energies(jnp.moveaxis(state.x, (-2, -1), (0, 1)), batch))
    assert mean_value("<S>/V", E.ravel() / 64, np.arange(256), 0.5).verdict == "fail"


@MASSES
def test_exp_of_minus_the_energy_error_averages_to_one(key, mass):
    """<exp(-ΔH)> = 1 in equilibrium (Creutz): from exact draws, at an acceptance near 0.7."""
    system = free_field((4, 4), m2=1.0)
    batch = at_temperatures(system, np.array([1.0]))
    precision = jnp.asarray(exact.spectrum((4, 4), 1.0), complex)
    normal = jax.random.normal(key, (1, 20_000, 4, 4))
    x = jnp.fft.ifftn(jnp.fft.fftn(normal, axes=(2, 3)) / jnp.sqrt(precision)[None, None], axes=(2, 3)).real
    hmc = HMC(adaptation=0, mass=mass, step_size=0.4, length=1.2)
    _, diagnostics = jax.jit(hmc.step)(key, hmc.init(key, x, batch), batch)
    assert 0.5 < float(diagnostics.acceptance.mean()) < 0.9
    values = np.exp(-np.asarray(diagnostics.energy_error)).ravel()
    assert mean_value("<exp(-dH)>", values, np.arange(len(values)), 1.0).verdict == "pass"
    biased = np.exp(-0.5 * np.asarray(diagnostics.energy_error)).ravel()
    assert mean_value("<exp(-dH)>", biased, np.arange(len(values)), 1.0).verdict == "fail"


@pytest.mark.slow
def test_fourier_acceleration_defeats_a_long_correlation_length(key):
    """Free field with ξ = 10: a tenth of the leapfrog steps, and the magnetization forgets at once."""
    system = free_field((16, 16), m2=0.01)
    batch = at_temperatures(system, np.array([1.0]))
    steps = {}
    for mass in ("unit", "fourier"):
        hmc = HMC(mass=mass, adaptation=300)
        state = hmc.init(key, starts(key, system, 1, 64, "random"), batch)
        step = jax.jit(hmc.step)
        for i in range(320):
            before = state.x
            state, diagnostics = step(jax.random.fold_in(key, i), state, batch)
        steps[mass] = int(diagnostics.steps[0])
        m, n = (np.asarray(a).mean((0, 1, 2)) for a in (before, state.x))
        assert abs(np.corrcoef(m, n)[0, 1]) < 0.6  # 64 chains: standard error 0.12
    assert steps["unit"] > 8 * steps["fourier"], steps


TWO = {"temperatures": (1.0, 2.0)}
SMALL = SamplingPlan(samples=64, chains=8, thin=2, warmup=30)


@pytest.mark.slow
def test_any_block_size_and_any_number_of_devices_gives_the_same(key, monkeypatch):
    """Bit for bit for the blocks; sums over sharded chains are rounded otherwise: 1e-9 after 60 trajectories."""
    system, hmc = Phi4((4, 4), m2=-4.0, lam=4.0), HMC(adaptation=30, precision="float64", max_steps=16)
    whole = run(key, system, hmc, SMALL, **TWO)
    assert len(jax.devices()) == 4
    sharded = run(key, system, hmc, SMALL, mesh=Mesh(np.array(jax.devices()), ("chains",)), **TWO)
    np.testing.assert_allclose(whole.x, sharded.x, atol=1e-6)  # kept in float32
    np.testing.assert_allclose(whole.energy, sharded.energy, atol=1e-9)
    monkeypatch.setattr(driver, "SITES_PER_BLOCK", 1)
    cut = run(key, system, hmc, SMALL, **TWO)
    np.testing.assert_array_equal(whole.x, cut.x)
    np.testing.assert_array_equal(whole.acceptance, cut.acceptance)


@pytest.mark.slow
def test_interrupted_anywhere_resumes_bit_for_bit(key, tmp_path, monkeypatch):
    """Also in the middle of the adaptation, whose numbers are part of the state."""
    system, hmc = Phi4((4, 4), m2=-4.0, lam=4.0), HMC(adaptation=30, max_steps=16)
    whole = run(key, system, hmc, SMALL, **TWO)
    monkeypatch.setattr(driver, "SITES_PER_BLOCK", 1)
    calls = 0

    def stop_after_five(done, total, message):
        nonlocal calls
        calls += 1
        if calls % 5 == 0:
            os.kill(os.getpid(), signal.SIGTERM)

    for _ in range(60):
        try:
            resumed = run(key, system, hmc, SMALL, checkpoint=tmp_path, progress=stop_after_five, **TWO)
            break
        except Interrupted:
            continue
    assert calls > 12
    np.testing.assert_array_equal(whole.x, resumed.x)
    np.testing.assert_array_equal(whole.energy, resumed.energy)
    np.testing.assert_array_equal(whole.acceptance, resumed.acceptance)


def test_what_hmc_cannot_do_is_refused(key):
    with pytest.raises(InputError, match="warm-up of at least the 30 sweeps"):
        run(key, Phi4((4, 4)), HMC(adaptation=30), SamplingPlan(samples=8, chains=8, warmup=10))
    broken = eqx.tree_at(lambda s: s.r, Phi4((4, 4)), jnp.asarray(jnp.nan))
    with jax.debug_nans(False), pytest.raises(InputError, match="finite energy at every start"):  # noqa: FBT003
        run(key, broken, HMC(adaptation=0), SamplingPlan(samples=8, chains=8, warmup=10))
    with pytest.raises(InputError, match="translation symmetry on a lattice"):
        HMC(mass="fourier").mass_for(XY((4, 4)))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lam", "phi2", "phi4", "chi"), [(8.0, 0.14774621, 0.0443759, 0.6839676), (6.975, 0.1673918, 0.0557090, 0.9349727)]
)
def test_phi4_on_4_x_4_has_its_exact_moments_to_half_a_percent(key, lam, phi2, phi4, chi):
    plan = SamplingPlan(samples=1024 * 700, chains=1024, thin=2, warmup=500)
    d = run(key, Phi4((4, 4), m2=-4.0, lam=lam), HMC(target=0.9), plan)
    x, kept = d.x[0].astype(float), np.repeat(np.arange(1024), d.x.shape[2])
    for law, values, expected in (
        ("phi^2", (x**2).mean((2, 3)), phi2),
        ("phi^4", (x**4).mean((2, 3)), phi4),
        ("chi", 16 * x.mean((2, 3)) ** 2, chi),
    ):
        check = mean_value(law, values.ravel(), kept, expected)
        assert check.verdict == "pass", check
        assert check.error is not None
        assert check.error < 0.005 * expected / 3


def test_a_short_step_keeps_the_energy(key):
    """ΔH of a trajectory that turns kinetic into potential energy is O(dt²): 2e-3 where each of them changes by 0.1.

    A kinetic part off by two in a hundred is seen.
    """
    batch = at_temperatures(free_field((2, 2), m2=1.0), np.array([1.0]))
    hmc = HMC(adaptation=0, precision="float64", mass="unit", step_size=0.003, length=0.3)
    state = hmc.init(key, jax.random.normal(key, (1, 64, 2, 2)), batch)
    moved, diagnostics = jax.jit(hmc.step)(key, state, batch)
    assert float(jnp.abs(moved.energy - state.energy).mean()) > 0.1
    assert float(jnp.abs(diagnostics.energy_error).max()) < 2e-3
    assert float(diagnostics.acceptance.min()) > 0.99
