# SPDX-License-Identifier: Apache-2.0
"""`sample(..., method=)`, learned samplers: exact when corrected, honest when not, reloaded, refused where wrong."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.cli import main
from isinglass.errors import InputError
from isinglass.nets.density import StandardNormal
from isinglass.nets.flow.affine_coupling import real_nvp
from isinglass.nets.flow.standardize import on_scale_of
from isinglass.result import Result
from isinglass.run.model_file import load_model
from isinglass.sampling.learned import flow_for, learn
from isinglass.systems import DoubleWell, Ising, LennardJones, Phi4, U1Gauge, sherrington_kirkpatrick
from isinglass.training.setting import Training
from isinglass.verbs import sample

LOG_Z, PHI2 = 2.40513896, 0.14774621  # 4 x 4, m^2 = -4, lambda = 8: exact/phi4.py::torus
FIELD = Phi4((4, 4), m2=-4.0, lam=8.0)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Folder of a flow for the 4 x 4 field, trained for a few seconds, and the result of that call."""
    folder = tmp_path_factory.mktemp("learned") / "model"
    return folder, sample(jax.random.key(1), FIELD, method="flow", model=folder, preset="smoke", samples=4000, thin=2)


GLASS = pytest.param(sherrington_kirkpatrick(jax.random.key(5), 8), marks=pytest.mark.slow)


def squares(result: Result) -> np.ndarray:
    """<φ²> of each configuration."""
    return (result.arrays["configurations"].to_numpy() ** 2).mean(axis=(1, 2))


def deviation(result: Result) -> float:
    """Of <φ²> in standard errors, for four draws of a chain to one independent one."""
    found = squares(result)
    return float(abs(found.mean() - PHI2) / (found.std() / (len(found) / 4) ** 0.5))


@pytest.mark.slow
@pytest.mark.parametrize("correct", ["metropolis", "weights", "none"])
def test_a_corrected_flow_is_exact(key, saved, correct):
    """<φ²> and ln Z within 4 errors; of the flow as it is nothing is claimed."""
    folder, first = saved
    result = first if correct == "metropolis" else sample(key, FIELD, model=folder, correct=correct, samples=4000)
    assert deviation(result) < 4
    if correct == "none":
        assert [check.verdict for check in result.checks] == ["unknown"]
        normal = sample(key, FIELD, method=StandardNormal((4, 4)), correct=correct, samples=4000)
        assert deviation(normal) > 4  # planted: another law
        return
    assert result.verdict == "pass"
    ln_z = result.estimates["log_partition_function"]
    assert ln_z.error is not None
    assert abs(ln_z.value - LOG_Z) < 4 * ln_z.error
    assert ln_z.error < 0.02
    for name in ("effective_samples_per_second", "training_seconds", "sampling_seconds"):
        assert result.estimates[name].value >= 0, name


def test_a_flow_for_another_lattice_is_refused(saved):
    with pytest.raises(InputError, match=r"\(6, 6\).*\(4, 4\)"):
        sample(jax.random.key(0), Phi4((6, 6), m2=-4.0, lam=8.0), model=saved[0])


@pytest.mark.slow
def test_the_command_line_draws_from_a_saved_flow(saved, tmp_path, monkeypatch, capsys):
    """As `isinglass sample phi4 --method flow --model FOLDER` in a later process; the file is that of the spins."""
    import xarray as xr

    monkeypatch.chdir(tmp_path)
    order = f"sample phi4 --shape 4 4 --m2 -4 --lam 8 --method flow --model {saved[0]} --samples 500 --out data.nc"
    with pytest.raises(SystemExit) as end:
        main(order.split())
    out, _ = capsys.readouterr()
    assert end.value.code == 0, out
    with xr.open_dataset(tmp_path / "data.nc") as data:
        assert data["configurations"].shape == (500, 4, 4)
        assert {"temperature", "chain", "energy"} <= set(data.variables)
    with pytest.raises(SystemExit) as end:
        main(order.replace("4 4", "6 6").replace("data", "other").split())
    _, err = capsys.readouterr()
    assert end.value.code == 2
    assert len(err.strip().splitlines()) == 1
    assert not (tmp_path / "other.nc").exists()


@pytest.mark.slow
@pytest.mark.parametrize("system", [Ising((4, 4), temperature=2.5), GLASS])
def test_an_autoregressive_network_for_spins(key, system, tmp_path):
    """Energy within 4 errors of all 2^N states."""
    from isinglass.exact.lattice.spin_thermodynamics import enumerated

    result = sample(key, system, method="autoregressive", model=tmp_path / "m", preset="smoke", samples=2000)
    bonds, J = np.asarray(system.graph.bonds), np.asarray(system.J)
    exact, sites = enumerated(bonds, J, float(system.beta)), np.prod(system.shape)
    energy = result.arrays["energy"].to_numpy() / sites
    assert abs(energy.mean() - exact.energy) < 4 * energy.std() / (len(energy) / 3) ** 0.5
    ln_z = result.estimates["log_partition_function"]
    assert abs(ln_z.value - exact.log_z) < 4 * (ln_z.error or 0)
    assert load_model(tmp_path / "m").shape == system.shape


