# SPDX-License-Identifier: Apache-2.0
"""The driver: exact energies from every method, resume bit for bit, any block size, any number of devices."""

import os
import signal
import subprocess
import sys

import jax
import numpy as np
import pytest
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from isinglass import sample
from isinglass.checks.energy import energy, magnetization_moment
from isinglass.errors import InputError, Interrupted
from isinglass.exact.lattice import kaufman, moments
from isinglass.run import loop
from isinglass.sampling.choice import choose
from isinglass.sampling.ensemble import driver
from isinglass.sampling.ensemble.diagnosis import Diagnosis
from isinglass.sampling.ensemble.driver import SamplingPlan, draw
from isinglass.sampling.ensemble.start import starts
from isinglass.systems import XY, Ising, IsingGauge, Potts, SquareIce, at_temperatures, edwards_anderson

TC = 2.269185314213022


SLOW = [pytest.param(m, marks=pytest.mark.slow) for m in ("heat_bath", "wolff", "swendsen_wang", "tempering")]


@pytest.mark.parametrize("method", ["metropolis", *SLOW])
def test_energy_and_moments_are_exact(key, method):
    """8 x 8 at T = 2, T_c and 3 (rows 1, 2): 4 standard errors at one below 2e-3, and <|m|>, <m^2>, <m^4> (B3)."""
    L, T = 8, np.array([2.0, TC, 3.0])
    thin = {"metropolis": 20, "heat_bath": 5, "wolff": 4, "swendsen_wang": 2}.get(method, 4)
    plan = {"samples": 128 * 500, "chains": 128, "thin": thin, "warmup": 20 * thin}
    result = sample(key, Ising((L, L)), T, method=method, **plan)
    d = result.arrays
    for t in T:
        at = d["temperature"].to_numpy() == t
        chain = d["chain"].to_numpy()[at]
        check = energy(d["energy"].to_numpy()[at] / L**2, chain, kaufman.energy(t, L))
        assert check.verdict == "pass", check
        exact = moments.magnetization_moments(float(t), L)
        for order, expected in ((1, exact.abs_m), (2, exact.m2), (4, exact.m4)):
            check = magnetization_moment(d["order_parameter"].to_numpy()[at], chain, order, expected)
            assert check.verdict == "pass", check
    assert result.verdict == "pass", result.checks


@pytest.mark.slow
def test_planted_error_in_beta_is_caught(key):
    """Energies drawn at 1.05 beta fail against the exact ones."""
    T = np.array([2.5])
    d = sample(key, Ising((8, 8)), T / 1.05, samples=128 * 500, chains=128).arrays
    check = energy(d["energy"].to_numpy() / 64, d["chain"].to_numpy(), kaufman.energy(2.5, 8))
    assert check.verdict == "fail"


def small_run(
    key, plan=SamplingPlan(samples=256, chains=32, thin=2, warmup=10), method="metropolis", mesh=None, **options
):
    system = Ising((6, 6))
    batch = at_temperatures(system, np.array([2.0, 3.0]))
    x = starts(key, system, 2, plan.chains, "uniform")
    if mesh is not None:
        x = jax.device_put(x, NamedSharding(mesh, PartitionSpec(None, "chains")))
    return draw(key, choose(method, system), batch, x, plan, **options)


OTHERS = [pytest.param(m, marks=pytest.mark.slow) for m in ("heat_bath", "tempering", "swendsen_wang")]
METHODS = pytest.mark.parametrize("method", ["metropolis", *OTHERS])


@pytest.mark.slow
@METHODS
def test_any_block_size_and_any_number_of_devices_gives_the_same(key, method, monkeypatch):
    whole = small_run(key, method=method)
    assert len(jax.devices()) == 4
    sharded = small_run(key, method=method, mesh=Mesh(np.array(jax.devices()), ("chains",)))
    monkeypatch.setattr(driver, "SITES_PER_BLOCK", 1)
    for other in (sharded, small_run(key, method=method)):
        np.testing.assert_array_equal(whole.x, other.x)
        np.testing.assert_allclose(whole.energy, other.energy, atol=1e-12)


@METHODS
def test_interrupted_anywhere_resumes_bit_for_bit(key, method, tmp_path, monkeypatch):
    whole = small_run(key, method=method)
    monkeypatch.setattr(driver, "SITES_PER_BLOCK", 1)
    calls = 0

    def stop_after_three(done, total, message):
        nonlocal calls
        calls += 1
        if calls % 3 == 0:
            os.kill(os.getpid(), signal.SIGTERM)

    for _ in range(50):
        try:
            resumed = small_run(key, method=method, checkpoint=tmp_path, progress=stop_after_three)
            break
        except Interrupted:
            continue
    assert calls > 6
    np.testing.assert_array_equal(whole.x, resumed.x)
    np.testing.assert_array_equal(whole.energy, resumed.energy)


