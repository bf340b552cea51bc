# SPDX-License-Identifier: Apache-2.0
"""Laws of all networks of atoms: invariance, smoothness, locality, and the norms of their parts."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.nets.equivariant import BehlerParrinello, Mace, MomentPotential, Nequip, ScaledPotential, SchNet
from isinglass.nets.equivariant.irreps import coupling, harmonics, product_paths, symmetric_power
from isinglass.systems.particle.interatomic import forces, neighbor_table
from isinglass.systems.particle.neighbor_search import find_neighbors

CELL, CUTOFF = np.diag([7.0, 6.5, 8.0]) + 0.3, 3.0
NAMES = ("mace", "nequip", "schnet", "behler-parrinello", "moments")


@cache
def nets():
    common = {"numbers": (13, 29), "cutoff": CUTOFF, "average": 8.0}
    return {
        "mace": Mace(key=jax.random.key(0), channels=4, l_max=2, hidden=(8,), **common),
        "nequip": Nequip(key=jax.random.key(1), channels=4, l_max=2, hidden=(8,), **common),
        "schnet": SchNet(key=jax.random.key(3), channels=4, depth=2, gaussians=8, **common),
        "behler-parrinello": BehlerParrinello(key=jax.random.key(4), channels=6, radial=4, **common),
        "moments": MomentPotential(key=jax.random.key(2), channels=4, hidden=(8, 8), **common),
    }


def table_of(x, cell=CELL, pbc=(True, True, True)):
    pairs, _ = find_neighbors(np.asarray(x), np.asarray(cell), np.array(pbc), CUTOFF)
    most = int(np.bincount(np.asarray(pairs.i)[: int(pairs.number)]).max())
    return neighbor_table(pairs, len(x), most + 1)


def evaluated(net, x, species, cell=CELL, dtype=jnp.float64):
    table = table_of(x, cell)
    r = table.vectors(jnp.asarray(x), jnp.asarray(cell), CUTOFF).astype(dtype)
    return jax.jit(forces)(net.atom_energies, r, table, jnp.asarray(species))


def atoms(n=18, seed=0):
    rng = np.random.default_rng(seed)
    return rng.uniform(size=(n, 3)) @ CELL, rng.integers(0, 2, n)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("dtype", "tolerance"), [(jnp.float32, 1e-5), (jnp.float64, 1e-11)])
def test_energies_do_not_know_the_frame_nor_the_order(name, dtype, tolerance):
    """Rotated, reflected, shifted and permuted: relative to the largest energy and force."""
    net, (x, species) = nets()[name], atoms()
    Q = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))[0]
    Q[:, 0] *= -np.sign(np.linalg.det(Q))  # a reflection
    order = np.random.default_rng(4).permutation(len(x))
    here = evaluated(net, x, species, dtype=dtype)
    there = evaluated(net, (x[order] + 1.7) @ Q.T, species[order], CELL @ Q.T, dtype=dtype)
    for a, b in ((here.energies[order], there.energies), (here.forces[order] @ jnp.asarray(Q.T, dtype), there.forces)):
        assert float(jnp.abs(a - b).max() / jnp.abs(a).max()) < tolerance


@pytest.mark.parametrize("name", NAMES)
def test_forces_are_central_differences(name):
    net, (x, species) = nets()[name], atoms()
    found = evaluated(net, x, species)
    v = np.random.default_rng(5).normal(size=x.shape)
    E = lambda t: float(jnp.sum(evaluated(net, x + t * v, species).energies))  # noqa: E731
    h = 1e-4
    slope = (8 * (E(h) - E(-h)) - (E(2 * h) - E(-2 * h))) / (12 * h)
    assert slope == pytest.approx(-float(jnp.sum(found.forces * v)), rel=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_an_energy_is_smooth_where_an_atom_passes_the_cutoff(name):
    """Two atoms: the force goes to zero at the cutoff, as (c - r) at least; as (c - r)² or more by Bessel waves."""
    net, cell = nets()[name], np.eye(3) * 50.0
    at = lambda d: evaluated(net, np.array([[0.0, 0, 0], [d, 0, 0]]), np.array([0, 1]), cell)  # noqa: E731
    near, nearer = at(CUTOFF - 1e-3), at(CUTOFF - 2e-3)
    ratio = float(jnp.abs(nearer.forces).max() / jnp.abs(near.forces).max())
    assert ratio > (1.9 if name == "behler-parrinello" else 3.9)
    assert float(jnp.abs(near.forces).max()) < (1e-2 if name == "behler-parrinello" else 1e-4)


def test_energies_are_in_units_of_the_data():
    """E0 and the scaled network; an atom alone has no part of the binding energy, one among others all of it."""
    net = nets()["moments"]
    plain, bound = ScaledPotential(net, 2.0, [-3.0, -5.0]), ScaledPotential(net, 2.0, [-3.0, -5.0], 7.0)
    pairs, _ = find_neighbors(np.array([[0.0, 0, 0], [20.0, 0, 0]]), np.eye(3) * 50, np.zeros(3, bool), CUTOFF)
    table, species = neighbor_table(pairs, 2, 1), jnp.asarray([0, 1])
    r = table.vectors(jnp.asarray([[0.0, 0, 0], [20.0, 0, 0]]), jnp.eye(3), CUTOFF)
    E = bound.atom_energies(r, table, species) - 2 * net.atom_energies(r, table, species)
    np.testing.assert_allclose(E, [-3.0, -5.0])
    x, species = atoms()
    more = evaluated(bound, x, species).energies - evaluated(plain, x, species).energies
    assert float(jnp.abs(more).max()) <= 7.0
    assert float(jnp.mean(more)) > 3.5


def test_harmonics_and_couplings_turn_together():
    """Y_l(Q u) = D_l Y_l(u); Σ Y_lm² = 2 l + 1; C(Y_a, Y_b) turns as Y_c, with parity (-1)^c."""
    rng = np.random.default_rng(0)
    u, w = rng.normal(size=(2, 200, 3))
    u, w = u / np.linalg.norm(u, axis=1)[:, None], w / np.linalg.norm(w, axis=1)[:, None]
    Q = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    Yu, Yw, Yt = (harmonics(jnp.asarray(a), 3) for a in (u, w, u @ Q.T))
    D = [np.linalg.lstsq(np.asarray(a), np.asarray(b), rcond=None)[0] for a, b in zip(Yu, Yt, strict=True)]
    for l, Y in enumerate(Yu):  # noqa: E741
        np.testing.assert_allclose(np.sum(np.asarray(Y) ** 2, -1), 2 * l + 1, rtol=1e-6)
        np.testing.assert_allclose(np.asarray(Y) @ D[l], Yt[l], atol=1e-6)
    Yw_turned = [np.asarray(a) @ d for a, d in zip(Yw, D, strict=True)]
    for a, b, c in product_paths(3, 3, 3):
        product = lambda x, y, t: np.einsum("ijk,ni,nj->nk", t, x, y)  # noqa: E731
        here = product(Yu[a], Yw[b], coupling(a, b, c)) @ D[c]
        there = product(Yt[a], Yw_turned[b], coupling(a, b, c))
        np.testing.assert_allclose(here, there, atol=1e-5)


def test_symmetric_powers_turn_and_are_complete():
    """Numbers of invariants of A_lm, l ≤ 3, of natural parity: 1, 4 and 11 of 1, 2 and 3 factors (by characters)."""
    counts = [symmetric_power(nu, 3, 0).weight.shape[1] for nu in (1, 2, 3)]
    assert counts == [invariants(nu, 3) for nu in (1, 2, 3)]


def invariants(nu, l_max):
    """∫ χ_Sym over O(3), by Molien's formula for the symmetric power, on a grid of angles of rotations, times ±1."""
    total = 0.0
    nodes, weights = np.polynomial.legendre.leggauss(200)
    angle = np.pi / 2 * (nodes + 1)
    for parity in (1, -1):
        power = lambda k, p=parity: sum(  # noqa: E731
            (p**l) ** k * (1 + 2 * sum(np.cos(k * m * angle) for m in range(1, l + 1)))
            for l in range(l_max + 1)  # noqa: E741
        )
        p1, p2, p3 = power(1), power(2), power(3)
        character = {1: p1, 2: (p1**2 + p2) / 2, 3: (p1**3 + 3 * p1 * p2 + 2 * p3) / 6}[nu]
        total += 0.5 * np.sum(weights * np.pi / 2 * character * (1 - np.cos(angle)) / np.pi)
    return round(total)
