# SPDX-License-Identifier: Apache-2.0
"""Python functions and programs by the verb: a posterior that is known, failures in the verdict, stores from files."""

import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpyro import distributions as dist
from tests.run.farm import simulators

from isinglass.errors import InputError
from isinglass.inference.posterior import Simulations
from isinglass.systems.simulator import ProgramSimulator, PythonSimulator
from isinglass.tasks.posterior.posterior_file import PosteriorFile
from isinglass.verbs import infer

BOX = {"a": dist.Uniform(-1.0, 1.0), "b": dist.Uniform(-1.0, 1.0)}
SEEN = np.array([0.3, -0.2])
QUICK = {"prior": BOX, "observation": SEEN, "simulations": 2000, "steps": 500, "samples": 2000, "width": 32,
         "executor": ThreadPoolExecutor, "progress": False}  # fmt: skip
LONGER = QUICK | {"simulations": 3000, "steps": 1500, "width": 64}
PAGE = Path(__file__).parents[3] / "docs" / "posteriors.md"


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """A result, and the store of its simulations."""
    store = tmp_path_factory.mktemp("posterior") / "store"
    return infer(0, PythonSimulator(simulators.quick), store=store, **LONGER), store


def test_a_function_of_numpy_has_the_posterior_that_is_known(stored):
    """Flat prior, noise 0.1: N(x, 0.1) within the box; the network, trained for seconds, is somewhat wider."""
    result, _ = stored
    assert result.verdict == "pass"
    for name, x in zip(BOX, SEEN, strict=True):
        assert result.estimates[name].value == pytest.approx(x, abs=0.03)
        assert result.estimates[name].error == pytest.approx(0.115, rel=0.3)
    assert [note for note in result.notes if "held-out pairs" not in note] == []
    assert not {"executor", "store", "time_limit"} & set(result.settings)


def test_from_the_store_the_same_simulations(stored, tmp_path):
    """By the same call nothing is simulated again; from the folder, in Python and as on the command line, the same."""
    result, store = stored
    again = infer(0, PythonSimulator(simulators.quick), store=store, **LONGER | {"executor": forbidden})
    np.testing.assert_array_equal(again.arrays["a"], result.arrays["a"])
    pairs = Simulations.read(store)
    assert (pairs.names, pairs.x.shape) == (("a", "b"), (3000, 2))
    np.save(tmp_path / "seen.npy", SEEN)
    low, high = (-1.0, -1.0), (1.0, 1.0)
    read, more, record = PosteriorFile(store, tmp_path / "seen.npy", low=low, high=high).read()
    np.testing.assert_array_equal(read.x, pairs.x)
    np.testing.assert_array_equal(more["observation"], SEEN)
    assert record["read"] == "store: a, b [3000, 2], x [3000, 2]"
    with pytest.raises(InputError, match="no names of arrays for a store"):
        PosteriorFile(store, tmp_path / "seen.npy", parameters=("theta",)).read()


def forbidden():
    """An executor that is not to be made."""
    raise AssertionError


def test_a_checkpoint_keeps_the_simulations(tmp_path):
    """Without store= too."""
    settings = QUICK | {"simulations": 300, "steps": 20}
    infer(0, PythonSimulator(simulators.quick), checkpoint=tmp_path, **settings)
    assert len(Simulations.read(tmp_path / "simulations").x) == 300


def falling_off(rng, theta):
    """It fails at large a, and at random."""
    if theta[0] > 0.8:
        raise ValueError("a is large")
    return np.where(rng.random() < 0.02, np.nan, simulators.quick(rng, theta))


def test_failures_are_counted_and_leave_the_verdict_open():
    result = infer(0, PythonSimulator(falling_off), **QUICK)
    (check,) = [c for c in result.checks if "left out" in c.law]
    assert check.verdict == result.verdict == "unknown"
    assert check.measured == pytest.approx(0.9 * 0.98, abs=0.03)
    assert re.match(r"\d+ simulations raised an error; the first: ValueError: a is large", result.notes[0])
    assert re.match(r"\d+ simulations are not finite", result.notes[1])
    shares = [float(s) for s in re.findall(r"[\d.]+", result.notes[2].split("do: ")[1].split(" in")[0])]
    np.testing.assert_allclose(shares, [0.98, 0.98, 0.98, 0.59], atol=0.06)  # 0.6 of the last fourth of a