SCRIPT = """
import sys, isinglass, jax, numpy as np
from pathlib import Path
from isinglass.run import loop
from isinglass.sampling.ensemble import driver
loop.EVERY, loop.SHARE = 0.0, 1e9  # after every block
from isinglass.sampling.ensemble.driver import SamplingPlan, draw
from isinglass.sampling.choice import choose
from isinglass.sampling.ensemble.start import starts
from isinglass.systems import Ising, at_temperatures
key = jax.random.key(1)
driver.SITES_PER_BLOCK = 1
system = Ising((16, 16))
x = starts(key, system, 2, 32, "uniform")
plan = SamplingPlan(samples=32 * 100, chains=32, thin=5, warmup=100)
show = lambda done, total, message: print(done, flush=True)
d = draw(key, choose("metropolis", system), at_temperatures(system, np.array([2.0, 3.0])), x, plan,
         checkpoint=Path(sys.argv[1]) if sys.argv[1] != "-" else None, progress=show)
np.savez(sys.argv[2], x=d.x, energy=d.energy)
"""


def test_killed_by_sigkill_resumes_bit_for_bit(tmp_path):
    """Start, kill without warning after some checkpoints, start again: the same file as an undisturbed run."""
    (tmp_path / "run.py").write_text(SCRIPT)
    command = [sys.executable, str(tmp_path / "run.py")]
    subprocess.run([*command, "-", tmp_path / "whole.npz"], check=True, capture_output=True)
    process = subprocess.Popen([*command, tmp_path / "saved", tmp_path / "resumed.npz"], stdout=subprocess.PIPE)
    for _ in range(30):
        process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert not (tmp_path / "resumed.npz").exists()
    assert (tmp_path / "saved" / "sampling.safetensors").exists()
    again = subprocess.run([*command, tmp_path / "saved", tmp_path / "resumed.npz"], check=True, capture_output=True)
    assert len(again.stdout.splitlines()) < 95  # of 120 blocks: it went on from where it was
    whole, resumed = np.load(tmp_path / "whole.npz"), np.load(tmp_path / "resumed.npz")
    np.testing.assert_array_equal(whole["x"], resumed["x"])
    np.testing.assert_array_equal(whole["energy"], resumed["energy"])


def test_a_checkpoint_of_another_run_is_refused(key, tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "EVERY", 0.0)
    small_run(key, checkpoint=tmp_path)
    with pytest.raises(ValueError, match="another run: key"):
        small_run(jax.random.fold_in(key, 1), checkpoint=tmp_path)
    path = tmp_path / "sampling.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ValueError, match="restore a copy or start afresh"):
        small_run(key, checkpoint=tmp_path)


@pytest.mark.slow
def test_a_run_is_lengthened_until_it_has_the_effective_samples(key):
    """At T_c of a 32 x 32 lattice, draws a sweep apart are worth little: the driver doubles until they are enough."""
    options = {"samples": 64 * 8, "chains": 64, "thin": 1, "warmup": 10, "method": "metropolis"}
    asked = sample(key, Ising((32, 32)), TC, effective_samples=400, **options)
    assert asked.status == "done"
    assert asked.estimates["effective_sample_size"].value >= 400
    assert asked.estimates["sweeps"].value > 100
    short = sample(key, Ising((32, 32)), TC, effective_samples=400, max_sweeps=40, **options)
    assert "of the 400 asked for" in short.status
    assert short.verdict == "fail"


@pytest.mark.parametrize(
    ("system", "method"),
    [(Ising((8, 8)), "PackedMetropolis"), (Ising((80, 80)), "SwendsenWang"), (Potts((4, 4)), "SwendsenWang"),
     (XY((4, 4)), "SwendsenWang"), (Ising((8, 8), h=0.1), "HeatBath"), (IsingGauge((4, 4)), "HeatBath"),
     (edwards_anderson(jax.random.key(0), (4, 4)), "HeatBath"), (SquareIce((4, 4)), "HeatBath")],
)  # fmt: skip
def test_the_method_is_chosen_by_what_the_system_can_do(system, method):
    ensemble = choose("auto", system)
    assert type(getattr(ensemble, "sampler", ensemble)).__name__ == method


@pytest.mark.parametrize(
    ("temperature", "options"),
    [(-1.0, {}), (np.nan, {}), (2.0, {"samples": 0}), (2.0, {"method": "magic"}), (2.0, {"thin": 0}),
     (2.0, {"effective_samples": 10_000}), (2.0, {"sweeps": 3})],
)  # fmt: skip
def test_impossible_requests_are_refused_in_one_line(key, temperature, options):
    with pytest.raises(InputError, match=r"^expected .*; found .*; .*\.$"):
        sample(key, Ising((4, 4)), temperature, **options)


