# SPDX-License-Identifier: Apache-2.0
"""What is measured of a scalar field, on exact draws of the free one."""

import jax
import jax.numpy as jnp
import numpy as np

from isinglass.observables.scalar_field import NAMES, mass_of_chains, measure
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
    means = {name: np.asarray(values[name]).reshape(64, 400).mean(axis=1) for name in NAMES}
    found = {NAMES[name]: Estimate(float(m.mean()), float(m.std(ddof=1) / 8)) for name, m in means.items()}
    found["pole_mass"] = Estimate(*mass_of_chains(np.asarray(values["slices"]).reshape(64, 400, -1)))
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
