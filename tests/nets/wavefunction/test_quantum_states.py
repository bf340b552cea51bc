# SPDX-License-Identifier: Apache-2.0
"""One law, all ansaetze: types, gradients, files, walks, symmetries."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.nets.wavefunction.quantum_states import (
    DIHEDRAL,
    INVARIANT,
    MOMENTUM,
    RING,
    STATES,
    amplitudes,
    configurations,
    log_amplitudes,
    made,
)

from isinglass.approximation.variational.log_derivatives import as_real, from_real
from isinglass.nets.layer.permutations import multiplication_table
from isinglass.run.model_file import load_model, save_model


@eqx.filter_jit
def overlap(theta, form, like, c, x):
    """Re and Im of Σ_x c_x ln ψ(x) for real parameters, cast to the precision that they have."""
    params = jax.tree.map(
        lambda a, b: a.astype(b.dtype), from_real(theta, form), eqx.filter(like, eqx.is_inexact_array)
    )
    state = eqx.combine(params, like)
    return c @ jax.vmap(state.log_psi)(x).astype(complex)


QUICK = ("mean field, complex", "jastrow", "slater")
GRADED = [n if n in QUICK else pytest.param(n, marks=pytest.mark.slow) for n in STATES]


@pytest.mark.parametrize("name", GRADED)
def test_derivatives_are_those_of_finite_differences(key, name):
    """Of Σ_x c_x ln ψ(x) along a random direction, to 1e-5; to 3e-2 where the network has single precision."""
    state, x = made(name, key), configurations(name)
    psi = np.abs(amplitudes(state, x))
    x = x[psi > 1e-6 * psi.max()][3:9]  # projections may vanish
    step, tolerance = (1e-2, 3e-2) if name.startswith("autoregressive") else (1e-6, 1e-5)
    params = jax.tree.map(
        lambda a: a.astype(complex if jnp.iscomplexobj(a) else float), eqx.filter(state, eqx.is_inexact_array)
    )
    theta, form = as_real(params)
    key_c, key_theta = jax.random.split(key)
    c, direction = jax.random.normal(key_c, (len(x),), complex), jax.random.normal(key_theta, theta.shape)
    f = lambda theta: overlap(theta, form, state, c, x).real  # noqa: E731
    slope = jax.grad(f)(theta) @ direction
    difference = (f(theta + step * direction) - f(theta - step * direction)) / (2 * step)
    assert float(slope) == pytest.approx(float(difference), rel=tolerance)


SAVED = [["jastrow, shared", "modulus and phase", "projected"], list(STATES)]


@pytest.mark.parametrize("names", [SAVED[0], pytest.param(SAVED[1], marks=pytest.mark.slow)], ids=["some", "all"])
def test_files_bring_back_every_bit(key, tmp_path, names):
    """Planted: other weights of one."""
    states = eqx.filter_jit(lambda key: {name: STATES[name](key) for name in names})(key)
    save_model(tmp_path, states)
    loaded = load_model(tmp_path)
    assert bool(eqx.tree_equal(states, loaded))
    other = jax.tree.map(lambda a: 2 * a if eqx.is_inexact_array(a) else a, loaded[names[0]])
    assert not bool(eqx.tree_equal(states, loaded | {names[0]: other}))


TABLES = ("jastrow", "symmetric rbm", "modulus")  # walks of their own; the others evaluate anew
WALKS = [n if n.startswith(TABLES) else pytest.param(n, marks=pytest.mark.slow) for n in STATES
         if not n.startswith(("slater", "autoregressive, sector"))]  # fmt: skip


@pytest.mark.parametrize("name", WALKS)
def test_a_walk_gives_the_quotient_of_amplitudes(key, name):
    """ψ(x')/ψ(x), two sites, one and none.  Again after each move."""
    state = made(name, key)
    x = np.array([1.0, -1, 1, 1, -1, -1])
    walker = state.walker()
    kept = eqx.filter_jit(walker.keep)(jnp.asarray(x))
    for sites, y in (([1, 3], [1, -1]), ([2, 3], [-1, -1]), ([0, 5], [1, -1]), ([4, 1], [1, 1])):
        new = x.copy()
        new[sites] = y
        ratio, kept = eqx.filter_jit(walker.move)(kept, jnp.asarray(x), jnp.array(sites), jnp.array(y, float))
        before, after = log_amplitudes(state, jnp.asarray(np.stack([x, new])))
        rtol = 1e-6 if name.startswith("autoregressive") else 1e-9  # its networks have single precision
        np.testing.assert_allclose(ratio, np.exp(after - before), rtol=rtol)
        x = new


@pytest.mark.parametrize("name", INVARIANT)
def test_symmetries_hold_to_round_off(key, name):
    """ψ(g x) = ψ(x); planted: two neighbors exchanged, which is no symmetry of any of them."""
    state, x = made(name, key), configurations()
    psi = amplitudes(state, x)
    for g in INVARIANT[name]:
        np.testing.assert_allclose(amplitudes(state, x[:, g]), psi, rtol=1e-11)
    wrong = amplitudes(state, x[:, [1, 0, 2, 3, 4, 5]])
    assert np.abs(wrong / psi - 1).max() > 1e-3


@pytest.mark.parametrize("name", ["projected", "group convolution, momentum"])
def test_momentum_states_gain_a_phase(key, name):
    """ψ(T x) = χ ψ(x), to round-off of the largest; odd under all spins flipped where projected on it."""
    state, x = made(name, key), configurations()
    psi = amplitudes(state, x)
    for g, chi in zip(RING, MOMENTUM, strict=True):
        np.testing.assert_allclose(amplitudes(state, x[:, g]), chi * psi, atol=1e-12 * np.abs(psi).max())
    wrong = amplitudes(state, x[:, RING[1]]) - MOMENTUM[2] * psi  # planted: another momentum
    assert np.abs(wrong).max() > 0.1 * np.abs(psi).max()
    if name == "projected":
        np.testing.assert_allclose(amplitudes(state, -x), -psi, atol=1e-12 * np.abs(psi).max())


def test_multiplication_is_composition():
    """Row by row by Python's own tuples; planted: a set that is not closed."""
    rows = [tuple(int(i) for i in g) for g in DIHEDRAL]
    table = multiplication_table(tuple(rows))
    for a, g in enumerate(rows):
        for b, h in enumerate(rows):
            assert rows[table[a, b]] == tuple(g[i] for i in h)
    with pytest.raises(ValueError, match="complete them"):
        multiplication_table(tuple(rows[:7]))
    with pytest.raises(ValueError, match="leave it out"):
        multiplication_table((rows[0], rows[0]))


@pytest.mark.parametrize("dtype", ["float32", "complex64"])
@pytest.mark.parametrize("name", ["jastrow", "symmetric rbm", "matrix product", "residual cnn"])
def test_single_precision_stays(key, name, dtype):
    """Every array and ln ψ have the precision asked for."""
    double = eqx.filter_eval_shape(STATES[name], key)
    settings = {f: getattr(double, f) for f in double.__dataclass_fields__
                if f in ("n_sites", "perms", "alpha", "bond", "lattice", "channels", "levels")}  # fmt: skip
    state = eqx.filter_jit(lambda key: type(double)(key=key, dtype=dtype, **settings))(key)
    value = eqx.filter_jit(lambda state, x: state.log_psi(x))(state, configurations()[5])
    assert jnp.finfo(value.dtype).dtype == jnp.float32
    assert all(jnp.finfo(a.dtype).dtype == jnp.float32 for a in jax.tree.leaves(eqx.filter(state, eqx.is_array)))
    assert jnp.iscomplexobj(value) == (dtype == "complex64" or name == "matrix product")
