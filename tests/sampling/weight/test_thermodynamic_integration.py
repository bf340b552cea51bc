# SPDX-License-Identifier: Apache-2.0
"""Thermodynamic integration against Kaufman and the free field; both parts of the error are honest."""

import equinox as eqx
import jax
import numpy as np
import pytest

from isinglass.checks.calibration import coverage
from isinglass.exact.lattice import kaufman
from isinglass.sampling import HeatBath, Metropolis
from isinglass.sampling.chain.sampler import Independent
from isinglass.sampling.ensemble.driver import SamplingPlan
from isinglass.sampling.weight.thermodynamic_integration import (
    gauss_legendre,
    integrate,
    integrate_coupling,
    integrate_temperature,
    quadrature_error,
)
from isinglass.systems import Ising
from isinglass.systems.field.phi4 import Phi4, free_field
from isinglass.systems.path import CouplingPath
from isinglass.verbs import sample


@pytest.mark.slow
def test_ising_from_infinite_temperature_is_kaufmans(key):
    """Ln Z(beta = 0.5) of 6 x 6 = 36 ln 2 - ∫ <E>: through the transition, with 12 nodes.  A 2 % error is seen."""
    plan = SamplingPlan(samples=64 * 40, chains=64, thin=3, warmup=100, configurations=False)
    ensemble = Independent(HeatBath())
    found, diagnosis = integrate_temperature(key, ensemble, Ising((6, 6)), (0.0, 0.5), plan=plan, start="uniform")
    assert not diagnosis.disagree.any()
    exact = 36 * (kaufman.log_partition_function(2.0, 6) - np.log(2))
    assert abs(found.value.value - exact) < 4 * found.value.error < 0.2
    planted = integrate(1.02 * found.integrand, 0.0, 0.5)
    assert abs(planted.value.value - exact) > 4 * planted.value.error


def test_mass_of_the_free_field_is_a_coupling(key):
    """1D, 4 sites, m² from 1 to 3: ln Z ratio -½ Σ_p ln((p̂² + 3)/(p̂² + 1))."""
    momentum = 4 * np.sin(np.pi * np.arange(4) / 4) ** 2
    exact = -0.5 * np.sum(np.log((momentum + 3) / (momentum + 1)))
    base = free_field((4,), m2=1.0)

    def path(m2) -> Phi4:
        return eqx.tree_at(lambda s: s.r, base, (m2 + 2) / 2)

    plan = SamplingPlan(samples=64 * 64, chains=64, thin=4, warmup=600)
    found, diagnosis = integrate_coupling(key, Independent(Metropolis()), path, (1.0, 3.0), nodes=5, plan=plan)
    assert abs(found.value.value - exact) < 4 * found.value.error < 0.1
    assert found.quadrature < found.statistical
    assert not diagnosis.disagree.any()
    planted = integrate(1.1 * found.integrand, 1.0, 3.0)
    assert abs(planted.value.value - exact) > 4 * planted.value.error


def test_chains_that_have_not_forgotten_their_start_are_told(key):
    """Metropolis from starts nine widths away, five sweeps: 2 errors off without a word before."""
    path = CouplingPath(lambda m2: eqx.tree_at(lambda s: s.r, free_field((4,), m2=1.0), (m2 + 2) / 2), (1.0, 3.0))
    result = sample(key, path, method="metropolis", nodes=3, samples=64 * 16, thin=1, warmup=5)
    assert result.verdict != "pass"


@pytest.mark.parametrize("planted", [1.0, 0.6])
def test_errors_hold_over_seeds(key, planted):
    """Noisy chains around cos x: ∫_0^2 = sin 2."""
    x, _ = gauss_legendre(0.0, 2.0, 6)
    noise = np.asarray(0.1 * jax.random.normal(key, (300, 6, 16)))
    found = [integrate(np.cos(x)[:, None] + n, 0.0, 2.0) for n in noise]
    values, errors = np.array([(i.value.value, i.value.error) for i in found]).T
    check = coverage(values, planted * errors, np.sin(2.0))
    assert check.verdict == ("pass" if planted == 1.0 else "fail"), check


@pytest.mark.parametrize("n", [3, 4, 6, 9, 14])
@pytest.mark.parametrize(
    ("f", "exact"),
    [(lambda x: np.exp(2 * x), np.sinh(2.0)), (lambda x: 1 / (1 + 4 * x**2), np.arctan(2.0)),
     (lambda x: np.tanh(6 * (x - 0.3)), -0.6 * 1.0 + np.log(np.cosh(4.2) / np.cosh(7.8)) / 6 + 0.6),
     (lambda x: np.sqrt(1.01 + x), ((2.01) ** 1.5 - 0.01**1.5) * 2 / 3)],
    ids=["exp", "lorentzian", "step", "root"],
)  # fmt: skip
def test_quadrature_error_is_a_bound_and_not_a_wild_one(f, exact, n):
    """True error at most three times the estimate; and the estimate falls with n."""
    x, w = gauss_legendre(-1.0, 1.0, n)
    told = quadrature_error(f(x)[:, None], -1.0, 1.0)
    assert abs(w @ f(x) - exact) <= 3 * told + 1e-13
    finer, _ = gauss_legendre(-1.0, 1.0, 40)
    assert quadrature_error(f(finer)[:, None], -1.0, 1.0) < 1e-2
    assert quadrature_error(np.zeros((n, 1)), -1.0, 1.0) == 0
