# SPDX-License-Identifier: Apache-2.0
"""phi4-flow: what it measures and how it judges, with errors planted against both."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.errors import InputError
from isinglass.experiments.field.phi4_flow import EXACT, Phi4Flow, exact_checks
from isinglass.experiments.field.phi4_observables import estimates, measure, pole_mass
from isinglass.result import Estimate


def free_fields(n, L, m2):
    """Exact draws of the free field of action Σ φ(-Δ + m²)φ, by Fourier modes."""
    axis = 4 * np.sin(np.pi * np.arange(L) / L) ** 2
    a = np.sqrt(0.5 / (axis[:, None] + axis[None, :] + m2))
    white = np.random.default_rng(1).normal(size=(n, L, L))
    return np.fft.ifft2(a * np.fft.fft2(white)).real, a


def test_observables_of_the_free_field_are_its_closed_forms():
    """χ = 1/(2 m²), <φ²> = mean of G, cosh m_p = 1 + m²/2; 64 groups of 400, 4.5 standard errors."""
    L, m2 = 8, 0.3
    x, a = free_fields(64 * 400, L, m2)
    values = jax.jit(jax.vmap(measure))(jnp.asarray(x))
    found = estimates({name: np.asarray(v).reshape(64, 400, -1).mean(axis=1).squeeze() for name, v in values.items()})
    exact = {
        "susceptibility": 1 / (2 * m2),
        "phi_squared": float((a**2).mean()),
        "phi_fourth": 3 * float((a**2).mean()) ** 2,
        "pole_mass": float(np.arccosh(1 + m2 / 2)),
    }
    z = {name: abs(found[name].value - value) / (found[name].error or 0.0) for name, value in exact.items()}
    assert max(z.values()) < 4.5
    assert z["pole_mass"] * (found["pole_mass"].error or 0.0) < 0.02
    wrong = np.arccosh(1 + 1.1 * m2 / 2)  # planted: 10 % in m²
    assert abs(found["pole_mass"].value - wrong) > 2 * (found["pole_mass"].error or 0.0)


def test_mass_of_a_hyperbolic_cosine():
    assert pole_mass(np.cosh(0.4 * (np.arange(5) - 4.0))) == pytest.approx(0.4, rel=1e-12)


def test_the_exact_lattice_judges_value_and_error():
    said = {name: Estimate(value * 1.001, value * 0.001) for name, value in EXACT[8.0].items()}
    said["log_partition_function"] = Estimate(EXACT[8.0]["log_partition_function"] + 3e-4, 3e-4)
    assert {c.verdict for c in exact_checks(said, EXACT[8.0], 0.005, "")} == {"pass"}
    off = said | {"susceptibility": Estimate(EXACT[8.0]["susceptibility"] * 1.006, 0.01)}  # planted: 0.6 %
    assert [c.verdict for c in exact_checks(off, EXACT[8.0], 0.005, "")].count("fail") == 1
    sure = said | {"phi_squared": Estimate(EXACT[8.0]["phi_squared"] * 1.001, 1e-6)}  # planted: too small an error
    assert exact_checks(sure, EXACT[8.0], 0.005, "")[-1].verdict == "fail"
    blind = said | {"phi_squared": Estimate(EXACT[8.0]["phi_squared"])}  # an unknown error proves nothing
    assert exact_checks(blind, EXACT[8.0], 0.005, "")[-1].verdict != "pass"


def test_a_size_that_was_not_published_is_refused():
    with pytest.raises(InputError, match="7"):
        Phi4Flow(sizes=(7,))
