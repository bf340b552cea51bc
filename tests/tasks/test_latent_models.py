# SPDX-License-Identifier: Apache-2.0
"""Densities of rows by autoencoders, adversarial pairs and deep energies: the verdict sees what is wrong."""

import jax
import numpy as np
import pytest

from isinglass import checks
from isinglass.errors import InputError
from isinglass.nets.density import StandardNormal
from isinglass.nets.flow.rescaled import rescaled
from isinglass.result import Estimate, Result
from isinglass.tasks.own.approximate_density import Sides, judged
from isinglass.tasks.own.density_rows import split_rows
from isinglass.tasks.own.latent_models import LATENT_METHODS
from isinglass.verbs import approximate, sample

RNG = np.random.default_rng(0)
CENTERS = np.array([[3.0, 0.0], [-3.0, 0.0], [0.0, 3.0], [0.0, -3.0]])


def modes(n, kept=4):
    """Rows of four modes, or of the first ones."""
    return CENTERS[RNG.integers(0, kept, n)] + 0.4 * RNG.normal(size=(n, 2))


def sides_of(x):
    rows, _ = split_rows(np.random.default_rng(1), x, None, 0.25)
    return Sides(*(x[r] for r in rows))


def verdicts(drawn):
    x = modes(2000)
    sides = sides_of(x)
    units = rescaled(StandardNormal((2,)), sides.trained)
    found = judged(np.random.default_rng(2), units, drawn, sides, x, 0.0, None, [], known=False, latent=True)
    return {check.law.split(":")[0].split(",")[0]: check.verdict for check in found}


def test_a_collapsed_generator_fails_and_the_law_itself_passes():
    """Without one of four modes the coverage fails, where nearest neighbors see nothing; the law itself passes."""
    assert set(verdicts(modes(2000)).values()) == {"pass"}
    lost = verdicts(modes(2000, kept=3))
    assert lost["held-out rows are covered"] == "fail"


def test_test_rows_in_training_are_seen():
    """A generator that gives back its training rows: samples too near to them."""
    x = modes(2000)
    sides = sides_of(x)
    units = rescaled(StandardNormal((2,)), sides.trained)
    copies = sides.trained + 1e-3 * RNG.normal(size=sides.trained.shape)
    found = judged(np.random.default_rng(2), units, copies, sides, x, 0.0, None, [], known=False)
    assert [c.verdict for c in found if "no copies" in c.law] == ["fail"]


def test_a_bound_below_a_gaussian_decides_nothing_and_chains_that_do_not_mix_neither():
    x = modes(2000)
    sides, rng = sides_of(x), np.random.default_rng(2)
    units = rescaled(StandardNormal((2,)), sides.trained)
    worse = Estimate(-1.0, 0.01, "nat")
    for bound, verdict in ((True, "unknown"), (False, "fail")):
        found = judged(rng, units, modes(2000), sides, x, 0.0, worse, [], known=False, bound=bound)
        assert [c.verdict for c in found if "Gaussian" in c.law] == [verdict]
    found = judged(rng, units, modes(2000, kept=1), sides, x, 0.0, None, [], known=False, mixed=False)
    assert {c.verdict for c in found} == {"pass", "unknown"}


def test_counts_of_modes():
    """Half of its weight passes at the bound, a lost one fails, few samples decide nothing."""
    of = lambda counts: checks.density.modes_covered(np.array(counts), np.ones(4)).verdict  # noqa: E731
    assert of([1000, 1000, 900, 600]) == "pass"
    assert of([1000, 1000, 1000, 0]) == "fail"
    assert of([1000, 1000, 1000, 200]) == "fail"
    assert of([4, 4, 4, 1]) == "unknown"


def test_coverage_by_chance():
    """Of two sides of one law within 4 deviations for 40 seeds: false alarm 3e-5 each."""
    z = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        z.append(checks.density.held_out_covered(rng.normal(size=(300, 2)), rng.normal(size=(300, 2)), rng).measured)
    assert min(z) > -4
    assert abs(np.mean(z)) < 0.7


@pytest.mark.parametrize("method", LATENT_METHODS)
def test_a_few_steps_make_a_whole_result(method, tmp_path):
    """Saved, loaded and drawn from; the verdict of so short a training is no pass."""
    x = modes(300)
    result = approximate(0, x, method=method, steps=2, width=8, samples=100, bound_samples=2, progress=False)
    assert result.verdict != "pass"
    assert result.arrays["configurations"].shape[1] == 2
    result.save(tmp_path / "run")
    again = Result.load(tmp_path / "run")
    if method == "energy":
        model = again.models["density"]
        E = float(model.energy(jax.numpy.asarray(x[0])))
        assert E == float(result.models["density"].energy(jax.numpy.asarray(x[0])))
        assert result.estimates["log_partition_function"].error is not None
    else:
        assert sample(1, again, samples=10).arrays["configurations"].shape == (10, 2)
    assert ("log_likelihood" in result.estimates) == (method != "gan")


@pytest.mark.parametrize(("settings", "message"), [
    ({"critic": "hinge"}, "critic"), ({"latent": 0}, "latent"), ({"beta": -1.0}, "beta"),
    ({"step_size": 0.0}, "step_size"),
])  # fmt: skip
def test_bad_settings_are_one_line(settings, message):
    with pytest.raises(InputError, match=message) as found:
        approximate(0, modes(300), method="vae", **settings)
    assert "\n" not in str(found.value)


@pytest.mark.slow
def test_an_autoencoder_and_an_energy_of_modes():
    """Of modes that overlap: likelihoods not above the exact mean, of an energy within 0.1 of it; 4 errors each."""
    centers, width = CENTERS / 2, 0.6
    x = centers[RNG.integers(0, 4, 3000)] + width * RNG.normal(size=(3000, 2))
    square = ((x[:, None] - centers) ** 2).sum(axis=2) / width**2
    exact = float(np.log(np.exp(-0.5 * square).sum(axis=1) / (4 * 2 * np.pi * width**2)).mean())
    for method, most in (("vae", 0.3), ("energy", 0.1)):
        found = approximate(0, x, method=method, steps=1500, progress=False).estimates["log_likelihood"]
        error = 4 * (found.error or 0)
        assert exact - most - error < found.value < exact + error
