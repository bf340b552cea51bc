# SPDX-License-Identifier: Apache-2.0
"""Each ansatz against its equation written out in NumPy; fermions against free ones; what they refuse."""

import itertools

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.nets.wavefunction.quantum_states import DIHEDRAL, N, amplitudes, configurations, machine, made

from isinglass.approximation.exact.exact_diagonalization import dense
from isinglass.exact.quantum.hubbard import free_energy_of_hopping
from isinglass.nets.autoregressive.masked_dense import MaskedDense
from isinglass.nets.autoregressive.recurrent import Recurrent
from isinglass.nets.layer.permutations import as_rows
from isinglass.nets.wavefunction.autoregressive_state import AutoregressiveState
from isinglass.nets.wavefunction.character_projection import CharacterProjection
from isinglass.nets.wavefunction.group_convolution import GroupConvolution, convolve
from isinglass.nets.wavefunction.level_rbm import LevelRBM
from isinglass.nets.wavefunction.matrix_product_state import MatrixProductState, from_tensors
from isinglass.nets.wavefunction.mean_field import MeanField
from isinglass.nets.wavefunction.rbm import RBM
from isinglass.nets.wavefunction.slater import SlaterDeterminant, filled
from isinglass.nets.wavefunction.vision_transformer import VisionTransformer
from isinglass.stats.goodness_of_fit import chi_square
from isinglass.systems.graph import hypercubic
from isinglass.systems.quantum.hilbert_space import bosons, fermions, spins
from isinglass.systems.quantum.hubbard import hubbard, t_v
from isinglass.systems.quantum.operator import n as number

SPACES = {
    "spins": spins(N),
    "magnetization": spins(N, magnetization=1),
    "bosons": bosons(4, 2, particles=3),
    "electrons": fermions(3, (1, 2), spinful=True),
}


def states(space):
    """All n of the space, and x."""
    n = jax.vmap(space.decode)(jnp.asarray(space.states()))
    return np.asarray(n), space.variables(n, float)


def quotients(psi):
    """Without what a normalization changes."""
    return psi / psi[np.abs(psi).argmax()]


def agree(found, expected):
    np.testing.assert_allclose(quotients(found), quotients(expected), atol=1e-10)


def test_the_mean_field_is_a_product_of_three_levels(key):
    space = bosons(3, 2)
    state = MeanField(key=key, n_sites=3, levels=3, dtype="complex128", scale=0.5)
    phi = np.exp(np.asarray(state.u))
    product = [np.prod([phi[i, level] for i, level in enumerate(row)]) for row in states(space)[0]]
    agree(amplitudes(state, states(space)[1]), np.array(product))


def test_the_jastrow_factor_is_a_sum_over_pairs(key):
    """Shared couplings depend on the distance around the ring alone."""
    x = configurations()
    for name in ("jastrow", "jastrow, shared"):
        state = made(name, key)
        v, a = np.asarray(state.matrix), np.asarray(state.a)
        a = np.broadcast_to(a, (N,))
        pairs = [
            [sum(v[i, j] * s[i] * s[j] for i, j in itertools.combinations(range(N), 2)) + a @ s] for s in np.asarray(x)
        ]
        agree(amplitudes(state, x), np.exp(np.array(pairs)[:, 0]))
    assert all(v[i, j] == v[0, min((j - i) % N, (i - j) % N)] for i, j in itertools.combinations(range(N), 2))
    assert len(np.unique(v[0, 1:4])) == 3


@pytest.mark.parametrize("name", ["symmetric rbm", "symmetric rbm, complex"])
def test_the_symmetric_rbm_has_filters_that_move(key, name):
    """Π_f Π_g cosh(b_f + Σ_i W_fi x_g(i)) e^{a Σ x}, and the same as an RBM with tied weights."""
    state, x = made(name, key), np.asarray(configurations())
    a, b, W = (np.asarray(p) for p in (state.a, state.b, state.W))
    expected = np.exp(a * x.sum(1))
    for g, f in itertools.product(np.asarray(state.perms), range(2)):
        expected = expected * np.cosh(b[f] + x[:, g] @ W[f])
    psi = amplitudes(state, jnp.asarray(x))
    agree(psi, expected)
    agree(amplitudes(state.tied(), jnp.asarray(x)), expected)
    wrong = np.prod(np.cosh(b[None] + x @ W.T), axis=1)  # planted: filters that do not move
    assert np.abs(quotients(wrong) - quotients(psi)).max() > 1e-2


