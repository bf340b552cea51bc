# SPDX-License-Identifier: Apache-2.0
"""Observables of samples against dense matrices; what is seen on the way, stopped, broken off and gone on with."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from scipy.stats import sem

from isinglass.approximation.exact.exact_diagonalization import dense
from isinglass.approximation.variational.born_sampling import FullSummation, MarkovChains
from isinglass.approximation.variational.correlation import correlations_of_samples
from isinglass.approximation.variational.energy import averaged, expected_values, measure
from isinglass.approximation.variational.ground_state import move_of, optimizer_for, sampler_for
from isinglass.approximation.variational.log_derivatives import Dense
from isinglass.approximation.variational.markov_chain import Exchange, Flip, Hop
from isinglass.approximation.variational.marshall import rotated, sign_rule
from isinglass.approximation.variational.update_rule import GradientDescent
from isinglass.approximation.variational.variational_monte_carlo import VariationalMonteCarlo, Watch, block, optimize
from isinglass.errors import InputError
from isinglass.nets.wavefunction.rbm import RBM
from isinglass.systems.graph import hypercubic
from isinglass.systems.quantum.hamiltonian import Hamiltonian
from isinglass.systems.quantum.heisenberg import heisenberg
from isinglass.systems.quantum.hilbert_space import bosons, spins
from isinglass.systems.quantum.operator import X, Y, Z
from isinglass.systems.quantum.term import parse
from isinglass.systems.quantum.transverse_field_ising import transverse_field_ising

N = 6
RING = transverse_field_ising(hypercubic((N,)), 0.9)
PSI = RBM(key=jax.random.key(3), n_sites=N, scale=0.2)
OPERATORS = {name: Hamiltonian(A, RING.space) for name, A in {
    "x": X(0), "zz": Z(0) @ Z(2), "yy": 0.3 * (Y(0) @ Y(1)) + 0.1 * X(4)}.items()}  # fmt: skip


def amplitudes(space, psi=PSI):
    """ψ(n), normalized, as NumPy sees it."""
    n = jax.vmap(space.decode)(jnp.asarray(space.states()))
    vector = np.exp(np.asarray(jax.vmap(psi.log_psi)(space.variables(n, float))))
    return vector / np.linalg.norm(vector)


@pytest.mark.slow
def test_observables_are_those_of_dense_matrices(key):
    """Summed: ψ†Aψ to round-off, without error; by chains within 4 errors, H itself the measured energy."""
    psi = amplitudes(RING.space)
    exact = {name: (psi.conj() @ np.asarray(dense(A)) @ psi).real for name, A in OPERATORS.items()}
    found = measure(key, RING, FullSummation(RING.space), PSI)
    values = expected_values(OPERATORS, PSI, found.n, found.weights)
    for name, value in values.items():
        assert value.value == pytest.approx(exact[name], abs=1e-12)
        assert value.error == 0.0
    assert abs(exact["yy"] - exact["x"]) > 0.1  # planted: another operator
    found = measure(key, RING, MarkovChains(Flip(), 512, 512), PSI)
    values = expected_values(OPERATORS | {"H": RING}, PSI, found.n, None)
    assert values.pop("H") == found.energy
    for name, value in values.items():
        assert abs(value.value - exact[name]) < 4.5 * value.error < 0.2, name


@pytest.mark.slow
def test_errors_of_observables_are_honest():
    """200 seeds: within one error in 58 to 78 %, within two in 90 to 99 %, four errors of a share of 200."""
    psi = amplitudes(RING.space)
    deviations = []
    for seed in range(200):
        found = measure(jax.random.key(seed), RING, MarkovChains(Flip(), 128, 128), PSI)
        for name, value in expected_values(OPERATORS, PSI, found.n, None).items():
            exact = (psi.conj() @ np.asarray(dense(OPERATORS[name])) @ psi).real
            deviations.append((value.value - exact) / value.error)
    z = np.abs(np.array(deviations)).reshape(200, -1)
    assert ((z < 1).mean(axis=0) > 0.55).all(), (z < 1).mean(axis=0)
    assert ((z < 1).mean(axis=0) < 0.81).all(), (z < 1).mean(axis=0)
    assert ((z < 2).mean(axis=0) > 0.89).all(), (z < 2).mean(axis=0)


def test_observables_are_rotated_with_the_hamiltonian(key):
    """Exact ground state of the Heisenberg ring without its signs: <A> of both signs as NumPy has it; planted: not."""
    H = heisenberg(hypercubic((N,)))
    rule, A = sign_rule(H), Hamiltonian(parse("0.5 X(0) X(1) + 0.5 Y(0) Y(1)"), H.space)
    vector = np.linalg.eigh(np.asarray(dense(H)))[1][:, 0]
    exact = vector @ np.asarray(dense(A)).real @ vector
    positive = np.abs(vector)
    assert positive @ np.asarray(dense(rotated(A, rule))).real @ positive == pytest.approx(exact, abs=1e-12)
    assert positive @ np.asarray(dense(A)).real @ positive == pytest.approx(-exact, abs=1e-12)


@pytest.mark.parametrize("shape", [None, (N,), (2, 3)])
def test_correlations_are_those_of_the_law(key, shape):
    """Σ_n p(n) z_i z_j by hand; averaged over i where there is a torus; of chains within 4.5 errors."""
    p, n = amplitudes(RING.space) ** 2, np.asarray(jax.vmap(RING.space.decode)(jnp.asarray(RING.space.states())))
    z = 1.0 - 2 * n
    pairs = np.einsum("s,si,sj->ij", p, z, z)
    if shape is None:
        exact = pairs
    else:
        sites = np.arange(N).reshape(shape)
        shifted = [np.roll(sites, [-s for s in r], range(len(shape))).ravel() for r in np.ndindex(*shape)]
        exact = np.array([np.mean([pairs[i, j] for i, j in zip(sites.ravel(), other, strict=True)])
                          for other in shifted]).reshape(shape)  # fmt: skip
    found = measure(key, RING, FullSummation(RING.space), PSI)
    C, error = correlations_of_samples(RING.space, found.n, found.weights, shape)
    np.testing.assert_allclose(C, exact, atol=1e-12)
    assert not error.any()
    found = measure(key, RING, MarkovChains(Flip(), 512, 512), PSI)
    C, error = correlations_of_samples(RING.space, found.n, None, shape)
    assert (np.abs(C - exact) <= 4.5 * error + 1e-7).all()
    assert C.ravel()[0] == 1.0


def tiny(watch=None, **options):
    vmc = VariationalMonteCarlo(RING, MarkovChains(Flip(), 32, 32))
    return optimize(jax.random.key(0), vmc, PSI, 8, block_steps=2, watch=watch, **options)


@pytest.mark.slow
def test_a_watched_run_takes_the_same_steps():
    """Energies with and without; a row for each block, the last of the state at the end."""
    watched, bare = tiny(Watch(OPERATORS)), tiny()
    np.testing.assert_array_equal(watched.history["energy"], bare.history["energy"])
    assert [row["step"] for row in watched.seen] == [2, 4, 6, 8]
    assert list(watched.seen[0]) == ["step"] + [f"{name}{end}" for name in ("energy", "energy_variance", *OPERATORS)
                                               for end in ("", "_error")]  # fmt: skip
    psi, last = amplitudes(RING.space, watched.psi), watched.seen[-1]
    for name, A in {"energy": RING, **OPERATORS}.items():
        assert abs(last[name] - (psi.conj() @ np.asarray(dense(A)) @ psi).real) < 4.5 * last[f"{name}_error"], name
    assert bare.seen == []


def test_a_callback_stops_the_run_and_it_stays_stopped(tmp_path):
    """After 4 of 8 steps; the same call again is done at once and calls nothing."""
    told = []
    stop = lambda step, seen: told.append((step, sorted(seen))) or step == 4  # noqa: E731
    file = tmp_path / "run.safetensors"
    found = tiny(Watch(OPERATORS, stop), checkpoint=file)
    assert told == [(step, sorted(["energy", "energy_variance", *OPERATORS])) for step in (2, 4)]
    assert found.status == "stopped by the callback at step 4"
    assert len(found.history["energy"]) == 4
    again = tiny(Watch(OPERATORS, stop), checkpoint=file)
    assert len(told) == 2
    assert (again.seen, again.status) == (found.seen, found.status)


def test_what_a_callback_raises_is_passed_on_and_the_run_goes_on(tmp_path):
    """Broken off in its third block; then bit for bit as never broken off, each block told once more at most."""
    file, told = tmp_path / "run.safetensors", []

    def fragile(step, seen):
        told.append(step)
        if told == [2, 4, 6]:
            raise RuntimeError("the disk of the user")

    with pytest.raises(RuntimeError, match="the disk of the user"):
        tiny(Watch(OPERATORS, fragile), checkpoint=file)
    found, whole = tiny(Watch(OPERATORS, fragile), checkpoint=file), tiny(Watch(OPERATORS))
    assert told == [2, 4, 6, 6, 8]
    np.testing.assert_array_equal(found.history["energy"], whole.history["energy"])
    np.testing.assert_array_equal(found.psi.W, whole.psi.W)
    assert found.seen == whole.seen
    with pytest.raises(ValueError, match="of this very run"):
        tiny(Watch({"x": OPERATORS["x"]}), checkpoint=file)


def test_a_callback_says_true_false_or_nothing():
    with pytest.raises(InputError, match="True, False or None from the callback; found a int at step 2"):
        tiny(Watch({}, lambda step, seen: 7))
    assert tiny(Watch({}, lambda step, seen: np.bool_(step > 2))).status.endswith("at step 4")


def test_parameters_that_are_no_numbers_end_the_run_with_the_last_good_ones():
    """The step that ends a block makes them infinite, its energy is finite: the start is kept."""
    vmc = VariationalMonteCarlo(RING, FullSummation(RING.space), GradientDescent(optax.sgd(1e308)))
    found = optimize(jax.random.key(0), vmc, PSI, 2, block_steps=1)
    assert found.status.startswith("diverged at step 0")
    np.testing.assert_array_equal(found.psi.W, PSI.W)


def test_the_gradient_is_that_of_one_spin():
    """ln ψ = θ s, H = s: <H> = tanh 2θ, d<H>/dθ = 2/cosh² 2θ."""
    theta, s = 0.3, jnp.array([1.0, -1.0])
    w = jnp.exp(2 * theta * s) / (2 * jnp.cosh(2 * theta))
    rule = GradientDescent(optax.sgd(0.1))
    derivatives = Dense((jnp.sqrt(w) * (s - jnp.sum(w * s)))[:, None], w)
    change, _ = rule.step(derivatives, s, rule.init(jnp.zeros(1)))
    np.testing.assert_allclose(change, 0.1 * 2 / np.cosh(2 * theta) ** 2, atol=1e-12)


def test_errors_are_those_of_the_means_of_chains():
    """Of 8 chains about means of their own, as SciPy has them; sums with weights have none."""
    rng = np.random.default_rng(0)
    E = rng.normal(size=(8, 1)) + 0.1 * rng.normal(size=(8, 50))
    energy, variance = averaged(E, None)
    assert (energy.value, energy.error) == pytest.approx((E.mean(), sem(E.mean(1))))
    assert variance.value == pytest.approx(E.var())
    assert variance.error == pytest.approx(sem(((E - E.mean()) ** 2).mean(1)))
    w = rng.dirichlet(np.ones(400))
    energy, variance = averaged(E, w)
    assert (energy.value, energy.error) == pytest.approx((np.average(E.ravel(), weights=w), 0.0))
    assert variance.value == pytest.approx(np.cov(E.ravel(), aweights=w, ddof=0))


@pytest.mark.slow
def test_plain_descent_follows_the_gradient():
    """One step of optax.sgd(η) is -η d<H>/dθ of all states, by automatic differentiation."""
    params, static = eqx.partition(PSI, eqx.is_inexact_array)
    H, space = jnp.asarray(dense(RING)), RING.space
    n = jax.vmap(space.decode)(jnp.asarray(space.states()))

    def energy(params):
        psi = jnp.exp(jax.vmap(eqx.combine(params, static).log_psi)(space.variables(n, float)))
        return (psi @ H @ psi) / (psi @ psi)

    vmc = VariationalMonteCarlo(RING, FullSummation(space), GradientDescent(optax.sgd(0.01)))
    first, _ = block(jax.random.key(0), vmc, vmc.init(jax.random.key(1), PSI), static, 1)
    expected = jax.tree.map(lambda p, g: p - 0.01 * g, params, jax.grad(energy)(params))
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=1e-10), first.params, expected)


CHAIN = heisenberg(hypercubic((N,)))
BOSONS = Hamiltonian(parse("-1.0 bdag(0) b(1) - 1.0 bdag(1) b(0)"), bosons(2, 2, 2))


@pytest.mark.parametrize(
    ("H", "word", "message"),
    [
        (CHAIN, "local", "moves that stay in the sector; found local flips"),
        (RING, "exchange", "found exchange in a space whose sums are open"),
        (RING, "hop", "found hop in a space whose sums are open"),
        (BOSONS, "exchange", "use hop"),
        (Hamiltonian(parse("Z(0) Z(1)"), spins(2)), "hamiltonian", "found a diagonal one"),
        (RING, "direct", "a state that is sampled directly; found RBM"),
    ],
)
def test_samplers_that_do_not_fit_are_refused(H, word, message):
    with pytest.raises(InputError, match=message):
        sampler_for(H, PSI, 64, word)


def test_samplers_and_optimizers_by_their_words():
    """What each word stands for, and what it may not be given."""
    assert isinstance(move_of(CHAIN, "exchange"), Exchange)
    assert isinstance(move_of(BOSONS, "hop"), Hop)
    sampler = sampler_for(RING, PSI, 64, "local", chains=16, sweep=3)
    assert (sampler.samples, sampler.chains, sampler.sweep) == (64, 16, 3)
    assert isinstance(sampler_for(RING, PSI, 64, "full-sum"), FullSummation)
    with pytest.raises(InputError, match="chains that divide 64 samples; found 7"):
        sampler_for(RING, PSI, 64, chains=7)
    with pytest.raises(InputError, match="found them with full-sum"):
        sampler_for(RING, PSI, 64, "full-sum", chains=7)
    momenta = {word: optimizer_for(RING, 10, word).momentum for word in ("sr", "minsr", "spring")}
    assert momenta == {"sr": 0.0, "minsr": 0.0, "spring": 0.9}
    assert optimizer_for(RING, 10, "minsr").form == "kernel"
    with pytest.raises(InputError, match="heavy-ball with sums over all states"):
        optimizer_for(RING, 10, "heavy-ball")
    with pytest.raises(InputError, match="shift with stochastic reconfiguration; found it with sgd"):
        optimizer_for(RING, 10, "sgd", shift=0.1)
