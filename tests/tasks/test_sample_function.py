# SPDX-License-Identifier: Apache-2.0
"""A density as one function: known laws in every range, what cannot be sampled in one line, wrong answers never pass.

False alarm 1e-4 and less; resolution as stated.
"""

import math
import os
import signal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import gamma, kstest

from isinglass.errors import InputError, Interrupted
from isinglass.tasks.own.function_system import function_system, rows_of_starts
from isinglass.verbs import sample

ZERO = jnp.zeros(3)


def gauss(x):
    """½ |x|²."""
    return 0.5 * (x**2).sum()


def refused(words, function, **settings):
    with pytest.raises(InputError, match=words) as found:
        sample(0, function, **settings)
    assert "\n" not in str(found.value)


REFUSED = {
    "no start": ("a start, one configuration", gauss, {}),
    "NumPy": ("jax.numpy", lambda x: np.exp(x).sum(), {"start": ZERO}),
    "math": ("jax.numpy", lambda x: math.exp(x), {"start": 0.0}),
    "if": ("jnp.where in place of if", lambda x: x if x > 0 else -x, {"start": 1.0}),
    "a vector": (r"one real number.*float64\[3\]", lambda x: x**2, {"start": ZERO}),
    "nothing": ("NoneType", lambda x: None, {"start": ZERO}),
    "whole numbers": ("int64", lambda x: jnp.sum(x > 0), {"start": ZERO}),
    "complex": ("complex128", lambda x: jax.lax.complex(x, x).sum(), {"start": ZERO}),
    "two arguments": ("one configuration like the start.*argument", lambda x, y: x, {"start": 1.0}),
    "an error": ("ZeroDivisionError", lambda x: 1 / 0, {"start": ZERO}),
    "infinite": ("finite energy at the start; found inf", lambda x: jnp.where(x > 0, x, jnp.inf), {"start": -1.0}),
    "out of range": ("inside its range", gauss, {"start": -1.0, "constraints": "positive"}),
    "no simplex": ("inside its range", gauss, {"start": ZERO, "constraints": "simplex"}),
    "a word": ("positive, simplex", gauss, {"start": 1.0, "constraints": "postive"}),
    "a name": ("constraints of x", gauss, {"start": 1.0, "constraints": {"b": "positive"}}),
    "by name": ("by name, for a", lambda p: p["a"], {"start": {"a": 1.0}, "constraints": "positive"}),
    "text": ("real numbers; found <U", gauss, {"start": "zero"}),
    "empty": ("one number or more", gauss, {"start": jnp.zeros(0)}),
    "a mode": (r"modes like the start, of shape \[3\]; found \[2\]", gauss, {"start": ZERO, "modes": [jnp.zeros(2)]}),
    "no modes": ("a list of configurations", gauss, {"start": ZERO, "modes": 3}),
    "energy": ("the result does not use", lambda p: p["energy"] ** 2, {"start": {"energy": 1.0}}),
    "star": ("did you mean start", gauss, {"star": ZERO}),
    "a method": ("auto, hmc", gauss, {"start": ZERO, "method": "flow"}),
    "hot and ranged": ("one temperature", gauss, {"start": 1.0, "temperature": [1.0, 2.0], "constraints": "positive"}),
    "a start without a key": ("a JAX key", gauss, {"start": lambda: ZERO}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_sampled_is_one_line(name):
    words, function, settings = REFUSED[name]
    refused(words, function, **settings)


def test_rows_that_the_function_takes_one_at_a_time_are_starts():
    start, modes, notes = rows_of_starts(lambda x: x @ jnp.arange(3.0), jnp.ones((4, 3)), None)
    assert (start.shape, len(modes), notes) == ((3,), 4, [])
    start, modes, notes = rows_of_starts(gauss, jnp.ones((4, 3)), None)
    assert (start.shape, modes) == ((4, 3), None)
    assert "one configuration of 12 numbers" in notes[0]


class Well(eqx.Module):
    """A function with numbers of its own."""

    k: jax.Array

    def __call__(self, x):
        return 0.5 * self.k * (x**2).sum()


@pytest.mark.parametrize("T", [1.0, 2.0])
def test_the_energy_of_the_free_numbers(T):
    """U(z) = E(f(z)) - T ln|df/dz|: of a gamma law, U and the density of z are those of SciPy, at T = 2 too."""
    system = function_system(lambda x: T * (x - 2 * jnp.log(x)), 1.0, "positive", None, T, gradient=True)
    z = jnp.linspace(-3.0, 3.0, 7)[:, None]
    U = jax.vmap(system.energy)(z) / T
    exact = gamma(3).logpdf(np.exp(z[:, 0])) + z[:, 0]
    np.testing.assert_allclose(U + exact, (U + exact)[0] * np.ones(7), atol=1e-10)
    assert abs(float(U[0] - U[-1]) + float(gamma(3).logpdf(np.exp(-3.0)) - gamma(3).logpdf(np.exp(3.0)))) > 1


def test_structures_and_modules():
    """x as a dict of arrays; a module with arrays as the function; the width of the well sets the scatter."""
    start = {"mu": jnp.zeros(2), "sigma": 1.0}
    energy = lambda p: (p["mu"] ** 2).sum() / p["sigma"] ** 2 + p["sigma"]  # noqa: E731
    system = function_system(energy, start, {"sigma": "positive"}, None, 1.0, gradient=True)
    assert list(system.coordinates() or ()) == ["mu_0", "mu_1", "sigma"]
    x = system.structured(jnp.asarray([1.0, 2.0, 0.0]))
    assert (x["mu"].tolist(), float(x["sigma"])) == ([1.0, 2.0], 1.0)
    well = function_system(Well(jnp.asarray(100.0)), ZERO, None, None, 1.0, gradient=True)
    np.testing.assert_allclose(well.width, 0.3)
    assert float(well.energy(jnp.ones(3))) == pytest.approx(150.0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("energy", "start", "constraints", "law"),
    [
        (lambda x: x - 2 * jnp.log(x), 1.0, "positive", gamma(3).cdf),
        (lambda x: 0.0 * x, 1.0, (0, 2), "uniform"),
        (lambda x: jnp.log1p(x**2), 0.0, None, "cauchy"),  # it has no mean
    ],
)
def test_known_laws_of_one_number(energy, start, constraints, law):
    """p-value of Kolmogorov-Smirnov above 1e-4, of every fourth draw of each chain."""
    result = sample(1, energy, start=start, constraints=constraints, samples=2048)
    assert result.verdict == ("unknown" if law == "cauchy" else "pass"), str(result)
    assert [c.law.partition("(")[0] for c in result.checks if c.verdict == "unknown"] == (
        ["what is averaged has a mean "] if law == "cauchy" else []
    )
    x = result.arrays["configurations"].to_numpy()[result.arrays["draw"].to_numpy() % 4 == 0]
    assert kstest(x / 2 if law == "uniform" else x, law).pvalue > 1e-4
    assert result.notes == []


@pytest.mark.slow
def test_a_correlated_gaussian_of_scales_that_differ():
    """Scales 1e-3 and 1e3 and a correlation of 0.9: means, widths and the correlation within 5 errors; <½zᵀz> = 1."""
    L = np.array([[1e-3, 0.0], [0.9e3, 1e3 * 0.19**0.5]])
    whitened = jnp.asarray(np.linalg.inv(L))
    result = sample(2, lambda x: 0.5 * ((whitened @ x) ** 2).sum(), start=jnp.zeros(2), samples=4096,
                    observables={"product": lambda x: x[0] * x[1]})  # fmt: skip
    assert result.verdict == "pass", str(result)
    for name, exact in (("energy", 1.0), ("x_0", 0.0), ("x_1", 0.0), ("product", 0.9)):
        found = result.estimates[name]
        assert found.error is not None
        assert abs(found.value - exact) < 5 * found.error
    x = result.arrays["configurations"].to_numpy()
    np.testing.assert_allclose(x.std(axis=0), [1e-3, 1e3], rtol=0.1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("energy", "start", "words"),
    [
        (lambda x: -jnp.logaddexp(-gauss(x - 20), -gauss(x + 20)), 20 * jnp.ones(2), "chains agree"),
        (lambda x: -gauss(x), ZERO, "chains move"),
        (lambda x: x - 2 * jnp.log(x), 2.0, "a number near"),
    ],
    ids=["modes that never met", "a log density with the wrong sign", "an energy that is NaN somewhere"],
)
def test_a_wrong_answer_does_not_pass(energy, start, words):
    modes = [-start] if words == "chains agree" else None
    with jax.debug_nans(False):  # noqa: FBT003
        result = sample(0, energy, start=start, modes=modes, max_sweeps=2000)
    assert result.verdict == "fail"
    assert any(words in check.law for check in result.checks if check.verdict == "fail")
    assert any("negative" in note for note in result.notes) == (words == "chains move")


@pytest.mark.slow
def test_a_stopped_run_is_that_of_the_same_function(tmp_path):
    """A checkpoint of another energy is refused; that of the same one gives the bits of a run that nobody stopped."""
    knobs = {"start": ZERO, "samples": 4096, "chains": 16, "thin": 8, "effective_samples": None}
    stop = lambda done, total, message: os.kill(os.getpid(), signal.SIGTERM) if "sampling" in message else None  # noqa: E731
    with pytest.raises(Interrupted):
        sample(0, gauss, checkpoint=tmp_path, progress=stop, **knobs)
    with pytest.raises(ValueError, match="problem.code"):
        sample(0, lambda x: 2 * gauss(x), checkpoint=tmp_path, **knobs)
    one, again = sample(0, gauss, checkpoint=tmp_path, **knobs), sample(0, gauss, **knobs)
    np.testing.assert_array_equal(one.arrays["configurations"], again.arrays["configurations"])
