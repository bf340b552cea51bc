# SPDX-License-Identifier: Apache-2.0
"""Targets have the symmetries they are said to have; the claims of the smoke presets; networks that break them."""

import jax
import numpy as np
import pytest

from isinglass.checks.symmetry import equivariance
from isinglass.errors import InputError
from isinglass.experiments.prior import priors, translation_symmetry
from isinglass.experiments.prior.prior_case import CASES
from isinglass.experiments.prior.priors import Priors
from isinglass.experiments.prior.translation_symmetry import TranslationSymmetry, striped

TINY = {"sizes": (20, 40), "trainings": 1, "steps": 20, "width": 8}


@pytest.mark.parametrize("name", CASES)
def test_the_target_has_the_symmetry(name):
    case = CASES[name]
    x = np.asarray(jax.vmap(case.draw)(jax.random.split(jax.random.key(0), 8)))
    assert x.shape[1:] == case.shape
    assert equivariance(case.target, case.group, x, output=case.output).verdict == "pass"


@pytest.mark.slow
def test_the_claims_hold():
    found = Priors(**Priors.presets["smoke"]).run(jax.random.key(0))
    assert found.verdict == "pass", found


def test_a_perceptron_in_the_place_of_the_table_is_refuted(monkeypatch):
    made = lambda key, group, shape, output, width: priors.MLP(key=key, in_shape=shape, out=1)  # noqa: E731
    monkeypatch.setattr(priors, "net_for", made)
    found = Priors(priors=("rotation",), **TINY).run(jax.random.key(0))
    (check,) = [c for c in found.checks if c.law.startswith("the equivariant network holds")]
    assert check.verdict == "fail"


def test_what_is_no_prior_is_refused():
    with pytest.raises(InputError, match="priors among translation"):
        Priors(priors=("parity",)).run(jax.random.key(0))
    with pytest.raises(InputError, match="sizes that ascend"):
        Priors(sizes=(100, 50)).run(jax.random.key(0))


def test_stripes_are_moved_and_labelled():
    key = jax.random.key(0)
    one, other = striped(key, 200, 8, 0), striped(key, 200, 8, 3)
    assert 60 < one.y.sum() < 140
    moved = np.where(one.y[:, None, None] == 0, np.roll(one.x, 3, axis=1), np.roll(one.x, 3, axis=2))
    assert 0.7 < np.mean(moved == other.x) < 0.9  # but for the noise, 0.9² + 0.1²
    assert np.array_equal(one.y, other.y)
    spread = np.abs(one.x.mean(axis=2)).mean(axis=1)  # of the means of rows: lying stripes fill rows
    assert spread[one.y == 0].min() > spread[one.y == 1].max()


@pytest.mark.slow
def test_the_claims_of_shifted_configurations_hold():
    found = TranslationSymmetry(**TranslationSymmetry.presets["smoke"]).run(jax.random.key(0))
    assert found.verdict == "pass", found


@pytest.mark.slow
def test_a_perceptron_in_the_place_of_the_cnn_is_refuted(monkeypatch):
    made = lambda key, group, shape, out, width: translation_symmetry.MLP(key=key, in_shape=shape, out=out)  # noqa: E731
    monkeypatch.setattr(translation_symmetry, "net_for", made)
    found = TranslationSymmetry(**(TranslationSymmetry.presets["smoke"] | {"steps": 100})).run(jax.random.key(0))
    failed = [c.law for c in found.checks if c.verdict == "fail"]
    assert any("that a shift changes" in law for law in failed)
    assert any("worst shift" in law for law in failed)
