# SPDX-License-Identifier: Apache-2.0
"""Independence Metropolis: exact whatever the density has learned; a biased acceptance is caught.

False alarm of each random test 1e-4; resolution: isinglass.checks.equilibrium.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from tests.sampling.gaussians import Coins, Harmonic, Normal

from isinglass.checks.equilibrium import (
    all_spins,
    boltzmann,
    chi_square,
    detailed_balance,
    flux_balance,
    index_of,
    reaches_equilibrium,
    stationarity,
    transition_matrix,
)
from isinglass.sampling import Metropolis
from isinglass.sampling.ensemble.driver import SamplingPlan, draw
from isinglass.sampling.weight.importance import Weighted, importance_sample
from isinglass.sampling.weight.independence import (
    Independence,
    IndependenceMove,
    acceptance,
    metropolis_sample,
    metropolize,
)
from isinglass.systems import Ising, at_temperatures
from isinglass.systems.field.phi4 import free_field

SYSTEM = Ising((2, 2), temperature=3.0, h=0.2)
COINS = Coins((2, 2), jnp.array([[0.7, 0.5], [0.4, 0.6]], jnp.float32))
STATES = all_spins((2, 2))
LOG_P = np.asarray(jax.vmap(SYSTEM.log_weight)(jnp.asarray(STATES)))
LOG_Q = np.asarray(jax.vmap(COINS.log_prob)(jnp.asarray(STATES)), float)


def pairs(log_w):
    """ln w' and ln w of all transitions."""
    return [jnp.asarray(a) for a in np.meshgrid(log_w, log_w)]


def chain(rule):
    """The exact 16 x 16 transition matrix under an acceptance rule of ln w' and ln w."""
    log_w = LOG_P - LOG_Q
    A = np.asarray(rule(*pairs(log_w)))
    q = np.exp(LOG_Q) / np.exp(LOG_Q).sum()
    return transition_matrix(STATES, lambda i: [(j, q[j]) for j in range(16)], lambda i, j: A[i, j])


@pytest.mark.parametrize(
    ("rule", "verdict"),
    [(acceptance, "pass"), (lambda new, old: 0.9 * acceptance(new, old), "pass"),
     (lambda new, old: acceptance(1.02 * new, 1.02 * old), "fail"),
     (lambda new, old: jnp.maximum(acceptance(new, old), 0.3), "fail"),
     (lambda new, old: acceptance(*pairs(LOG_P)), "fail")],
    ids=["metropolis", "lazy", "2 % in ln w", "accepts too often", "forgets q"],
)  # fmt: skip
def test_detailed_balance_by_enumeration(rule, verdict):
    """All 256 transitions of the 2 x 2 lattice; float32 ln q leaves 1e-7."""
    assert detailed_balance(chain(rule), LOG_P, tolerance=1e-6).verdict == verdict


def ensemble_step(ensemble):
    """One step of the ensemble from a state x: (key, x) -> x'."""

    def step(key, x):
        batch = at_temperatures(SYSTEM, jnp.array([3.0]))
        state = ensemble.place(ensemble.init(key, x[None, None], batch), x[None, None], batch)
        return ensemble.step(key, state, batch)[0].x[0, 0]

    return step


STEPS = {
    "move": lambda key, x: IndependenceMove(COINS).step(key, x, SYSTEM)[0],
    "ensemble": ensemble_step(Independence(COINS)),
    "ensemble of 3": ensemble_step(Independence(COINS, proposals=3, chunk=2)),
}


@pytest.mark.parametrize("name", list(STEPS))
def test_a_step_leaves_the_law_invariant_and_is_reversible(key, name):
    for law in (stationarity, flux_balance):
        check = law(key, STEPS[name], STATES, LOG_P)
        assert check.verdict == "pass", check


def test_chains_from_one_state_reach_the_law(key):
    check = reaches_equilibrium(key, STEPS["ensemble of 3"], STATES[5], STATES, LOG_P, steps=20)
    assert check.verdict == "pass", check


@pytest.mark.parametrize("planted", ["forgets q", "too warm"])
def test_planted_errors_of_the_step_are_caught(key, planted, monkeypatch):
    """A proposal density that is forgotten, and a law at 0.8 beta, are seen."""
    if planted == "forgets q":
        monkeypatch.setattr(COINS.__class__, "log_prob", lambda self, x: jnp.zeros((), jnp.float32))
        check = stationarity(key, STEPS["move"], STATES, LOG_P)
    else:
        check = stationarity(key, STEPS["move"], STATES, 0.8 * LOG_P)
    assert check.verdict == "fail"


def test_metropolized_draws_have_the_law(key):
    """20 000 chains of 30 proposals: their last configurations against all 16 states; unweighted draws fail."""
    weighted = importance_sample(key, COINS, SYSTEM, 600_000)
    for accepted, verdict in ((True, "pass"), (False, "fail")):
        log_weight = weighted.log_weight if accepted else np.zeros(600_000)
        chains = metropolize(jax.random.fold_in(key, 1), weighted._replace(log_weight=log_weight), 20_000)

        counts = np.bincount(index_of(STATES, chains.x[:, -1]), minlength=16)
        assert chi_square("law", counts, 20_000 * boltzmann(LOG_P)).verdict == verdict


def test_one_call_makes_a_density_exact(key):
    system, model = free_field((8,), m2=1.0), Normal((8,), scale=0.7)
    chains = metropolis_sample(key, model, system, 200_000, chains=2000)
    assert chains.x.shape == (2000, 100, 8)
    means = np.mean(chains.x[:, 20:] ** 2, axis=(1, 2))
    assert abs(means.mean() - 0.447619047619) < 4 * means.std() / 2000**0.5 < 0.02
    raw = importance_sample(key, model, system, 1000).x
    assert abs(np.mean(raw**2) - 0.447619047619) > 0.02


