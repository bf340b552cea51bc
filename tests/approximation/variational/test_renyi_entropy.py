# SPDX-License-Identifier: Apache-2.0
"""The swap estimator against Schmidt's decomposition of the same state, product states and Bell pairs."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.approximation.variational import renyi_entropy
from isinglass.approximation.variational.ensemble import WeightedStates, chains
from isinglass.approximation.variational.markov_chain import Flip
from isinglass.approximation.variational.renyi_entropy import contiguous_blocks, renyi_entropies
from isinglass.nets.wavefunction.rbm import RBM
from isinglass.systems.graph import hypercubic
from isinglass.systems.quantum.transverse_field_ising import transverse_field_ising


def ensemble(n_sites, samples=2048, count=512, warm_up=5):
    return chains(transverse_field_ising(hypercubic((n_sites,))), Flip(), samples, count, warm_up)


def by_schmidt(psi, space, block):
    """-ln Σ p², p the squared singular values of ψ(A, B)."""
    n = np.asarray(jax.vmap(space.decode)(jnp.asarray(space.states())))
    amplitude = np.exp(np.asarray(jax.vmap(psi.log_psi)(space.variables(jnp.asarray(n), float))))
    amplitude = (amplitude / np.linalg.norm(amplitude)).reshape((2,) * space.n_sites).T  # axis i is site i
    inside = np.flatnonzero(block)
    matrix = np.moveaxis(amplitude, inside, range(len(inside))).reshape(2 ** len(inside), -1)
    return -np.log((np.linalg.svd(matrix, compute_uv=False) ** 4).sum())


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float64", "complex128"])
def test_entropies_are_those_of_schmidt(key, dtype):
    """Four blocks of N = 8, one of them scattered; within 5 errors, which are below 0.05; planted: another block."""
    source = ensemble(8)
    psi = RBM(key=key, n_sites=8, alpha=2, dtype=dtype, scale=0.25)
    blocks = np.array([[1, 1, 1, 1, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0, 0, 0], [0, 1, 0, 1, 1, 0, 0, 1],
                       [0, 1, 1, 1, 1, 1, 1, 1]], bool)  # fmt: skip
    found = renyi_entropies(key, source, psi, blocks)
    exact = [by_schmidt(psi, source.space, block) for block in blocks]
    for estimate, expected in zip(found, exact, strict=True):
        assert estimate.value == pytest.approx(expected, abs=5 * estimate.error)
        assert 0 < estimate.error < 0.05
    assert abs(found[1].value - exact[3]) < 5 * np.hypot(found[1].error, found[3].error)  # of the complement
    assert abs(found[0].value - exact[1]) > 5 * found[0].error


def test_a_product_state_has_none(key):
    """W = 0: 0 without error."""
    psi = RBM(key=key, n_sites=6, scale=0.0)
    for estimate in renyi_entropies(key, ensemble(6, 64, 64, 1), psi, contiguous_blocks(6, [1, 3])):
        assert estimate.value == pytest.approx(0, abs=1e-12)
        assert estimate.error < 1e-12


def test_a_bell_pair_has_ln_2_each(key):
    """cosh(w(z_i + z_j)), w large, is |00> + |11>: pairs (0, 2) and (1, 3), of which the blocks cut 2, 1, 0."""
    W = jnp.zeros((4, 2)).at[jnp.array([0, 2, 1, 3]), jnp.array([0, 0, 1, 1])].set(2.0)
    psi = RBM(key=key, n_sites=4, alpha=0.5, scale=0.0)
    psi = jax.tree.map(lambda leaf: W if leaf.shape == W.shape else leaf, psi)
    blocks = np.array([[1, 1, 0, 0], [1, 1, 1, 0], [1, 0, 1, 0]], bool)
    source = ensemble(4, 4096, 4096, 20)
    for estimate, pairs in zip(renyi_entropies(key, source, psi, blocks), (2, 1, 0), strict=True):
        assert estimate.value == pytest.approx(
            by_schmidt(psi, source.space, blocks[2 - pairs]), abs=5 * estimate.error + 1e-9
        )
        assert estimate.value == pytest.approx(pairs * np.log(2), abs=5 * estimate.error + 0.02)


def test_swaps_that_average_to_nothing_say_so(key, monkeypatch):
    """A mean of -0.1 ± 0.2 is no entropy: +∞, its error not known; 0.5 ± 0.1 is ln 2 ± 0.2."""
    means = jnp.array([-0.1, 0.5]), jnp.array([0.2, 0.1])
    monkeypatch.setattr(renyi_entropy, "swapped", lambda *arguments: means)
    psi = RBM(key=key, n_sites=4)
    none, known = renyi_entropy.renyi_entropies(key, ensemble(4, 4, 2, 1), psi, contiguous_blocks(4, [1, 2]))
    assert none.value == np.inf
    assert none.error is None
    assert (known.value, known.error) == pytest.approx((np.log(2), 0.2))


def test_both_copies_exchange_their_blocks(key, monkeypatch):
    """n = 01 and n' = 10 with a block of the first site go to 11 and 00: ψ(11) ψ(00) / (ψ(01) ψ(10)), by hand."""
    pairs = iter(jnp.tile(jnp.array(row, jnp.int8), (2, 1, 1)) for row in ([0, 1, 0, 0], [1, 0, 0, 0]))
    log_psi = jnp.log(jnp.array([[5.0, 2.0], [3.0, 7.0]]))  # of the first two sites
    monkeypatch.setattr(renyi_entropy, "sample", lambda *_: (WeightedStates(next(pairs), jnp.ones((2, 1)) / 2), None))
    monkeypatch.setattr(renyi_entropy, "log_amplitudes", lambda psi, space, n, chunk: log_psi[n[..., 0], n[..., 1]])
    blocks = jnp.array([[1, 0, 0, 0], [0, 1, 0, 0], [1, 1, 1, 1]], bool)
    swaps, _ = renyi_entropy.swapped(key, ensemble(4, 2, 2, 1), RBM(key=key, n_sites=4), blocks)
    np.testing.assert_allclose(swaps, [35 / 6, 35 / 6, 1], rtol=1e-12)