@pytest.mark.slow
def test_gauge_theory_has_its_exact_energy(key):
    """Row 7: -<P>, with fluxes only in pairs on the torus."""
    result = sample(key, IsingGauge((4, 4)), np.array([0.7, 1.5]), samples=64 * 50, chains=64)
    assert result.verdict == "pass", result.checks


@pytest.mark.slow
def test_ice_entropy_by_integration(key):
    """S(0) = N ln 2 - ∫ beta dE: the number of ice states on the 4 x 4 torus, ln 2970 (Lieb's W^16 at L = ∞)."""
    from isinglass.exact.lattice.ice import ice_states

    beta = np.linspace(0.02, 6.0, 40)
    d = sample(key, SquareIce((4, 4)), 1 / beta, samples=32 * 64, chains=32, thin=2, warmup=50).arrays
    T = d["temperature"].to_numpy()
    E = np.array([d["energy"].to_numpy()[np.isclose(T, 1 / b)].mean() for b in beta])
    grid = np.concatenate([[0.0], beta])
    log_z = 32 * np.log(2) - np.trapezoid(np.concatenate([[16 * 1.0], E]), grid)
    assert abs(log_z - np.log(ice_states(4, 4))) < 0.1


def test_progress_is_told(key):
    seen = []
    small_run(key, progress=lambda *row: seen.append(row))
    assert seen[-1][0] == seen[-1][1] == 64


@pytest.mark.slow
def test_packed_and_plain_metropolis_agree_with_the_exact_energy_of_a_glass(key):
    """±J couplings of one size are packed too; against all 2^12 states."""
    from isinglass.exact.lattice.enumeration import boltzmann, ising_energies
    from isinglass.sampling.ensemble.packed import can_be_packed

    glass = edwards_anderson(jax.random.key(2), (4, 3))
    assert can_be_packed(glass)
    exact = boltzmann(ising_energies(12, np.asarray(glass.graph.bonds), np.asarray(glass.J)), 1 / 1.5).mean_energy
    d = sample(key, glass, 1.5, method="metropolis", samples=128 * 500, chains=128).arrays
    check = energy(d["energy"].to_numpy() / 12, d["chain"].to_numpy(), exact / 12)
    assert check.verdict == "pass", check
    assert not can_be_packed(Ising((4, 4), h=0.1))


def test_a_row_is_the_energy_of_its_configuration(key):
    """Configuration k was there at measurement (k + 1) stride - 1, and a row of the table is one state of one chain.

    Planted: a measurement early, it is another.
    """
    system = Ising((6, 6))
    d = small_run(key)
    E = np.asarray(jax.vmap(jax.vmap(jax.vmap(system.energy)))(d.x))
    at = np.arange(d.x.shape[2]) * d.stride + d.stride - 1
    np.testing.assert_array_equal(E, d.energy[:, :, at])
    assert (E != d.energy[:, :, at - 1]).any()
    rows = sample(key, system, np.array([2.0, 3.0]), samples=256, chains=32, thin=2, warmup=10).arrays
    x, s = rows["configurations"].to_numpy(), rows["order_parameter"].to_numpy()
    np.testing.assert_array_equal(jax.vmap(system.energy)(x), rows["energy"].to_numpy())
    np.testing.assert_allclose(x.astype(float).mean((1, 2)), s, atol=1e-12)


@pytest.mark.parametrize(("reached", "status"), [(110.0, "done"), (90.0, None)])
def test_a_run_ends_when_it_has_as_many_as_were_asked_for(reached, status):
    """Of the poorest temperature; or where no more sweeps are allowed."""
    plan = SamplingPlan(effective_samples=100, max_sweeps=20_000)
    one, yes = np.ones((1, 2)), np.ones((1, 2), bool)
    worth = Diagnosis(names=("energy",), mean=one, error=one, each_effective_samples=one, each_r_hat=one,
                      r_hat_bound=1.05 * one, enough=yes, rare=~yes, finite=yes, r_hat=one[0],
                      effective_samples=np.array([300.0, reached]), autocorrelation_time=one[0])  # fmt: skip
    more = 2 * plan.measurements * 10
    assert driver.verdict(worth, plan, 10, 20_000 - more) == status
    ended = driver.verdict(worth, plan, 10, 20_001 - more)
    assert ended == "done" if status else "90 of the 100 asked for" in str(ended)


def test_energies_of_a_gauge_theory_are_per_vertex(key):
    """3 x 3 vertices, 18 links: the exact energy is that of a plaquette, of which there are nine."""
    result = sample(key, IsingGauge((3, 3)), 1.0, samples=16 * 16, chains=16)
    (check,) = (check for check in result.checks if "energy is exact" in check.law)
    assert check.verdict == "pass", check
