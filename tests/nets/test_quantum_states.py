# SPDX-License-Identifier: Apache-2.0
"""One law, all ansaetze: types, gradients, files, walks, symmetries."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.approximation.stochastic_reconfiguration import as_real, from_real, jacobian
from isinglass.nets.storage import load_model, save_model
from isinglass.symmetry.permutation_group import multiplication_table
from tests.nets.quantum_states import (
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


@pytest.mark.parametrize("name", STATES)
def test_derivatives_are_those_of_finite_differences(key, name):
    """Along a random direction of all parameters, to 1e-6 of the largest; float32 networks to 1e-2."""
    state, x = made(name, key), configurations(name)
    psi = np.abs(amplitudes(state, x))
    x = x[psi > 1e-6 * psi.max()][3:9]  # projections may vanish
    loose = name.startswith("autoregressive")
    real, imaginary = eqx.filter_jit(jacobian)(state, x)
    O = np.asarray(real) + (0 if imaginary is None else 1j * np.asarray(imaginary))  # noqa: E741
    params, static = eqx.partition(state, eqx.is_inexact_array)
    params = jax.tree.map(lambda a: a.astype(float) if a.dtype == jnp.float32 else a, params)
    theta, form = as_real(params)
    direction = jax.random.normal(jax.random.fold_in(key, 3), theta.shape, theta.dtype)
    step = 1e-2 if loose else 1e-5

    def at(t):
        moved = from_real(theta + t * direction, form)
        moved = jax.tree.map(lambda a, like: a.astype(like.dtype), moved, eqx.filter(state, eqx.is_inexact_array))
        return log_amplitudes(eqx.combine(moved, static), x)

    slope = O @ np.asarray(direction)
    difference = np.exp(at(step) - at(-step))  # a phase of 2π is none
    tolerance = 3e-2 if loose else 1e-6
    np.testing.assert_allclose(np.log(difference) / (2 * step), slope, atol=tolerance * np.abs(slope).max())


@pytest.mark.parametrize("name", STATES)
def test_files_bring_back_every_bit(key, tmp_path, name):
    """Planted: another weight."""
    state = made(name, key)
    save_model(tmp_path, {"state": state})
    loaded = load_model(tmp_path)["state"]
    assert bool(eqx.tree_equal(state, loaded))
    assert not bool(eqx.tree_equal(state, jax.tree.map(lambda a: 2 * a if eqx.is_inexact_array(a) else a, loaded)))


WALKS = [name for name in STATES if not name.startswith(("slater", "autoregressive, sector"))]


@pytest.mark.parametrize("name", WALKS)
def test_a_walk_gives_the_quotient_of_amplitudes(key, name):
    """ψ(x')/ψ(x), two sites, one, none, and one named twice: then it counts once.  Again after each move."""
    state = made(name, key)
    x = np.array([1.0, -1, 1, 1, -1, -1])
    walker = state.walker()
    kept = eqx.filter_jit(walker.keep)(jnp.asarray(x))
    for sites, y in (([1, 3], [1, -1]), ([2, 2], [-1, 1]), ([0, 5], [1, -1]), ([4, 1], [1, 1])):
        new = x.copy()
        new[sites[::-1]] = y[::-1]  # the first of equal sites counts
        ratio, kept = eqx.filter_jit(walker.move)(kept, jnp.asarray(x), jnp.array(sites), jnp.array(y, float))
        before, after = log_amplitudes(state, jnp.asarray(np.stack([x, new])))
        np.testing.assert_allclose(np.exp(ratio), np.exp(after - before), rtol=1e-9)
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
    with pytest.raises(ValueError, match="close the table"):
        multiplication_table(tuple(rows[:7]))
    with pytest.raises(ValueError, match="close the table"):
        multiplication_table((rows[0], rows[0]))


@pytest.mark.parametrize("dtype", ["float32", "complex64"])
@pytest.mark.parametrize("name", ["mean field", "jastrow", "symmetric rbm", "matrix product", "residual cnn"])
def test_single_precision_stays(key, name, dtype):
    """Every array and ln ψ have the precision asked for."""
    double = STATES[name](key)
    settings = {f: getattr(double, f) for f in double.__dataclass_fields__
                if f in ("n_sites", "perms", "alpha", "bond", "lattice", "channels", "levels")}  # fmt: skip
    state = type(double)(key=key, dtype=dtype, **settings)
    value = state.log_psi(configurations()[5])
    assert jnp.finfo(value.dtype).dtype == jnp.float32
    assert all(jnp.finfo(a.dtype).dtype == jnp.float32 for a in jax.tree.leaves(eqx.filter(state, eqx.is_array)))
    assert jnp.iscomplexobj(value) == (dtype == "complex64" or name == "matrix product")
