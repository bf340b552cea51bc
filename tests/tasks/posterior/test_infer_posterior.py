# SPDX-License-Identifier: Apache-2.0
"""Posteriors by the verb and from files: known ones are found, wrong ones are not passed, bad input is one line."""

import h5py
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpyro import distributions as dist

from isinglass.errors import InputError
from isinglass.inference.posterior import Simulations
from isinglass.result import Result
from isinglass.systems.simulator import GaussianLinear, TwoMoons
from isinglass.systems.simulator.prior import RESULT_NAMES
from isinglass.tasks.posterior.evidence import split
from isinglass.tasks.posterior.posterior_file import PosteriorFile
from isinglass.verbs import infer

QUICK = {"simulations": 3000, "steps": 600, "samples": 2000, "width": 32, "progress": False}
BOX = {"a": dist.Uniform(-1.0, 1.0), "b": dist.Uniform(-1.0, 1.0)}
SEEN = np.array([0.3, -0.2])
RNG = np.random.default_rng(0)
THETA = RNG.uniform(-1, 1, (400, 2))
X = THETA + 0.1 * RNG.normal(size=(400, 2))


def shifted(key, theta):
    """x = θ + noise of 0.1."""
    return theta + 0.1 * jax.random.normal(key, (2,))


@pytest.fixture(scope="module")
def linear():
    """A conjugate posterior in two dimensions."""
    return infer(0, GaussianLinear(dimension=2), observation=SEEN, **QUICK)


def test_a_conjugate_posterior_is_found(linear):
    """N(x/2, 0.05): means within 0.15 of a width, widths within 15 %, for so short a training."""
    s = 0.05**0.5
    for i in range(2):
        found = linear.estimates[f"theta_{i}"]
        assert found.value == pytest.approx(SEEN[i] / 2, abs=0.15 * s)
        assert found.error == pytest.approx(s, rel=0.15)
        assert linear.estimates[f"contraction/theta_{i}"].value == pytest.approx(0.5, abs=0.15)
    assert linear.verdict == "pass"


def test_its_figures_are_drawn(linear):
    """All that its report shows; no line for true parameters, which nobody knows."""
    figures = linear.plot()
    assert set(figures) == set(linear.figures) >= {"corner"}
    assert not [line for panel in figures["corner"].axes for line in panel.lines if line.get_linestyle() == ":"]


def test_no_parameter_has_a_name_that_results_need(linear):
    """Else its samples are lost without a word, as an `observation` or an `acceptance` once were."""
    near = infer(0, shifted, prior=BOX, observation=SEEN, method="rejection", simulations=2000, progress=False)
    for result in (linear, near):
        own = {str(name) for name in result.arrays["parameter"].to_numpy()}
        names = {*map(str, result.arrays.variables), *map(str, result.arrays.dims), *result.estimates} - own
        assert {name for name in names if "/" not in name and not name.startswith("axis_")} <= RESULT_NAMES
    for name in ("observation", "acceptance", "rank", "a/b", ""):
        with pytest.raises(InputError, match=f"found '{name}'; rename it"):
            infer(0, shifted, prior={name: BOX["a"], "b": BOX["b"]}, observation=SEEN)


def test_the_density_is_normalized_and_drawn_from(linear):
    """∫ q dθ = 1 on a grid; the share of draws in a square is the integral over it."""
    q = linear.models["posterior"].given(jnp.asarray(SEEN))
    axis = jnp.linspace(-2.5, 2.5, 401)
    grid = jnp.stack(jnp.meshgrid(axis, axis, indexing="ij"), axis=-1).reshape(-1, 2)
    p = np.exp(np.asarray(jax.jit(jax.vmap(q.log_prob))(grid))).reshape(401, 401) * float(axis[1] - axis[0]) ** 2
    assert p.sum() == pytest.approx(1.0, abs=2e-3)
    theta = np.stack([linear.arrays[f"theta_{i}"].to_numpy() for i in range(2)], axis=1)
    share, exact = (theta > 0.1).all(axis=1).mean(), p[axis > 0.1][:, axis > 0.1].sum()
    assert abs(share - exact) < 4.5 * (exact * (1 - exact) / len(theta)) ** 0.5 + 2e-3