def test_what_is_lost_was_drawn_from_the_prior(tmp_path):
    """A tenth of the range of a is lost: the parameters that were simulated are still draws of the prior."""
    infer(0, PythonSimulator(falling_off), store=tmp_path / "s", **QUICK | {"steps": 20})
    pairs = Simulations.read(tmp_path / "s")
    of = QUICK | {"executor": None, "steps": 20}
    result, planted = (infer(0, one, **of) for one in (pairs, Simulations(pairs.theta, pairs.x, pairs.names)))
    check, wrong = (next(c for c in r.checks if "draws of the prior" in c.law) for r in (result, planted))
    assert check.verdict == "pass"
    assert wrong.verdict == "fail"  # without the lost ones they are not
    assert [note for note in result.notes if "a is large" in note]


def test_imported_pairs_of_another_prior_are_refuted(tmp_path):
    """Planted: parameters of half the range beside those that are simulated."""
    rng = np.random.default_rng(0)
    for scale, verdict in ((1.0, "pass"), (0.5, "fail")):
        theta = scale * rng.uniform(-1, 1, (1000, 2))
        Simulations(theta, theta + 0.1 * rng.normal(size=theta.shape), ("a", "b")).save(tmp_path / f"{scale}")
        result = infer(0, PythonSimulator(simulators.quick), store=tmp_path / f"{scale}", **QUICK | {"steps": 100})
        assert [c.verdict for c in result.checks if "draws of the prior" in c.law] == [verdict]
        assert result.settings["pairs"] == 2000
    theta[0, 0] = 3.0
    Simulations(theta, theta, ("a", "b")).save(tmp_path / "out")
    with pytest.raises(InputError, match="1 of .* outside of it"):
        infer(0, PythonSimulator(simulators.quick), store=tmp_path / "out", **QUICK)


ECHO = """
import sys, random
random.seed(int(sys.argv[3]))
print(*(float(t) + random.gauss(0, 0.1) for t in sys.argv[1:3]))
"""


@pytest.mark.parametrize("words", [("{seed}",), ("0",)])
def test_a_program_is_a_simulator(words):
    """One that is told no seed is named in a note."""
    program = ProgramSimulator([sys.executable, "-S", "-E", "-c", ECHO, "{theta}", *words])
    result = infer(0, program, **QUICK | {"simulations": 120, "steps": 20})
    assert result.settings["pairs"] == 120
    assert len([note for note in result.notes if "no {seed}" in note]) == (words == ("0",))


@pytest.mark.parametrize(
    ("problem", "settings", "said"),
    [(PythonSimulator(simulators.quick), {"executor": "four"}, "an Executor of concurrent.futures.*found str"),
     (PythonSimulator(simulators.quick), {"executor": 0}, "1 to 10000 processes; found 0"),
     (PythonSimulator(simulators.quick), {"time_limit": -1.0}, "time_limit above 0"),
     (PythonSimulator(simulators.quick), {"store": 5}, "store, a folder; found int"),
     (PythonSimulator(simulators.quick), {"observation": np.zeros(3)}, r"shape \[2\], as simulated; found \[3\]"),
     (PythonSimulator(simulators.quick), {"prior": None}, "a prior.*found none"),
     (PythonSimulator(simulators.masked), {}, "found 0, 2000 more not finite; correct the simulator"),
     (PythonSimulator(lambda rng, theta: None), {}, "all of the first 50 fail, number .*: returned None"),
     (simulators.quick, {}, r"a function of JAX.*PythonSimulator\(simulate\)"),
     (lambda key, theta: theta + np.random.default_rng().normal(size=2), {}, "draws from jax.random with its key"),
     (lambda key, theta: theta, {"executor": ThreadPoolExecutor}, "executor for a PythonSimulator"),
     (lambda key, theta: theta, {"executor": None, "time_limit": 3.0}, "time_limit for a PythonSimulator")],
)  # fmt: skip
def test_bad_input_is_one_line(problem, settings, said):
    with pytest.raises(InputError, match=said) as error:
        infer(0, problem, **{**QUICK, **settings})
    assert "\n" not in str(error.value)


@pytest.mark.slow
def test_the_page_runs(tmp_path, monkeypatch):
    """The Python of the section on own programs, as it stands there."""
    section = PAGE.read_text().split("## Own programs")[1].split("\n## ")[0]
    monkeypatch.chdir(tmp_path)
    code = "\n".join(re.findall(r"```py\n(.*?)```", section, re.DOTALL))
    assert "ProgramSimulator" in code
    assert "PythonSimulator" in code
    names = {"__name__": "page"}
    exec(compile(code, str(PAGE), "exec"), names)
    assert names["result"].verdict in ("pass", "unknown")
