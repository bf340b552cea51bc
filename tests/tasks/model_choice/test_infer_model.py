# SPDX-License-Identifier: Apache-2.0
"""Bayes factors that are known in closed form, by evidence and by simulations; what is no source is refuted."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpyro import distributions as dist
from scipy.stats import multivariate_normal, norm

from isinglass.cli import main
from isinglass.errors import InputError
from isinglass.systems.simulator import GaussianLinear, LogLikelihood, PythonSimulator, RivalModels
from isinglass.tasks.model_choice.infer_model import arrays_of
from isinglass.verbs import infer

QUIET = {"progress": False}
T, SIGMA = np.linspace(-1, 1, 20), 0.5
Y = 0.3 + 0.8 * T + SIGMA * np.random.default_rng(2).normal(size=20)
WIDE, NARROW = GaussianLinear(dimension=2, spread=1.0), GaussianLinear(dimension=2, spread=0.3)
SEEN = np.array([0.6, -0.5])


def nested(powers: int):
    """Σ_p c_p t^p with known noise, c ~ N(0, 1): the likelihood, the prior, and ln Z of the normal law of y."""
    A = np.stack([T**p for p in range(powers)], axis=1)
    of = lambda c: jnp.sum(dist.Normal(A @ c, SIGMA).log_prob(Y))  # noqa: E731
    exact = multivariate_normal(np.zeros(20), A @ A.T + SIGMA**2 * np.eye(20)).logpdf(Y)
    return LogLikelihood(of), dist.Normal(jnp.zeros(powers), 1.0), float(exact)


def log_z(model: GaussianLinear, x: np.ndarray) -> float:
    """ln Π_k N(x_k; 0, σ² + τ²)."""
    return float(norm(0, (model.noise**2 + model.spread**2) ** 0.5).logpdf(x).sum())


@pytest.fixture(scope="module")
def polynomials():
    """Constant, line and parabola."""
    of = {name: nested(k) for name, k in (("constant", 1), ("line", 2), ("parabola", 3))}
    models = RivalModels({name: one[0] for name, one in of.items()})
    found = infer(0, models, prior={name: one[1] for name, one in of.items()}, **QUIET)
    return found, {name: one[2] for name, one in of.items()}


def test_nested_normal_models(polynomials):
    """ln Z to 4 errors, and the probabilities to 4 of theirs."""
    found, exact = polynomials
    best = max(exact.values())
    total = sum(np.exp(z - best) for z in exact.values())
    for name, z in exact.items():
        of = found.estimates[f"log_evidence/{name}"]
        assert of.value == pytest.approx(z, abs=4 * of.error)
        p = found.estimates[f"probability/{name}"]
        assert p.value == pytest.approx(np.exp(z - best) / total, abs=4 * p.error)
        assert 0 < p.error < 0.05
    assert found.verdict == "pass"
    assert found.arrays["probability"].sum() == pytest.approx(1.0)


def test_weights_before_the_observation(polynomials):
    """Planted in the mutants: weights that do not count.  A line of a hundredth."""
    of = {name: nested(k)[:2] for name, k in (("constant", 1), ("line", 2))}
    models = RivalModels({name: one[0] for name, one in of.items()}, weights={"constant": 100.0, "line": 1.0})
    found = infer(0, models, prior={name: one[1] for name, one in of.items()}, **QUIET)
    exact = polynomials[1]
    odds = np.exp(exact["line"] - exact["constant"]) / 100
    p = found.estimates["probability/line"]
    assert p.value == pytest.approx(odds / (1 + odds), abs=4 * p.error + 1e-3)


def test_simulators_are_told_apart_by_their_evidence_and_by_networks():
    """ln B of two normal models in closed form: to 0.1 by populations, to 4 errors and 0.15 by networks."""
    exact = log_z(WIDE, SEEN) - log_z(NARROW, SEEN)
    models = RivalModels({"wide": WIDE, "narrow": NARROW})
    found = infer(0, models, observation=SEEN, method="evidence", **QUIET)
    sign = 1 if found.estimates["probability/wide"].value > 0.5 else -1
    assert sign * found.estimates["log_bayes_factor"].value == pytest.approx(exact, abs=0.1)
    found = infer(0, models, observation=SEEN, **QUIET)
    sign, b = 1 if found.estimates["probability/wide"].value > 0.5 else -1, found.estimates["log_bayes_factor"]
    assert sign * b.value == pytest.approx(exact, abs=4 * b.error + 0.15)
    assert found.estimates["probability/wide"].value == pytest.approx(1 / (1 + np.exp(-exact)), abs=0.06)
    assert found.verdict == "pass"
    assert any("probabilities are true" in check.law for check in found.checks)
    detector = found.models["wide_or_narrow"]
    assert 0 < float(detector.probability(jnp.zeros(2))) < 0.5  # near zero the narrow one


def test_an_observation_of_none_of_the_models_is_refuted():
    found = infer(
        0, RivalModels([WIDE, NARROW]), observation=np.array([30.0, 0.0]), simulations=2000, networks=2, **QUIET
    )
    assert found.verdict == "fail"
    assert [check.verdict for check in found.checks if "nearest of the models" in check.law] == ["fail"]


def test_three_models_of_any_kind_and_what_fails():
    """One of JAX, one of NumPy, one that fails for a fifth: probabilities of sum 1, and not `pass`."""
    noisy = lambda key, theta: theta[0] + 0.3 * jax.random.normal(key, (2,))  # noqa: E731
    failing = lambda key, theta: jnp.where(theta[0] > 0.6, jnp.nan, noisy(key, theta) + 2)  # noqa: E731
    of_numpy = PythonSimulator(lambda rng, theta: theta[0] + rng.normal(0, 1.0, 2))
    prior = {"a": dist.Uniform(-1.0, 1.0)}
    models = RivalModels({"same": noisy, "loud": of_numpy, "failing": failing})
    found = infer(0, models, prior=dict.fromkeys(("same", "loud", "failing"), prior), observation=[0.1, 0.2],
                  simulations=1500, networks=2, executor=1, **QUIET)  # fmt: skip
    p = found.arrays["probability"].to_numpy()
    assert p.sum() == pytest.approx(1.0)
    assert p[0] > p[1] > p[2]
    assert found.verdict != "pass"
    assert any(check.law.startswith("failing: all simulations work") for check in found.checks)


@pytest.mark.parametrize(
    ("models", "settings", "said"),
    [(RivalModels({"a": WIDE}), {}, "two models or more"), (RivalModels(WIDE), {}, "two models or more"),
     (RivalModels([WIDE, NARROW]), {"observation": None}, "an observation"),
     (RivalModels([WIDE, GaussianLinear(dimension=3)]), {}, "found .* of model_0|one shape"),
     (RivalModels([WIDE, NARROW]), {"networks": 1}, "two networks"),
     (RivalModels([WIDE, NARROW], weights=[1.0, -1.0]), {}, "positive weights"),
     (RivalModels({"a": WIDE, "b": NARROW}), {"prior": {"a": WIDE.prior()}}, "a prior for a, b"),
     (RivalModels([lambda key, theta: theta, WIDE]), {}, "a prior"),
     (RivalModels([nested(1)[0], WIDE]), {}, 'use method="evidence"')],
)  # fmt: skip
def test_bad_models_are_one_line(models, settings, said):
    with pytest.raises(InputError, match=said):
        infer(0, models, **{"observation": SEEN, "simulations": 500, **QUIET, **settings})


def test_arrays_of_any_library_are_simulations():
    """A list, an array of JAX: that of NumPy; an array of text is one line."""
    x = np.ones((3, 2))
    found = arrays_of({"list": x.tolist(), "jax": jnp.asarray(x), "numpy": x, "simulator": WIDE})
    assert all(isinstance(found[name], np.ndarray) and found[name].shape == (3, 2) for name in ("list", "jax", "numpy"))
    assert found["simulator"] is WIDE
    with pytest.raises(InputError, match="array of numbers"):
        infer(0, RivalModels({"a": np.full((200, 2), "1"), "b": np.ones((200, 2))}), observation=SEEN, **QUIET)


@pytest.fixture
def files(tmp_path):
    """Simulations of both models in files of two formats, and an observation."""
    rng = np.random.default_rng(3)
    for model, save in ((WIDE, "npz"), (NARROW, "csv")):
        theta = model.spread * rng.normal(size=(3000, 2))
        x = theta + model.noise * rng.normal(size=(3000, 2))
        if save == "npz":
            np.savez(tmp_path / "wide.npz", theta=theta, a=x[:, 0], b=x[:, 1])
        else:
            np.savetxt(tmp_path / "narrow.csv", x, delimiter=",", header="a,b", comments="")
    np.savetxt(tmp_path / "seen.csv", SEEN[None], delimiter=",", header="a,b", comments="")
    np.savez(tmp_path / "three.npz", x=np.ones((200, 3)))
    np.savez(tmp_path / "few.npz", a=np.ones(20), b=np.ones(20))
    return tmp_path


def test_files_of_simulations(files, capsys):
    """ln B in closed form to 4 errors, by the command."""
    words = ["models", *(str(files / name) for name in ("wide.npz", "narrow.csv")), "--simulated", "a", "b"]
    with pytest.raises(SystemExit) as ended:
        main([*words, "--observation", str(files / "seen.csv"), "--out", str(files / "run"), "--json"])
    found = json.loads(capsys.readouterr().out)
    assert ended.value.code == 0
    exact, b = log_z(WIDE, SEEN) - log_z(NARROW, SEEN), found["estimates"]["log_bayes_factor"]
    sign = 1 if found["estimates"]["probability/wide"]["value"] > 0.5 else -1
    assert sign * b["value"] == pytest.approx(exact, abs=4 * b["error"])


@pytest.mark.parametrize(
    ("names", "more", "said"),
    [(["wide.npz"], [], "two models or more"), (["wide.npz", "wide.npz"], [], "each of another name"),
     (["wide.npz", "three.npz"], [], "one shape"), (["wide.npz", "few.npz"], ["--simulated", "a", "b"], "100 finite"),
     (["wide.npz", "narrow.csv"], ["--simulated", "q"], "arrays q"),
     (["wide.npz", "narrow.csv"], ["--weights", "1", "2", "3"], "weights of 2"),
     (["wide.npz", "narrow.csv"], ["--weights", "1", "-2"], "positive"),
     (["wide.npz", "narrow.csv"], ["--method", "evidence"], "leave method out")],
)  # fmt: skip
def test_bad_files_are_one_line(files, capsys, names, more, said):
    words = ["models", *(str(files / name) for name in names), "--observation", str(files / "seen.csv"), *more]
    with pytest.raises(SystemExit) as ended:
        main([*words, "--out", str(files / "run")])
    assert ended.value.code == 2
    told = capsys.readouterr().err.splitlines()
    assert said in told[-1]
    assert not (files / "run").exists()