def test_the_model_is_saved_and_loaded(linear, tmp_path):
    linear.save(tmp_path / "run")
    loaded = Result.load(tmp_path / "run").models["posterior"]
    theta, x = jnp.array([0.1, 0.2]), jnp.asarray(SEEN)
    again, before = (model.given(x).log_prob(theta) for model in (loaded, linear.models["posterior"]))
    assert float(again) == float(before)


def test_same_key_same_numbers(linear):
    again = infer(0, GaussianLinear(dimension=2), observation=SEEN, **QUICK)
    np.testing.assert_array_equal(again.arrays["theta_0"], linear.arrays["theta_0"])


def test_an_observation_out_of_range_is_refuted():
    result = infer(0, shifted, prior=BOX, observation=np.array([0.0, 9.0]), **QUICK)
    assert result.verdict == "fail"
    assert any("far out" in c.law and c.verdict == "fail" for c in result.checks)
    assert (np.abs(result.arrays["b"]) <= 1).all()  # and still within the prior


def test_simulations_that_are_not_finite_are_counted_and_leave_the_verdict_open():
    def failing(key, theta):
        return jnp.where(theta[0] > 0.8, jnp.nan, shifted(key, theta))

    result = infer(0, failing, prior=BOX, observation=SEEN, **QUICK)
    (check,) = [c for c in result.checks if "left out" in c.law]
    assert check.verdict == result.verdict == "unknown"
    assert check.measured == pytest.approx(0.9, abs=0.03)


def test_parameters_far_from_zero_keep_their_digits():
    """θ = 10⁶ ± 1 seen to 0.05: in single precision its step is 0.06."""
    simulate = lambda key, theta: theta + 0.05 * jax.random.normal(key, (1,))  # noqa: E731
    prior = {"a": dist.Normal(1e6, 1.0)}
    result = infer(0, simulate, prior=prior, observation=[1e6 + 0.5], **QUICK)
    assert result.estimates["a"].value == pytest.approx(1e6 + 0.5, abs=0.05)
    assert len(np.unique(result.arrays["a"])) > 1900
    low, high = np.quantile(result.arrays["a"], [0.16, 0.84])
    assert (high - low) / 2 == pytest.approx(0.05, rel=0.5)


def test_one_number_is_an_observation():
    simulate = lambda key, theta: theta[0] + 0.1 * jax.random.normal(key)  # noqa: E731
    result = infer(0, simulate, prior={"a": dist.Uniform(-1.0, 1.0)}, observation=0.3, **QUICK)
    assert result.estimates["a"].value == pytest.approx(0.3, abs=0.05)


def test_a_prior_by_name_is_in_the_order_of_the_columns():
    """Planted: the prior names b first; b is seen at -0.2."""
    pairs = Simulations(THETA, X, ("a", "b"))
    prior = {"b": dist.Uniform(-1.0, 1.0), "a": dist.Uniform(-1.0, 1.0)}
    result = infer(0, pairs, prior=prior, observation=SEEN, steps=200, progress=False)
    assert result.settings["parameters"] == ["a", "b"]
    assert result.estimates["a"].value > 0 > result.estimates["b"].value


def test_a_prior_that_the_simulations_are_not_drawn_from_is_refuted():
    """Planted: parameters of half the range; the posterior would be that of another prior."""
    result = infer(0, Simulations(THETA / 2, X), prior=BOX, observation=SEEN / 2, steps=100, progress=False)
    (check,) = [c for c in result.checks if "draws of the prior" in c.law]
    assert check.verdict == result.verdict == "fail"
    right = infer(0, Simulations(THETA, X), prior=BOX, observation=SEEN, steps=100, progress=False)
    assert [c.verdict for c in right.checks if "draws of the prior" in c.law] == ["pass"]


def test_no_parameters_are_on_two_sides():
    """Each θ simulated five times: else what was trained on is tested."""
    theta = np.repeat(THETA, 5, axis=0)
    sides = split(np.random.default_rng(0), theta)
    kinds = [set(map(tuple, theta[rows])) for rows in sides]
    assert sum(map(len, sides)) == len(theta)
    assert all(kinds[i].isdisjoint(kinds[j]) for i, j in ((0, 1), (0, 2), (1, 2)))
    assert 100 <= len(sides.held) <= 1000