def test_a_convolution_is_a_sum_over_the_group():
    """Σ_k f_{gk} W_k by products of permutations, and its adjoints by y·(J v) = (Jᵀ y)·v; planted: kg for gk."""
    rng = np.random.default_rng(1)
    of = {tuple(row): a for a, row in enumerate(DIHEDRAL.tolist())}
    table = np.array([[of[tuple(g[k].tolist())] for k in DIHEDRAL] for g in DIHEDRAL])
    W, dW = rng.normal(size=(2, 12, 2, 3)) + 1j * rng.normal(size=(2, 12, 2, 3))
    f, df = rng.normal(size=(2, 12, 2)) + 1j * rng.normal(size=(2, 12, 2))
    y = rng.normal(size=(12, 3)) + 1j * rng.normal(size=(12, 3))

    def all_three(W, f, y):
        found, adjoints = jax.vjp(lambda W, f: convolve(as_rows(table), W, f), W, f)
        return found, *adjoints(y)

    found, of_W, of_f = (np.asarray(a) for a in jax.jit(all_three)(W, f, y))
    summed = lambda table, W, f: np.array([sum(f[t] @ W[k] for k, t in enumerate(row)) for row in table])  # noqa: E731
    np.testing.assert_allclose(found, summed(table, W, f), atol=1e-12)
    assert np.abs(found - summed(table.T, W, f)).max() > 0.1
    np.testing.assert_allclose((of_W * dW).sum(), (y * summed(table, dW, f)).sum(), atol=1e-11)
    np.testing.assert_allclose((of_f * df).sum(), (y * summed(table, W, df)).sum(), atol=1e-11)