@pytest.mark.slow
@pytest.mark.parametrize("system", [U1Gauge((4, 4), beta=2.0), DoubleWell(2), LennardJones(3, 2, temperature=0.5)])
def test_flows_for_angles_wells_and_particles(key, system):
    """The energy of a corrected flow is that of Hamiltonian Monte Carlo, within 4 errors."""
    result = sample(key, system, method="flow", preset="smoke", samples=4000, thin=4)
    classical = sample(key, system, method="hmc", samples=4000, chains=32)
    means = []
    for run in (result, classical):
        energy, chain = (run.arrays[name].to_numpy() for name in ("energy", "chain"))
        means.append(np.array([energy[chain == c].mean() for c in np.unique(chain)]))
    error = np.hypot(*[m.std(ddof=1) / len(m) ** 0.5 for m in means])
    assert abs(means[0].mean() - means[1].mean()) < 4 * error


def test_what_does_not_fit_is_refused(key):
    with pytest.raises(InputError, match="finitely many values"):
        sample(key, FIELD, method="autoregressive")
    with pytest.raises(InputError, match="continuous variables"):
        sample(key, Ising((4, 4)), method="flow")
    with pytest.raises(InputError, match="one temperature"):
        sample(key, FIELD, np.array([1.0, 2.0]), method="flow")
    with pytest.raises(InputError, match="preset"):
        sample(key, FIELD, method="flow", preset="small")
    with pytest.raises(InputError, match="finite energy at all samples of a flow"):
        sample(key, Bounded((4, 4)), method="flow", preset="smoke")


class Bounded(Phi4):
    """Planted: a field that must be positive."""

    def energy(self, x):
        """Infinite outside."""
        return jnp.where(jnp.min(x) < 0, jnp.inf, super().energy(x))


@pytest.mark.parametrize("shape", [(3, 3), (5,), (2, 3, 2)])
def test_every_shape_of_real_variables_has_a_flow(key, shape):
    """Odd sides, and arrays that are no lattice: ln q of its samples is that of the way back."""
    flow = flow_for(key, Phi4(shape))
    x, log_q = flow.draw_with_log_prob(key)
    assert x.shape == shape
    np.testing.assert_allclose(log_q, flow.log_prob(x), atol=1e-4)


def test_networks_learn_on_the_scale_of_their_data(key):
    """Mean 511 and width 147, four steps: the samples lie there, and ln q is exact; one that is there already stays."""
    x = 511 + 147 * np.asarray(jax.random.normal(key, (512, 2)))
    network = real_nvp(key, (2,), couplings=2, hidden=(8,))
    made = learn(key, None, network, Training(steps=4, block=4), objective="likelihood", data=x).model
    y, log_q = made.sample_with_log_prob(key, 512)
    assert abs(float(y.mean()) - 511) < 40
    assert float(y.std()) == pytest.approx(147, rel=0.15)
    np.testing.assert_allclose(log_q, jax.vmap(made.log_prob)(y), atol=1e-3)
    y, log_q = np.asarray(y, float), np.asarray(log_q, float)
    exact = -0.5 * np.sum(((y - 511) / 147) ** 2, axis=1) - 2 * np.log(147) - np.log(2 * np.pi)
    assert abs(np.mean(log_q - exact)) < 0.5  # without the log-determinant: 10
    assert on_scale_of(made, jnp.asarray(y), jnp.asarray(x)) is made


class Broken(Phi4):
    """Planted: not a number where the field is large."""

    def energy(self, x):
        """NaN in the tail."""
        return jnp.where(jnp.max(jnp.abs(x)) > 2.5, jnp.nan, super().energy(x))


def test_a_target_that_is_not_finite_speaks_up(key):
    """The standard normal proposes |φ| > 2.5 in one of six configurations."""
    with jax.debug_nans(False):  # noqa: FBT003
        system = Broken((4, 4), m2=1.0, lam=0.0)
        result = sample(key, system, method=StandardNormal((4, 4)), samples=400)
    assert result.verdict == "fail"
    assert any("finite" in check.law and check.verdict == "fail" for check in result.checks)


def test_heavy_weights_and_a_lost_mode_speak_up(key):
    """A narrow normal law in one well of two: k and the forward ESS both fail."""
    far = eqx.tree_at(lambda s: s.beta, DoubleWell(2), jnp.asarray(1.0))
    result = sample(key, far, method=StandardNormal((2,)), samples=400)
    failed = [check.law for check in result.checks if check.verdict == "fail"]
    assert failed, [check.law for check in result.checks]
