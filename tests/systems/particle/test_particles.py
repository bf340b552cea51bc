# SPDX-License-Identifier: Apache-2.0
"""Particles: minima of Lennard-Jones clusters (B16), energies written out pair by pair, the dimer, starts."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import minimize

from isinglass.systems import Dimer, LennardJones
from isinglass.systems.particle.lennard_jones import icosahedron

B16 = {2: -1.0, 3: -3.0, 4: -6.0, 5: -9.1038524157, 6: -12.7120622568, 7: -16.5053841680, 13: -44.32680142}


@pytest.mark.slow
@pytest.mark.parametrize("n", B16)
def test_minima_of_lennard_jones_clusters(key, n):
    """Downhill by SciPy from random starts, LJ13 from a shaken icosahedron; no trap."""
    system = LennardJones(n, c=0.0)
    value = jax.jit(jax.value_and_grad(lambda x: system.energy(x.reshape(n, 3))))
    shaken = icosahedron() + 0.1 * np.asarray(jax.random.normal(key, (13, 3)))
    starts = [shaken] if n == 13 else jax.vmap(LennardJones(n).random_configuration)(jax.random.split(key, 6))
    options = {"ftol": 1e-15, "gtol": 1e-9, "maxiter": 3000}
    ends = [
        minimize(lambda x: tuple(map(np.asarray, value(x))), np.ravel(x), jac=True, method="L-BFGS-B", options=options)
        for x in starts
    ]
    np.testing.assert_allclose(min(end.fun for end in ends), B16[n], atol=1e-7)


def test_lennard_jones_pair_by_pair(key):
    x = np.asarray(jax.random.normal(key, (6, 3)))
    E, center = 0.0, x.mean(axis=0)
    for i in range(6):
        E += 0.7 / 2 * np.sum((x[i] - center) ** 2)
        for j in range(i):
            r = np.linalg.norm(x[i] - x[j])
            E += 2.0 * ((1.3 / r) ** 12 - 2 * (1.3 / r) ** 6)
    held = E + 0.4 * 6 / 2 * np.sum(center**2)
    for system, expected in (
        (LennardJones(6, epsilon=2.0, r_m=1.3, c=0.7), E),
        (LennardJones(6, epsilon=2.0, r_m=1.3, c=0.7, h=0.4), held),
    ):
        np.testing.assert_allclose(system.energy(jnp.asarray(x)), expected, rtol=1e-12)


def test_what_a_held_center_adds_to_log_Z():
    """Two particles on a line at T = 2: ln Z of all coordinates by quadrature, against that of the distance alone."""
    system = LennardJones(2, 1, temperature=2.0, h=0.5)
    r, center = np.linspace(0.55, 14, 1401), np.linspace(-15, 15, 301)
    points = np.stack(np.meshgrid(r, center, indexing="ij"), axis=-1).reshape(-1, 2)
    x = np.stack([points[:, 1] - points[:, 0] / 2, points[:, 1] + points[:, 0] / 2], axis=1)[..., None]
    log_Z = np.logaddexp.reduce(np.asarray(jax.vmap(system.log_weight)(jnp.asarray(x)))) + np.log(0.1)
    free = LennardJones(2, 1, temperature=2.0)
    alone = jnp.asarray(np.stack([-r / 2, r / 2], axis=1)[..., None])
    log_Z_alone = np.logaddexp.reduce(np.asarray(jax.vmap(free.log_weight)(alone)))
    np.testing.assert_allclose(log_Z - log_Z_alone, system.log_center_volume(), atol=1e-9)


def test_dimer_written_out(key):
    """Noé et al. 2019 with the parameters of their code: slope -0.5, a 25, b 10, middle 1.5, k 20, box 3, r_m 1.1."""
    system = Dimer(4)
    x = np.asarray(jax.random.normal(key, (6, 2))) * 1.8
    r = np.linalg.norm(x[0] - x[1])
    s = 2 * (r - 1.5)
    E = -0.5 * s - 25 * s**2 + 10 * s**4 + 20 * ((x[0, 0] + x[1, 0]) ** 2 + x[0, 1] ** 2 + x[1, 1] ** 2)
    for i in range(6):
        for j in range(i):
            if (j, i) != (0, 1):
                E += (1.1 / np.linalg.norm(x[i] - x[j])) ** 12
    E += sum(100 * (np.sign(abs(v) - 3) + 1) * (abs(v) - 3) ** 2 for v in x.ravel())
    assert np.abs(x).max() > 3  # the walls are felt
    np.testing.assert_allclose(system.energy(jnp.asarray(x)), E, rtol=1e-12)
    np.testing.assert_allclose(system.order_parameter(jnp.asarray(x)), r, rtol=1e-12)


@pytest.mark.parametrize("system", [LennardJones(), Dimer()], ids=["lennard_jones", "dimer"])
def test_starts_have_no_overlaps(key, system):
    x = jax.jit(jax.vmap(lambda k: system.random_configuration(k)))(jax.random.split(key, 8))
    assert float(jnp.max(jax.vmap(system.energy)(x))) < 50
    if isinstance(system, Dimer):
        r = np.asarray(jax.vmap(system.distance)(x))
        assert (r < 1.5).any()
        assert (r > 1.5).any()


@pytest.mark.parametrize("bad", [{"n": 1}, {"c": -1.0}, {"epsilon": 0.0}])
def test_what_is_no_cluster_is_refused(bad):
    with pytest.raises(ValueError, match="got|found"):
        LennardJones(**bad)