def test_few_simulations_do_not_pass():
    pairs = Simulations(THETA[:150], X[:150], ("a", "b"))
    assert infer(0, pairs, prior=BOX, observation=SEEN, steps=100, progress=False).verdict != "pass"


def constant_column(key, theta):
    return jnp.concatenate([shifted(key, theta), jnp.ones(1)])


def test_a_constant_column_tells_nothing_and_breaks_nothing():
    result = infer(0, constant_column, prior=BOX, observation=np.array([0.3, -0.2, 1.0]), **QUICK)
    assert result.estimates["a"].value == pytest.approx(0.3, abs=0.1)
    other = infer(0, constant_column, prior=BOX, observation=np.array([0.3, -0.2, 2.0]), **QUICK)
    assert other.verdict == "fail"  # no simulation has a 2 there


@pytest.mark.parametrize(
    ("problem", "settings", "said"),
    [(shifted, {"prior": BOX}, "an observation; found none"), (shifted, {"observation": SEEN}, "a prior.*found none"),
     (shifted, {"prior": BOX, "observation": np.zeros(3)}, r"shape \[2\].*found \[3\]"),
     (shifted, {"prior": BOX, "observation": np.array([0.0, np.nan])}, "finite numbers"),
     (lambda key, theta: (theta, theta), {"prior": BOX, "observation": SEEN}, "one array of real numbers"),
     (lambda key, theta: np.asarray(theta).sum(), {"prior": BOX, "observation": SEEN}, "a function of JAX"),
     (lambda theta: theta, {"prior": BOX, "observation": SEEN}, "a function of JAX"),
     (lambda key, theta: jnp.nan * theta, {"prior": BOX, "observation": SEEN}, "found 0, 3000 more not finite"),
     (Simulations(THETA, X[:300]), {"prior": BOX, "observation": SEEN}, "a row of each"),
     (Simulations(THETA[:50], X[:50]), {"prior": BOX, "observation": SEEN}, "100 finite simulations"),
     (Simulations(THETA[:4].repeat(100, 0), X), {"prior": BOX, "observation": SEEN}, "different parameters.*found 4"),
     (Simulations(3 * THETA, X), {"prior": BOX, "observation": SEEN}, "of 400 outside of it"),
     (Simulations(THETA[:, :1], X), {"prior": BOX, "observation": SEEN}, "2 parameters.*found 1"),
     (Simulations(THETA, X, ("m", "w")), {"prior": BOX, "observation": SEEN}, "a prior of m, w; found a, b"),
     (TwoMoons(), {"observation": SEEN, "simulation": 5}, "simulations"),
     (TwoMoons(), {"observation": "file.npy"}, "observation")],
)  # fmt: skip
def test_bad_input_is_one_line(problem, settings, said):
    with pytest.raises(InputError, match=said) as error:
        infer(0, problem, **{**QUICK, **settings})
    assert "\n" not in str(error.value)


def write(folder):
    """The same pairs in three formats, and the observation in two."""
    with h5py.File(folder / "s.h5", "w") as file:
        file["theta"], file["x"] = THETA, X
    np.savez(folder / "s.npz", parameters=THETA, data=X)
    np.savetxt(folder / "s.csv", np.c_[THETA, X], delimiter=",", header="m,w,first,second", comments="")
    np.save(folder / "o.npy", SEEN)
    np.savetxt(folder / "o.csv", SEEN[None], delimiter=",", header="first,second", comments="")


@pytest.mark.parametrize(
    ("name", "asked", "names"),
    [("s.h5", {}, ("theta_0", "theta_1")), ("s.npz", {}, ("parameters_0", "parameters_1")),
     ("s.csv", {"parameters": ("m", "w")}, ("m", "w")),
     ("s.csv", {"parameters": ("m", "w"), "simulated": ("first", "second")}, ("m", "w"))],
)  # fmt: skip
@pytest.mark.parametrize("observation", ["o.npy", "o.csv"])
def test_pairs_of_files(name, asked, names, observation, tmp_path):
    write(tmp_path)
    pairs, more, _ = PosteriorFile(tmp_path / name, tmp_path / observation, **asked).read()
    assert pairs.names == names
    np.testing.assert_allclose(pairs.theta, THETA)
    np.testing.assert_allclose(pairs.x, X)
    np.testing.assert_allclose(more["observation"], SEEN)


