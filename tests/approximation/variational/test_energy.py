# SPDX-License-Identifier: Apache-2.0
"""The measured energy against exact sums, its error over many seeds; optimization killed and gone on with."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from jax.sharding import Mesh
from tests.run.killed import assert_goes_on_bit_for_bit

from isinglass.approximation.exact.exact_diagonalization import dense
from isinglass.approximation.variational.born_sampling import FullSummation, MarkovChains
from isinglass.approximation.variational.energy import measure
from isinglass.approximation.variational.markov_chain import Flip
from isinglass.approximation.variational.stochastic_reconfiguration import StochasticReconfiguration
from isinglass.approximation.variational.update_rule import GradientDescent
from isinglass.approximation.variational.variational_monte_carlo import VariationalMonteCarlo, block, optimize
from isinglass.nets.wavefunction.rbm import RBM
from isinglass.systems.graph import hypercubic
from isinglass.systems.quantum.hamiltonian import Hamiltonian
from isinglass.systems.quantum.operator import identity
from isinglass.systems.quantum.transverse_field_ising import transverse_field_ising

RING = transverse_field_ising(hypercubic((8,)), 0.9)
PSI = RBM(key=jax.random.key(3), n_sites=8, scale=0.2)


@pytest.mark.slow
@pytest.mark.parametrize(("seeds", "rounds"), [(200, 8), (1000, 2)])
def test_errors_are_honest(seeds, rounds):
    """<H> of a fixed state within 1 error in 63 to 73 %, within 2 in 92 to 98 %, draws of a chain correlated.

    Shares of 200 honest errors lie outside these bounds in one case of six, by chance: so 1000 too, of shorter runs.

    Planted: errors as if all draws were independent, which cover less.
    """
    exact = measure(jax.random.key(0), RING, FullSummation(RING.space), PSI).energy.value
    sampler = MarkovChains(Flip(), samples=64 * 16, chains=64, sweep=2)
    found = [measure(jax.random.key(seed), RING, sampler, PSI, rounds=rounds) for seed in range(seeds)]
    off = np.array([(f.energy.value - exact) / f.energy.error for f in found])
    assert 0.63 <= (np.abs(off) < 1).mean() <= 0.73
    assert 0.92 <= (np.abs(off) < 2).mean() <= 0.98
    naive = np.array([(f.energy.value - exact) / (f.local.std() / f.local.size**0.5) for f in found])
    assert (np.abs(naive) < 1).mean() < 0.6


def test_the_energy_is_never_below_the_exact_one_but_by_chance():
    """Sampled and summed <H> agree within 4 errors and lie above the lowest eigenvalue."""
    summed = measure(jax.random.key(0), RING, FullSummation(RING.space), PSI)
    drawn = measure(jax.random.key(1), RING, MarkovChains(Flip(), 512, 512), PSI)
    assert abs(drawn.energy.value - summed.energy.value) < 4 * drawn.energy.error
    assert drawn.variance.value == pytest.approx(summed.variance.value, abs=4 * drawn.variance.error)
    k = (2 * np.arange(8) + 1) * np.pi / 8
    assert summed.energy.value > -np.sqrt(1 + 0.81 + 1.8 * np.cos(k)).sum()


def test_a_constant_changes_no_v_score():
    """H + 1000: energy and E_∞ move, the V-score stays; planted: counted from zero it is a millionth."""
    shifted = lambda shift: Hamiltonian(RING.operator + shift * identity, RING.space)  # noqa: E731
    found = [measure(jax.random.key(0), shifted(c), FullSummation(RING.space), PSI) for c in (0.0, 1000.0)]
    assert found[1].energy.value == pytest.approx(found[0].energy.value + 1000)
    assert [f.infinite for f in found] == pytest.approx([0.0, 1000.0])
    assert found[1].v_score == pytest.approx(found[0].v_score, rel=1e-6)
    assert found[1].v_score > 1e3 * 8 * found[1].variance.value / found[1].energy.value ** 2


def test_measured_until_it_is_enough():
    """Eight times at most, the first of them that of a single measurement; its error falls."""
    sampler = MarkovChains(Flip(), 64, 64)
    once = measure(jax.random.key(0), RING, sampler, PSI, rounds=2)
    often = measure(jax.random.key(0), RING, sampler, PSI, rounds=2, enough=lambda energy: False)
    twice = measure(jax.random.key(0), RING, sampler, PSI, rounds=2, enough=lambda e: e.error < once.energy.error)
    assert [f.local.shape for f in (once, twice, often)] == [(64, 2), (64, 4), (64, 16)]
    np.testing.assert_array_equal(often.local[:, :2], once.local)
    assert often.n.shape == (64, 16, 8)
    assert often.energy.error < once.energy.error / 2


@pytest.mark.slow
def test_chunks_change_nothing():
    """Ten steps of 96 samples, whole and 7 at a time: the same energies to round-off."""
    histories = []
    for chunk in (None, 7):
        vmc = VariationalMonteCarlo(RING, MarkovChains(Flip(), 96, 96), chunk=chunk)
        static = eqx.filter(PSI, eqx.is_inexact_array, inverse=True)
        _, diagnostics = block(jax.random.key(0), vmc, vmc.init(jax.random.key(1), PSI), static, 10)
        histories.append(np.asarray(diagnostics.energy))
    np.testing.assert_allclose(histories[0], histories[1], rtol=1e-8)


def test_adam_follows_the_gradient():
    """Its first step has the size of the rate, against the sign of d<H>/dθ of all states; 300 steps reach 1e-3."""
    vmc = VariationalMonteCarlo(RING, FullSummation(RING.space), GradientDescent(optax.adam(0.02)))
    params, static = eqx.partition(PSI, eqx.is_inexact_array)
    state = vmc.init(jax.random.key(1), PSI)

    def energy(params):
        n = jax.vmap(RING.space.decode)(jnp.asarray(RING.space.states()))
        amplitude = jnp.exp(jax.vmap(eqx.combine(params, static).log_psi)(RING.space.variables(n, float)))
        return (amplitude @ jnp.asarray(dense(RING)) @ amplitude) / (amplitude @ amplitude)

    first, _ = block(jax.random.key(0), vmc, state, static, 1)
    moved = jax.tree.map(lambda a, b: b - a, params, first.params)
    expected = jax.tree.map(lambda g: -0.02 * jnp.sign(g), jax.grad(energy)(params))
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-4), moved, expected)
    _, diagnostics = block(jax.random.key(0), vmc, state, static, 300)
    k = (2 * np.arange(8) + 1) * np.pi / 8
    assert diagnostics.energy[-1] == pytest.approx(-np.sqrt(1 + 0.81 + 1.8 * np.cos(k)).sum(), rel=1e-3)


DEVICES = {
    "covariance": (96, StochasticReconfiguration(form="covariance"), 1e-8),
    "kernel": (16, StochasticReconfiguration(form="kernel"), 1e-8),
    "iterative": (96, StochasticReconfiguration(form="iterative"), 1e-6),  # conjugate gradients end at a tolerance
    "adam": (96, GradientDescent(optax.adam(1e-3)), 1e-8),
}


@pytest.mark.parametrize("name", DEVICES)
def test_any_number_of_devices_gives_the_same(name):
    """Ten steps on one device and on four, and with 7 samples at a time: the same energies and chains, to round-off.

    Planted: another key.
    """
    samples, optimizer, rtol = DEVICES[name]
    assert len(jax.devices()) == 4
    mesh = Mesh(np.array(jax.devices()), ("chains",))
    static = eqx.filter(PSI, eqx.is_inexact_array, inverse=True)

    def run(seed=0, **options):
        vmc = VariationalMonteCarlo(RING, MarkovChains(Flip(), samples, samples), optimizer, **options)
        return block(jax.random.key(seed), vmc, vmc.init(jax.random.key(1), PSI), static, 10)

    state, diagnostics = run()
    for options in ({"mesh": mesh}, {"mesh": mesh, "chunk": 7}):
        other, told = run(**options)
        assert len(other.samples.sharding.device_set) == 4
        np.testing.assert_allclose(told.energy, diagnostics.energy, rtol=rtol)
        np.testing.assert_array_equal(other.samples, state.samples)
    assert np.abs(np.asarray(run(seed=1, mesh=mesh)[1].energy) - np.asarray(diagnostics.energy)).max() > 1e-3


def test_a_checkpoint_of_another_run_is_refused(tmp_path):
    """Another field or another start is another run; the same one is done at once."""
    file = tmp_path / "saved.safetensors"
    sampler, key = MarkovChains(Flip(), 32, 32), jax.random.key(0)
    run = optimize(key, VariationalMonteCarlo(RING, sampler), PSI, 4, block_steps=2, checkpoint=file)
    again = optimize(key, VariationalMonteCarlo(RING, sampler), PSI, 4, block_steps=2, checkpoint=file)
    np.testing.assert_array_equal(run.history["energy"], again.history["energy"])
    other = VariationalMonteCarlo(transverse_field_ising(hypercubic((8,)), 0.8), sampler)
    for vmc, psi in ((other, PSI), (VariationalMonteCarlo(RING, sampler), RBM(key=key, n_sites=8))):
        with pytest.raises(ValueError, match="of this very run"):
            optimize(key, vmc, psi, 4, block_steps=2, checkpoint=file)


SCRIPT = """
import os, sys
os.environ["JAX_ENABLE_X64"] = "1"
import jax, numpy as np
from pathlib import Path
from isinglass.approximation.variational.born_sampling import MarkovChains
from isinglass.approximation.variational.markov_chain import Flip
from isinglass.approximation.variational.variational_monte_carlo import VariationalMonteCarlo, optimize
from isinglass.nets.wavefunction.rbm import RBM
from isinglass.run import loop
from isinglass.systems.graph import hypercubic
from isinglass.systems.quantum.hamiltonian import Hamiltonian
from isinglass.systems.quantum.operator import identity
from isinglass.systems.quantum.transverse_field_ising import transverse_field_ising
loop.EVERY, loop.SHARE = 0.0, 1e9  # a checkpoint after every block
vmc = VariationalMonteCarlo(transverse_field_ising(hypercubic((8,)), 0.9), MarkovChains(Flip(), 64, 64))
psi = RBM(key=jax.random.key(3), n_sites=8)
file = None if sys.argv[1] == "-" else Path(sys.argv[1])
tell = lambda done, total, text: print(done, flush=True)
run = optimize(jax.random.key(0), vmc, psi, 800, block_steps=10, checkpoint=file, progress=tell)
np.savez(sys.argv[2], energy=run.history["energy"], W=run.psi.W)
"""


@pytest.mark.slow
def test_an_optimization_killed_by_sigkill_goes_on_bit_for_bit(tmp_path):
    """Start, kill after some blocks, start again: history and weights of an undisturbed run."""
    assert_goes_on_bit_for_bit(SCRIPT, tmp_path)
