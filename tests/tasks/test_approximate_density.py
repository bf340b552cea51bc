# SPDX-License-Identifier: Apache-2.0
"""Densities of arrays: known entropies, samples drawn, saved and loaded; hostile data refused, undecided, or failed."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import multivariate_normal

from isinglass.errors import InputError
from isinglass.nets.density import StandardNormal
from isinglass.report.figures import caption, draw
from isinglass.result import Result
from isinglass.tasks.own.approximate_density import gaussian_log_prob, mean_over, table
from isinglass.tasks.own.density_rows import DensityFile, split_rows
from isinglass.verbs import approximate, sample

RNG = np.random.default_rng(0)
N = 2000
NORMAL = RNG.normal(size=(N, 2))


def planted(column):
    """Normal rows with another second entry."""
    return np.stack([NORMAL[:, 0], column], axis=1)


REFUSED = {
    "constant": (planted(np.full(N, 3.0)), {}, "3 everywhere in entry 1"),
    "NaN": (planted(np.where(np.arange(N) == 7, np.nan, 0.0)), {}, "NaN or infinite in 1 of 2000"),
    "five rows": (NORMAL[:5], {}, "40 rows or more"),
    "no array": (np.float64(3.0), {}, "40 rows or more"),
    "no entries": (np.zeros((100, 0)), {}, "an entry or more"),
    "integers": (RNG.integers(0, 9, (N, 2)), {}, "whole numbers.*add noise"),
    "rounded": (np.rint(10 * NORMAL), {}, "whole numbers"),
    "few values": (planted(RNG.choice([0.5, 1.5, 2.5], N)), {}, "3 values in 2000 rows of entry 1"),
    "words": (np.array([["a", "b"]] * 100), {}, "array of numbers"),
    "complex": (NORMAL + 1j, {}, "real numbers"),
    "ragged": ([[1.0, 2.0], [1.0]], {}, "same length"),
    "held out": (NORMAL, {"held_out": 0.95}, "held_out"),
    "a method": (NORMAL, {"method": "flows"}, "did you mean 'flow'"),
    "a rate": (NORMAL, {"learning_rate": -1.0}, "above 0"),
    "chains": (NORMAL, {"chain": np.arange(9)}, "one chain for each row"),
    "one chain": (NORMAL, {"chain": np.zeros(N, int)}, "three chains"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_density_is_one_line(name):
    x, settings, words = REFUSED[name]
    with pytest.raises(InputError, match=words) as found:
        approximate(0, x, **settings)
    assert "\n" not in str(found.value)


def test_sides_share_no_chain_and_no_repeated_row():
    """Nor neighbors of a random walk, but at the ends of blocks; independent rows are split one by one."""
    rng = np.random.default_rng(1)
    twice = np.concatenate([NORMAL, NORMAL])
    for x, chain in ((NORMAL, np.arange(N) // 100), (twice, None)):
        (*sides,), repeated = split_rows(rng, x, chain, 0.25)
        group = np.arange(N) // 100 if chain is not None else np.arange(2 * N) % N
        found = [set(group[side]) for side in sides]
        assert not found[0] & found[2]
        assert not found[0] & found[1]
        assert sum(map(len, sides)) == len(x)
        assert abs(len(sides[2]) / len(x) - 0.25) < 0.06
        assert repeated == pytest.approx(0.0 if chain is not None else 0.5)
    (_, _, held), _ = split_rows(rng, np.cumsum(NORMAL, axis=0), None, 0.25)
    assert (np.diff(held) > 1).sum() < 10
    (_, _, held), _ = split_rows(rng, NORMAL, None, 0.25)
    assert (np.diff(held) > 1).sum() > 100  # planted: rows one by one


def test_a_gaussian_fit_and_its_errors():
    """In any units the density of SciPy with mean and covariance of the rows; the error of whole chains."""
    x = NORMAL[:, :2] @ [[1.0, 0.5], [0.0, 1.0]] * [30.0, 0.1] + [5.0, -3.0]
    exact = multivariate_normal(x.mean(axis=0), np.cov(x, rowvar=False)).logpdf(x[:50])
    np.testing.assert_allclose(gaussian_log_prob(x, x[:50]), exact, atol=1e-3)
    values, chain = np.repeat([1.0, 2.0, 3.0, 6.0], 25), np.repeat(np.arange(4), 25)
    assert mean_over(values, chain).error == pytest.approx((14 / 3 / 4) ** 0.5)
    assert mean_over(values, None).error == pytest.approx(values.std(ddof=1) / 10)


@pytest.mark.parametrize("suffix", [".npy", ".npz", ".csv"])
def test_rows_from_files(suffix, tmp_path):
    path = tmp_path / f"x{suffix}"
    if suffix == ".csv":
        np.savetxt(path, NORMAL, delimiter=",", header="mass,width", comments="")
    else:
        np.save(path, NORMAL) if suffix == ".npy" else np.savez(path, x=NORMAL, weight=NORMAL[:, 0])
    x, settings, record = DensityFile(path).read()
    np.testing.assert_allclose(x, NORMAL)
    assert settings["names"] == (("mass", "width") if suffix == ".csv" else None)
    assert "[2000, 2]" in record["read"]
    if suffix == ".csv":
        assert DensityFile(path, columns=("width",)).read()[0].shape == (N,)
        with pytest.raises(InputError, match=r"columns length.*mass \[2000\]"):
            DensityFile(path, columns=("length",)).read()


def test_two_arrays_are_asked(tmp_path):
    np.savez(tmp_path / "x.npz", a=NORMAL, b=NORMAL)
    with pytest.raises(InputError, match="array='a'"):
        DensityFile(tmp_path / "x.npz").read()
    assert DensityFile(tmp_path / "x.npz", array="b").read()[0].shape == (N, 2)


def test_drawing_from_what_is_no_density_is_one_line():
    two = Result("r", models={"a": StandardNormal((2,)), "b": StandardNormal((2,))})
    for problem, settings, words in (
        (Result("r"), {}, "one trained density; found none"),
        (two, {}, "model='NAME'"),
        (two, {"model": "c"}, "'c'"),
        (two, {"model": "a", "samples": 0}, "samples above 0"),
    ):
        with pytest.raises(InputError, match=words):
            sample(0, problem, **settings)


def test_entries_bear_the_names_of_their_columns(tmp_path):
    """In the figure of a trained density, of what is drawn from it, and in the saved arrays."""
    model = StandardNormal((2,))
    trained = Result("r", arrays=table(NORMAL, NORMAL, ["mass", "width"]), models={"density": model})
    drawn = sample(0, trained, samples=50)
    for result, held in ((trained, True), (drawn, False)):
        (figure,) = draw(result, ["marginals"]).values()
        assert [axes.get_xlabel() for axes in figure.axes] == ["mass", "width"]
        assert ("not trained on" in caption(result, "marginals")) == held
    drawn.save(tmp_path / "run")
    assert list(Result.load(tmp_path / "run").arrays["axis_0"].to_numpy()) == ["mass", "width"]
    with pytest.raises(InputError, match="3 names for rows of shape"):
        approximate(0, NORMAL, names=["mass", "width", "more"])


def test_drawing_from_a_density_of_ones_own(key):
    """Of N(0, 1)²: entropy ln 2πe and <|x|²> = 2 within 4.5 errors; nothing is known of data, so no pass."""
    result = sample(key, StandardNormal((2,)), samples=4000, observables={"square": lambda x: (x**2).sum()})
    for name, exact in (("entropy", np.log(2 * np.pi * np.e)), ("square", 2.0)):
        found = result.estimates[name]
        assert found.error is not None
        assert abs(found.value - exact) < 4.5 * found.error
    assert result.verdict == "unknown"
    x = jnp.asarray(result.arrays["configurations"].to_numpy())
    np.testing.assert_allclose(jax.vmap(StandardNormal((2,)).log_prob)(x), result.arrays["log_prob"], atol=1e-6)


def mixture(n):
    """0.3 N((5, 5), ½²) + 0.7 N((-5, -5), 1), and the exact mean of its ln p, but for e^-40 of overlap."""
    first = RNG.random((n, 1)) < 0.3
    x = np.where(first, 0.5 * RNG.normal(size=(n, 2)) + 5, RNG.normal(size=(n, 2)) - 5)
    gaussian = -np.log(2 * np.pi * np.e)
    log_p = 0.3 * (np.log(0.3) + gaussian - 2 * np.log(0.5)) + 0.7 * (np.log(0.7) + gaussian)
    return x, log_p


def ring(n):
    """Radius 2 ± 0.1, and the mean of ln p: that of N(2, 0.1²) in r and of 1/(2πr), <ln r> = ln 2 - 0.00125."""
    angle, r = RNG.uniform(0, 2 * np.pi, n), 2 + 0.1 * RNG.normal(size=n)
    x = np.stack([r * np.cos(angle), r * np.sin(angle)], axis=1)
    return x, -0.5 * np.log(2 * np.pi * np.e) - np.log(0.1) - np.log(2 * np.pi) - np.log(2) + 0.00125


def correlated(n):
    """Far from the origin, of scales 1 and 1e-3, correlation 0.9."""
    C = np.array([[1.0, 0.9e-3], [0.9e-3, 1e-6]])
    x = RNG.multivariate_normal([1e6, 2.0], C, n)
    return x, -0.5 * np.linalg.slogdet(2 * np.pi * np.e * C)[1]


@pytest.mark.slow
@pytest.mark.parametrize("make", [mixture, ring, correlated])
@pytest.mark.parametrize("method", ["flow", "diffusion"])
def test_known_entropies(make, method, tmp_path):
    """ln q of held-out rows is at most the exact mean and at least that less 0.15, within 4.5 errors; pass; saved.

    Weights of modes far apart are off by a tenth in some trainings of a flow, and then it does not pass.
    """
    x, exact = make(4000)
    result = approximate(0, x, method=method, steps=1500)
    found = result.estimates["log_likelihood"]
    assert result.verdict == "pass" or (make is mixture and method == "flow"), str(result)
    assert found.error is not None
    assert -0.15 - 4.5 * found.error < found.value - exact < 4.5 * found.error
    loaded = Result.load(result.save(tmp_path / "run", report=False))
    one, other = (sample(5, r, samples=200) for r in (result, loaded))
    np.testing.assert_array_equal(one.arrays["configurations"], other.arrays["configurations"])
    assert one.verdict == result.verdict


@pytest.mark.slow
def test_hostile_data_never_pass():
    """A density that was hardly trained fails; repeated rows, a random walk and few rows leave it undecided."""
    bent = planted(NORMAL[:, 0] ** 2 + 0.1 * NORMAL[:, 1])
    assert approximate(0, bent, steps=1).verdict == "fail"
    assert approximate(0, np.concatenate([NORMAL, NORMAL]), steps=100).verdict == "unknown"
    assert approximate(0, np.cumsum(NORMAL, axis=0), steps=100).verdict != "pass"
    assert approximate(0, NORMAL[:60], steps=100).verdict == "unknown"
    with jax.debug_nans(False):  # noqa: FBT003
        assert approximate(0, NORMAL, steps=100, learning_rate=1e3).verdict == "fail"