@pytest.mark.parametrize(
    ("name", "asked", "said"),
    [("s.csv", {}, "name it: parameters NAME"), ("s.csv", {"parameters": ("q",)}, "arrays q"),
     ("s.h5", {"low": (0.0,)}, "ends of the prior for 2"),
     ("s.h5", {"low": (1.0, 0.0), "high": (0.0, 1.0)}, "low below"),
     ("s.h5", {"observation": None}, "the file of one")],
)  # fmt: skip
def test_files_that_do_not_say_enough(name, asked, said, tmp_path):
    write(tmp_path)
    settings = {"observation": tmp_path / "o.npy", **asked}
    with pytest.raises(InputError, match=said):
        PosteriorFile(tmp_path / name, **settings).read()


def draws_of_a_normal(key, theta):
    """Ten draws of N(θ, 1)."""
    return theta[0] + jax.random.normal(key, (10,))


def test_any_number_of_draws_is_served():
    """The posterior of n draws of N(θ, 1), θ ~ N(0, 1), is N(Σx/(n+1), 1/(n+1)): for 4 and 10 by one training."""
    with jax.debug_nans(False):  # noqa: FBT003  NaN says what is not there
        x = np.asarray(draws_of_a_normal(jax.random.key(3), jnp.array([0.7])))
        found = infer(0, draws_of_a_normal, prior={"mean": dist.Normal(0.0, 1.0)}, observation=x[:4], embedding="set",
                      any_number=True, **QUICK | {"steps": 1500})  # fmt: skip
        assert found.verdict != "fail"  # one p-value in a hundred is below 0.01
        for n in (4, 10):
            y = np.where(np.arange(10) < n, x, np.nan)
            drawn = np.asarray(jax.vmap(found.models["posterior"].given(jnp.asarray(y)).draw)(
                jax.random.split(jax.random.key(0), 4000)))  # fmt: skip
            width = 1 / (n + 1) ** 0.5
            assert drawn.mean() == pytest.approx(x[:n].sum() / (n + 1), abs=0.3 * width)
            assert drawn.std() == pytest.approx(width, rel=0.25)


def test_fewer_rows_need_to_be_asked_for():
    with pytest.raises(InputError, match="as many rows"):
        infer(0, draws_of_a_normal, prior={"mean": dist.Normal(0.0, 1.0)}, observation=np.zeros(4), embedding="set",
              **QUICK)  # fmt: skip


def test_an_embedding_of_other_data_is_refused():
    with pytest.raises(InputError, match="axes for the embedding image"):
        infer(0, draws_of_a_normal, prior={"mean": dist.Normal(0.0, 1.0)}, observation=np.zeros(10), embedding="image",
              **QUICK)  # fmt: skip


def test_samples_of_chains_are_read_one_draw_a_chain(tmp_path):
    """As `isinglass sample` writes them: temperature is the parameter; draws of a chain are alike, the last is kept."""
    T, chain, draw = (a.ravel() for a in np.meshgrid(np.linspace(1, 3, 120), [0, 1], [0, 1, 2], indexing="ij"))
    x = np.stack([T, chain, draw], axis=1)
    with h5py.File(tmp_path / "s.nc", "w") as file:
        file["configurations"], file["temperature"], file["chain"], file["draw"] = (
            x[::-1],
            T[::-1],
            chain[::-1],
            draw[::-1],
        )
        file["r_hat"] = np.ones(120)
    np.save(tmp_path / "o.npy", x[0])
    pairs, _, _ = PosteriorFile(tmp_path / "s.nc", tmp_path / "o.npy").read()
    assert pairs.names == ("temperature",)
    assert len(pairs.x) == 240
    assert (pairs.x[:, 2] == 2).all()
    np.testing.assert_array_equal(pairs.x[:, 0], pairs.theta[:, 0])
    (tmp_path / "run").mkdir()
    (tmp_path / "s.nc").rename(tmp_path / "run" / "arrays.nc")
    again, _, _ = PosteriorFile(tmp_path / "run", tmp_path / "o.npy").read()
    np.testing.assert_array_equal(again.x, pairs.x)
