# SPDX-License-Identifier: Apache-2.0
"""Posteriors by the nearest simulations: they have the law that ε gives them, and say so where ε is too large."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpyro import distributions as dist
from scipy.stats import truncnorm
from tests.run.farm import simulators

from isinglass.cli import main
from isinglass.errors import InputError
from isinglass.inference.posterior import Simulations
from isinglass.result import Result
from isinglass.systems.simulator import GaussianLinear, PythonSimulator, TwoMoons
from isinglass.tasks.posterior import populations
from isinglass.verbs import infer

BOX = {"a": dist.Uniform(-1.0, 1.0), "b": dist.Uniform(-1.0, 1.0)}
SEEN = np.array([0.3, -0.2])
QUIET = {"progress": False}


def shifted(key, theta):
    """x = θ + noise of 0.1."""
    return theta + 0.1 * jax.random.normal(key, (2,))


def of_ball(x: float, radius: float) -> tuple[float, float]:
    """Mean and deviation of θ given |x' - x| <= radius, where x' ~ N(0, 0.2) and θ given x' ~ N(x'/2, 0.05)."""
    s = 0.2**0.5
    if radius == 0:
        return x / 2, 0.05**0.5
    ball = truncnorm((x - radius) / s, (x + radius) / s, scale=s)
    return float(ball.mean()) / 2, float((0.05 + ball.var() / 4) ** 0.5)


@pytest.mark.parametrize(
    ("method", "accept", "adjust"),
    [("rejection", 0.2, False), ("smc_abc", 0.05, False), ("rejection", 0.2, True), ("smc_abc", 0.05, True)],
)
def test_a_normal_posterior_with_its_tolerance(method, accept, adjust):
    """Mean and deviation are those of the ball of radius ε, or of ε = 0 where adjusted, to 4.5 errors and 1 %.

    Planted among the mutants: populations without weights are narrower by a seventh.
    """
    x, settings = 0.5, {"simulations": 40_000, "accept": accept, "adjust": adjust, **QUIET}
    found = infer(1, GaussianLinear(dimension=1), observation=[x], method=method, **settings)
    radius = 0.0 if adjust else found.estimates["epsilon"].value * 0.2**0.5
    mean, deviation = of_ball(x, radius)
    n = found.estimates["effective_sample_size"].value
    assert n > 1000
    assert found.estimates["theta_0"].value == pytest.approx(mean, abs=4.5 * deviation / n**0.5 + 0.002)
    assert found.estimates["theta_0"].error == pytest.approx(deviation, rel=4.5 / (2 * n) ** 0.5 + 0.01)
    assert found.verdict != "fail" or radius > 0.2


def test_two_moons():
    """Quantiles of both directions are those of exact samples, and both crescents are there."""
    x = np.zeros(2)
    found = infer(0, TwoMoons(), observation=x, method="rejection", simulations=200_000, accept=0.003, adjust=False,
                  **QUIET)  # fmt: skip
    exact = TwoMoons().posterior_samples(np.random.default_rng(0), x, 20_000)
    theta = np.stack([found.arrays[f"theta_{i}"].to_numpy() for i in range(2)], axis=1)
    for of in (lambda t: np.abs(t[:, 0] + t[:, 1]), lambda t: t[:, 1] - t[:, 0]):
        np.testing.assert_allclose(*(np.quantile(of(t), [0.1, 0.5, 0.9]) for t in (theta, exact)), atol=0.03)
    assert (theta.sum(axis=1) > 0).mean() == pytest.approx(0.5, abs=4 * 0.5 / 600**0.5)


def test_a_baseline_of_enough_simulations_passes_and_has_ranks():
    found = infer(0, GaussianLinear(dimension=2), observation=SEEN, method="rejection", simulations=50_000, accept=0.02,
                  adjust=True, **QUIET)  # fmt: skip
    assert found.verdict == "pass"
    assert found.estimates["acceptance"].value == pytest.approx(0.02)
    assert found.arrays["rank"].shape == (1000, 2)
    laws = " ".join(check.law for check in found.checks)
    for word in ("halved", "ranks of the true parameters", "cover the truth", "as odd as the observation"):
        assert word in laws


@pytest.mark.parametrize("method", ["rejection", "smc_abc"])
def test_a_tolerance_that_is_too_large_is_refuted(method):
    """Planted: a tenth of all simulations is accepted, of data that are sharp beside the prior."""
    share = 0.1 if method == "rejection" else 0.06
    sharp = lambda key, theta: theta + 0.01 * jax.random.normal(key, (2,))  # noqa: E731
    found = infer(0, sharp, prior=BOX, observation=SEEN, method=method, simulations=20_000, accept=share, adjust=False,
                  **QUIET)  # fmt: skip
    (check,) = [c for c in found.checks if "as wide when" in c.law]
    assert check.verdict == found.verdict == "fail"


@pytest.mark.parametrize("method", ["rejection", "smc_abc"])
def test_an_observation_out_of_range_is_refuted(method):
    found = infer(0, shifted, prior=BOX, observation=np.array([0.0, 9.0]), method=method, **QUIET)
    assert found.verdict == "fail"
    assert any("far out" in c.law and c.verdict == "fail" for c in found.checks)


@pytest.mark.parametrize("method", ["rejection", "smc_abc"])
def test_simulations_that_do_not_work_are_counted(method):
    def failing(key, theta):
        return jnp.where(theta[0] > 0.8, jnp.nan, shifted(key, theta))

    found = infer(0, failing, prior=BOX, observation=np.array([0.75, 0.0]), method=method, **QUIET)
    (check,) = [c for c in found.checks if "left out" in c.law]
    assert check.verdict == "unknown"
    assert check.measured == pytest.approx(0.9 if method == "rejection" else 0.75, abs=0.12)
    assert found.verdict != "pass"
    assert float(found.arrays["a"].max()) <= 0.85


def test_populations_whose_simulations_all_fail_end_with_their_reason(monkeypatch):
    """Planted: from the third population on nothing works."""
    simulate_at = populations.posterior.simulate_at

    def broken(key, simulate, theta, names, progress, farming):
        made = simulate_at(key, simulate, theta, names, progress, farming)
        return made if theta[:, 0].std() > 0.27 else Simulations(made.theta, np.nan * made.x, made.names)

    monkeypatch.setattr(populations.posterior, "simulate_at", broken)
    found = infer(0, shifted, prior=BOX, observation=SEEN, method="smc_abc", **QUIET)
    assert any("end early" in check.law and check.verdict == "unknown" for check in found.checks)
    assert any("0 of 1250 simulations work" in note for note in found.notes)
    assert found.verdict != "pass"


def test_counts_that_are_equal_are_all_accepted():
    """Poisson: 8 counts seen, a rate uniform in (0, 30): Gamma(9, 1), to 4.5 errors; ε = 0 has no error."""
    count = lambda key, theta: jax.random.poisson(key, theta[0], (1,))  # noqa: E731
    found = infer(0, count, prior={"rate": dist.Uniform(0.0, 30.0)}, observation=[8], method="rejection",
                  simulations=30_000, **QUIET)  # fmt: skip
    n = found.estimates["accepted"].value
    assert found.estimates["epsilon"].value == 0
    assert n == pytest.approx(1000, abs=4.5 * 1000**0.5)
    assert found.estimates["rate"].value == pytest.approx(9.0, abs=4.5 * 3 / n**0.5)
    assert found.estimates["rate"].error == pytest.approx(3.0, rel=4.5 / (2 * n) ** 0.5 + 0.05)
    assert found.verdict != "fail"


def test_a_constant_entry_tells_nothing_unless_it_differs():
    still = lambda key, theta: jnp.concatenate([shifted(key, theta), jnp.ones(1)])  # noqa: E731
    told = {"prior": BOX, "method": "rejection", **QUIET}
    found = infer(0, still, observation=np.array([0.3, -0.2, 1.0]), **told)
    assert found.estimates["a"].value == pytest.approx(0.3, abs=0.1)
    assert found.verdict != "fail"
    assert infer(0, still, observation=np.array([0.3, -0.2, 2.0]), **told).verdict == "fail"


def test_ten_parameters_do_not_pass():
    """Of 20,000 simulations none is near in ten dimensions."""
    found = infer(0, GaussianLinear(), observation=np.full(10, 0.3), method="rejection", simulations=20_000,
                  adjust=False, **QUIET)  # fmt: skip
    assert found.verdict != "pass"


@pytest.mark.parametrize("method", ["rejection", "smc_abc"])
def test_functions_of_numpy_and_stores(method, tmp_path):
    """The same bits from the store, and from a file for rejection; N(x, 0.1) in the box to a fifth of a width."""
    settings = {"prior": BOX, "observation": SEEN, "method": method, "simulations": 3000, "accept": 0.03, **QUIET}
    found = infer(0, PythonSimulator(simulators.quick), store=tmp_path / "s", **settings)
    assert found.estimates["a"].value == pytest.approx(0.3, abs=0.05)
    again = infer(0, PythonSimulator(simulators.quick), store=tmp_path / "s", **settings)
    np.testing.assert_array_equal(again.arrays["a"], found.arrays["a"])
    if method == "rejection":
        read = infer(0, Simulations.read(tmp_path / "s"), **settings)
        assert read.estimates["epsilon"].value == pytest.approx(found.estimates["epsilon"].value, rel=1e-6)


@pytest.mark.parametrize(
    ("settings", "said"),
    [({"accept": 0.0005}, "10 accepted simulations or more; found 5"), ({"accept": 1.5}, "at most 1; found 1.5"),
     ({"accept": 0.2, "method": "smc_abc"}, "accept at most 0.062"),
     ({"populations": 1, "method": "smc_abc"}, "two populations"),
     ({"observation": None}, "an observation; found none"), ({"prior": None}, "a prior.*found none"),
     ({"observation": np.array([np.nan, 0.0])}, "finite numbers"), ({"steps": 100}, "steps"),
     ({"method": "rejektion"}, "did you mean 'rejection'")],
)  # fmt: skip
def test_bad_input_is_one_line(settings, said):
    with pytest.raises(InputError, match=said):
        infer(0, shifted, **{"prior": BOX, "observation": SEEN, "method": "rejection", **QUIET, **settings})


def test_few_pairs_do_not_pass():
    """A hundred, of which a third is held out: fewer than ten of the rest would be a tenth."""
    theta = np.random.default_rng(0).uniform(-1, 1, (100, 1))
    found = infer(0, Simulations(theta, theta), observation=[0.1], method="rejection", accept=0.1, **QUIET)
    assert found.verdict != "pass"


def test_pairs_have_no_populations():
    pairs = Simulations(np.random.default_rng(0).normal(size=(500, 2)), np.zeros((500, 2)))
    with pytest.raises(InputError, match="a simulator, for smc_abc"):
        infer(0, pairs, observation=SEEN, method="smc_abc", **QUIET)


def test_the_command_line(tmp_path, monkeypatch, capsys):
    """`isinglass posterior SIMS --observation OBS --method rejection`: saved; smc_abc needs a simulator."""
    theta = np.random.default_rng(0).uniform(-1, 1, (3000, 2))
    np.savez(tmp_path / "sims.npz", theta=theta, x=theta + 0.1 * np.random.default_rng(1).normal(size=theta.shape))
    np.save(tmp_path / "seen.npy", SEEN)
    monkeypatch.chdir(tmp_path)
    words = ["posterior", "sims.npz", "--observation", "seen.npy", "--low", "-1", "-1", "--high", "1", "1", "--method"]
    with pytest.raises(SystemExit) as end:
        main([*words, "rejection", "--accept", "0.02", "--out", "run"])
    assert end.value.code == 0, capsys.readouterr()
    assert "epsilon" in capsys.readouterr().out
    saved = Result.load(tmp_path / "run")
    assert saved.settings["accept"] == 0.02
    assert saved.estimates["theta_0"].value == pytest.approx(0.3, abs=0.1)
    with pytest.raises(SystemExit) as end:
        main([*words, "smc_abc"])
    assert end.value.code == 2
    assert "a simulator, for smc_abc" in capsys.readouterr().err