def test_acceptance_is_that_of_the_weights(key):
    """q = p: all accepted.  Shifted by δ, <A> = erfc(δ / 2√2 · √2 ...) is found by quadrature of the weights."""
    model = Normal((1,))
    same = metropolis_sample(key, model, Harmonic(1.0), 1000, chains=10)
    assert same.accepted.all()
    shifted = metropolis_sample(key, model, Harmonic(1.0, a=0.5), 400_000, chains=4000)
    x = np.linspace(-8, 8, 2001)
    q, p = np.exp(-0.5 * x**2), np.exp(-0.5 * (x - 0.5) ** 2)
    q, p, w = q / q.sum(), p / p.sum(), 0.5 * x
    exact = np.sum(p[:, None] * q[None] * np.minimum(1, np.exp(w[None] - w[:, None])))
    share = shifted.accepted[:, 20:].mean(axis=1)
    assert abs(share.mean() - exact) < 4 * share.std() / 4000**0.5


def test_chains_leave_what_has_no_weight_and_never_enter_it(key):
    nowhere = -np.inf
    weighted = Weighted(np.arange(4), np.array([nowhere, nowhere, 0.0, nowhere]), np.zeros(4))
    chains = metropolize(key, weighted)
    np.testing.assert_array_equal(chains.x[0], [0, 0, 2, 2])
    with jax.debug_nans(False):  # noqa: FBT003
        chains = metropolize(key, weighted._replace(log_weight=np.array([np.nan, 0.0, np.nan, -0.1])))
    np.testing.assert_array_equal(chains.x[0, :3], [0, 1, 1])


def run(key, ensemble, mesh=None):
    system = free_field((4, 4), m2=1.0)
    x = jnp.zeros((2, 64, 4, 4))
    if mesh is not None:
        x = jax.device_put(x, NamedSharding(mesh, PartitionSpec(None, "chains")))
    batch = at_temperatures(system, jnp.array([1.0, 1.5]))
    return draw(key, ensemble, batch, x, SamplingPlan(samples=64 * 20, chains=64, thin=2, warmup=20))


@pytest.mark.slow
def test_under_the_driver_any_chunk_and_four_devices_give_the_same(key):
    """One proposal or several, in chunks or not, on one device or four: the same chains; <S>/V = T/2 (B11)."""
    model = Normal((4, 4), scale=0.55)
    one = run(key, Independence(model))
    mesh = Mesh(np.array(jax.devices()), ("chains",))
    for other in (run(key, Independence(model, chunk=50)), run(key, Independence(model), mesh)):
        np.testing.assert_allclose(other.x, one.x, atol=1e-6)
        np.testing.assert_allclose(other.energy, one.energy, rtol=1e-6)
    many = run(key, Independence(model, proposals=16))
    assert (many.diagnosis.effective_samples > one.diagnosis.effective_samples).all()
    assert one.energy.mean() / 16 != pytest.approx(0.6, abs=1e-3)
    means = many.energy.mean(axis=2) / 16
    error = means.std(axis=1) / 8
    assert (np.abs(means.mean(axis=1) - [0.5, 0.75]) < 4.5 * error).all()


@pytest.mark.slow
@pytest.mark.parametrize("chunk", [None, 100, 4096])
@pytest.mark.parametrize("devices", [1, 4])
def test_law_on_devices_and_chunks(key, chunk, devices):
    """Final states of 20 000 sharded chains against all 16 states of the 2 x 2 lattice."""
    ensemble = Independence(COINS, proposals=3, chunk=chunk)
    mesh = Mesh(np.array(jax.devices()[:devices]), ("chains",))
    x = jax.device_put(jnp.zeros((1, 20_000, 2, 2), jnp.int8), NamedSharding(mesh, PartitionSpec(None, "chains")))
    plan = SamplingPlan(samples=20_000, chains=20_000, thin=1, warmup=10)
    found = draw(key, ensemble, at_temperatures(SYSTEM, jnp.array([3.0])), x, plan).x[0, :, -1]
    counts = np.bincount(index_of(STATES, found), minlength=16)
    assert chi_square("law", counts, 20_000 * boltzmann(LOG_P)).verdict == "pass"
    assert chi_square("law", counts, 20_000 * boltzmann(0.85 * LOG_P)).verdict == "fail"


@pytest.mark.slow
@pytest.mark.parametrize("order", ["cycle", "random"])
@pytest.mark.parametrize("biased", [False, True], ids=["right", "planted: forgets ln q"])
def test_local_and_global_moves_together(key, order, biased, monkeypatch):
    """In a cycle and in a mixture with local flips, both forms of the global move leave the law invariant."""
    mixed = pytest.importorskip("isinglass.sampling.chain.mixed")
    batch = at_temperatures(SYSTEM, jnp.array([3.0]))
    if biased:
        monkeypatch.setattr(Coins, "log_prob", lambda self, x: jnp.zeros((), jnp.float32))
    for member in (IndependenceMove(COINS), Independence(COINS)):
        ensemble = mixed.Mixed((Metropolis(), member), order=order)

        def step(k, x, ensemble=ensemble):
            x = x[None, None]
            state = ensemble.place(ensemble.init(k, x, batch), x, batch)
            return ensemble.configurations(ensemble.step(k, state, batch)[0])[0, 0]

        assert stationarity(key, step, STATES, LOG_P).verdict == ("fail" if biased else "pass")