@pytest.mark.parametrize("name", ["matrix product", "matrix product, ring"])
def test_matrix_products_are_products_of_matrices(key, name):
    state, x = made(name, key), configurations()
    A, expected = np.asarray(state.A), []
    for row in ((1 - np.asarray(x)) // 2).astype(int):
        product = np.linalg.multi_dot([A[i, n] for i, n in enumerate(row)])
        expected.append(np.trace(product) if state.periodic else product[0, 0])
    agree(amplitudes(state, x), np.array(expected))


def test_tensors_of_an_open_chain_are_filled_up(key):
    """The W state, (|100> + |010> + |001>)/√3: bond 2."""
    first = np.array([[[1.0, 0.0], [0.0, 1.0]]])
    middle = np.stack([np.eye(2), np.array([[0.0, 1.0], [0.0, 0.0]])], axis=1)
    last = np.array([[[0.0], [1.0]], [[1.0], [0.0]]])
    n, x = states(spins(3))
    with jax.debug_nans(False):  # noqa: FBT003 - ψ = 0 is ln 0
        psi = amplitudes(from_tensors([first, middle, last]), x)
    np.testing.assert_allclose(psi, (n.sum(1) == 1).astype(complex), atol=1e-14)


@eqx.filter_jit
def noisy_network(make, space, key):
    net = make(key=key, shape=(space.n_sites,), values=tuple(range(space.levels)), hidden=3)
    add = lambda a: a + 0.3 * jax.random.normal(key, a.shape, a.dtype)  # noqa: E731
    return jax.tree.map(lambda a: add(a) if eqx.is_inexact_array(a) else a, net)


@pytest.mark.parametrize("network", ["dense", pytest.param("gru", marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", SPACES)
def test_autoregressive_states_are_normalized_in_their_sector(key, name, network):
    """Σ |ψ|² = 1 to 1e-12, nothing outside.  Planted: the sum over a sector left out of the conditionals."""
    space = SPACES[name]
    net = noisy_network(MaskedDense if network == "dense" else Recurrent, space, key)
    conserved = tuple((tuple(sites), total) for sites, total in space.conserved)
    x = states(space)[1]
    p = np.abs(amplitudes(AutoregressiveState(net=net, conserved=conserved), x)) ** 2
    assert p.sum() == pytest.approx(1, abs=1e-12)
    everywhere = states(type(space)(space.n_sites, space.levels, space.kind))[1]
    whole = np.abs(amplitudes(AutoregressiveState(net=net, conserved=conserved), everywhere)) ** 2
    assert whole.sum() == pytest.approx(1, abs=1e-12)
    if conserved:
        loose = np.abs(amplitudes(AutoregressiveState(net=net), x)) ** 2
        assert loose.sum() < 0.9


DRAWN = [pytest.param(n, marks=pytest.mark.slow) for n in ("spins", "magnetization", "bosons")] + ["electrons"]


@pytest.mark.parametrize("name", DRAWN)
def test_draws_follow_the_square_of_the_amplitude(key, name):
    """20,000 draws, all in the sector; chi-square at 1e-4.  Planted: |ψ| in place of |ψ|²."""
    space = SPACES[name]
    net = MaskedDense(key=key, shape=(space.n_sites,), values=tuple(range(space.levels)), hidden=2)
    net = eqx.tree_at(lambda net: net.constant, net, jax.random.normal(key, net.constant.shape, jnp.float32))
    state = AutoregressiveState(net=net, conserved=tuple((tuple(s), t) for s, t in space.conserved))
    n = eqx.filter_jit(state.sample)(key, 20_000)
    assert bool(jax.vmap(space.contains)(n).all())
    code = np.asarray(jax.vmap(space.encode)(n))
    counts = jnp.asarray(np.bincount(np.searchsorted(space.states(), code), minlength=space.size))
    p = np.abs(amplitudes(state, states(space)[1])) ** 2
    assert chi_square(counts, jnp.asarray(p)).p_value > 1e-4
    assert chi_square(counts, jnp.asarray(np.sqrt(p) / np.sqrt(p).sum())).p_value < 1e-4


def hopping(graph):
    matrix = np.zeros((graph.n_sites,) * 2)
    for i, j in graph.bonds.tolist():
        matrix[i, j] = matrix[j, i] = -1.0
    return matrix + np.diag(0.1 * np.arange(graph.n_sites))  # no degeneracy


def mean_energy(hamiltonian, psi):
    return (psi.conj() @ dense(hamiltonian) @ psi).real / (np.abs(psi) ** 2).sum()


@pytest.mark.parametrize("periodic", [True, False])
@pytest.mark.parametrize("spinful", [True, False])
def test_orbitals_of_free_fermions_have_their_energy(key, spinful, periodic):
    """By the matrix of H in the whole sector, to 1e-10: so the sign convention is that of H.  Planted: |ψ|."""
    graph = hypercubic((5,), periodic=periodic)
    one = hopping(graph)
    particles = (2, 3) if spinful else (2,)
    free = hubbard(graph, 0.0, particles) if spinful else t_v(graph, 0.0, 2)
    on_site = sum(one[i, i] * number(i + 5 * s) for i in range(5) for s in range(len(particles)))
    hamiltonian = type(free)(free.operator + on_site, free.space)
    state = filled(SlaterDeterminant(key=key, n_sites=5, particles=particles, hidden=0), one)
    psi = amplitudes(state, states(free.space)[1])
    exact = sum(free_energy_of_hopping(one, p) for p in particles)
    assert mean_energy(hamiltonian, psi) == pytest.approx(exact, abs=1e-10)
    if periodic:  # on an open chain |ψ| is right without spin
        assert mean_energy(hamiltonian, np.abs(psi)) > exact + 0.01


def test_backflow_is_a_determinant_of_orbitals_that_see_all_others(key):
    """Two species, by NumPy's determinants."""
    state, n = made("slater, backflow", key), states(SPACES["electrons"])[0]
    V, b = np.asarray(state.V), np.asarray(state.b)
    expected = []
    for row in n:
        h = np.tanh((1.0 - 2 * row) @ V + b)
        psi = 1.0
        for s, (phi, W) in enumerate(zip(state.orbitals, state.W, strict=True)):
            rows = np.flatnonzero(row[3 * s : 3 * s + 3])
            psi *= np.linalg.det((np.asarray(phi) + (h @ np.asarray(W)).reshape(phi.shape))[rows])
        expected.append(psi)
    agree(amplitudes(state, states(SPACES["electrons"])[1]), np.array(expected, complex))
    assert np.any(np.array(expected) < 0)


REFUSED = {
    "permute 0": lambda key: CharacterProjection(machine(key), np.zeros((2, N), int)),
    "characters": lambda key: CharacterProjection(machine(key), DIHEDRAL, np.ones(3)),
    "parity 1 or -1": lambda key: CharacterProjection(machine(key), DIHEDRAL, parity=2),
    "complete them": lambda key: GroupConvolution(key=key, perms=DIHEDRAL[1:3]),
    "patches that fill": lambda key: VisionTransformer(key=key, lattice=(6,), patch=(4,)),
    "heads divide": lambda key: VisionTransformer(key=key, lattice=(6,), patch=(2,), width=6, heads=4),
}


@pytest.mark.parametrize("message", REFUSED)
def test_what_does_not_fit_is_refused_in_one_line(key, message):
    with pytest.raises(ValueError, match=message) as caught:
        REFUSED[message](key)
    assert "\n" not in str(caught.value)
    assert caught.value.args[0].startswith("Expected")


@pytest.mark.parametrize("periodic", [True, False])
def test_the_gauge_of_matrix_products_is_free(key, periodic):
    """A_i -> A_i G, A_{i+1} -> G^-1 A_{i+1} in the bulk."""
    state = MatrixProductState(key=key, n_sites=N, bond=3, periodic=periodic, scale=0.5)
    G = np.eye(3) + 0.3 * np.arange(9).reshape(3, 3)
    A = np.asarray(state.A).copy()
    A[2], A[3] = A[2] @ G, np.linalg.inv(G) @ A[3]
    turned = eqx.tree_at(lambda s: s.A, state, jnp.asarray(A))
    x = configurations()[:20]
    np.testing.assert_allclose(amplitudes(turned, x), amplitudes(state, x), rtol=1e-9)


def test_a_machine_of_levels_is_the_rbm_for_two_of_them(key):
    """And a walk of three levels has the ratios of ln ψ; planted: the amplitude of another site."""
    two = LevelRBM(key=key, n_sites=4, levels=2, alpha=1.5, dtype="complex128", scale=0.5)
    same = eqx.tree_at(
        lambda p: (p.a, p.b, p.W), RBM(key=key, n_sites=4, alpha=1.5, dtype="complex128"), (two.a, two.b, two.W)
    )
    x = jnp.asarray([1.0, -1.0, -1.0, 1.0])
    np.testing.assert_allclose(two.log_psi(x), same.log_psi(x), atol=1e-12)
    three, walk = LevelRBM(key=key, n_sites=4, levels=3, scale=0.5), jnp.asarray([0.0, 1.0, -1.0, 0.0])
    sites, y = jnp.asarray([2, 0]), jnp.asarray([1.0, -1.0])
    new = walk.at[sites].set(y)
    ratio, kept = three.walker().move(three.walker().keep(walk), walk, sites, y)
    np.testing.assert_allclose(jnp.log(ratio), three.log_psi(new) - three.log_psi(walk), atol=1e-12)
    np.testing.assert_allclose(kept, three.walker().keep(new), atol=1e-12)
    assert abs(float(jnp.log(ratio) - three.log_psi(new[::-1]) + three.log_psi(walk))) > 1e-3
    left, right = three.factors(walk)
    gradient = jax.grad(lambda p: p.log_psi(walk))(three)
    table = three.assembled((left[:, None] * right[None]).ravel())
    np.testing.assert_allclose(table.W, gradient.W, atol=1e-12)
    np.testing.assert_allclose(table.a, gradient.a, atol=1e-12)
