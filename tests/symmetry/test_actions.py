# SPDX-License-Identifier: Apache-2.0
"""Actions of one group on several things: the same key is the same element; products; words."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.errors import InputError
from isinglass.symmetry.euclidean import Euclidean, random_orthogonal
from isinglass.symmetry.lattice import PointGroup, Translation
from isinglass.symmetry.permutation import Permutation
from isinglass.symmetry.representation import GroupProduct, Trivial, action

KEYS = jax.random.split(jax.random.key(0), 40)


def test_rotations_are_orthogonal_and_of_both_signs():
    R = jax.vmap(lambda k: random_orthogonal(k, 3))(KEYS)
    assert np.allclose(R @ R.swapaxes(1, 2), np.eye(3), atol=1e-12)
    assert {round(float(d)) for d in jnp.linalg.det(R)} == {-1, 1}
    proper = jax.vmap(lambda k: random_orthogonal(k, 3, reflections=False))(KEYS)
    assert np.allclose(jnp.linalg.det(proper), 1)


def test_rotations_are_uniform():
    """⟨R⟩ = 0 and ⟨R_ij²⟩ = 1/3 of the Haar measure, within 5 errors of 4000 (false alarm 1e-5)."""
    R = jax.vmap(lambda k: random_orthogonal(k, 3, reflections=False))(jax.random.split(jax.random.key(1), 4000))
    assert np.abs(R.mean(axis=0)).max() < 5 / (3 * 4000) ** 0.5
    assert np.abs((R**2).mean(axis=0) - 1 / 3).max() < 5 * 0.3 / 4000**0.5


@pytest.mark.parametrize("key", list(KEYS[:4]))
def test_vectors_are_differences_of_points(key):
    """R (x - y) = (R x + a) - (R y + a); a tensor v vᵀ follows v; an angular momentum is a pseudovector."""
    group = Euclidean(3)
    x, y = jax.random.normal(jax.random.key(5), (2, 4, 3))
    on_vectors, on_tensors, on_axial = (action(group, word) for word in ("vector", "tensor", "pseudovector"))
    moved = on_vectors.act(key, x - y)
    assert np.allclose(moved, group.act(key, x) - group.act(key, y))
    outer = lambda v: v[:, :, None] * v[:, None, :]  # noqa: E731
    assert np.allclose(on_tensors.act(key, outer(x - y)), outer(moved))
    turned = on_vectors.act(key, x)
    origin = jnp.zeros((1, 3))
    assert np.allclose(Euclidean(3, translations=False).act(key, origin), 0)
    assert np.abs(group.act(key, origin)).max() > 1e-3
    assert np.allclose(on_axial.act(key, jnp.cross(x, y)), jnp.cross(turned, on_vectors.act(key, y)))


def test_pairs_and_signs_follow_the_permutation():
    group, x = Permutation(5), jnp.arange(5.0)
    for key in KEYS[:10]:
        order = np.asarray(group.act(key, x)).astype(int)
        pairs = action(group, "pair").act(key, x[:, None] - x[None, :])
        assert np.array_equal(pairs, order[:, None] - order[None, :])
        sign = float(action(group, "sign").act(key, jnp.ones(1))[0])
        assert sign == pytest.approx(np.linalg.det(np.eye(5)[order]))


def test_a_gradient_is_a_field_of_vectors_under_the_point_group():
    """Differences of neighbors move and are rotated with the field."""
    group, field = PointGroup((4, 4)), jax.random.normal(jax.random.key(2), (4, 4))
    gradient = lambda x: jnp.stack([jnp.roll(x, -1, a) - jnp.roll(x, 1, a) for a in (0, 1)], axis=-1)  # noqa: E731
    on_vectors = action(group, "vector")
    for key in KEYS:
        assert np.allclose(gradient(group.act(key, field)), on_vectors.act(key, gradient(field)))


def test_a_product_acts_by_each_part():
    product = GroupProduct((Translation(((1, 0), (0, 1))), PointGroup((3, 3))))
    x = jnp.arange(9.0).reshape(3, 3)
    moved = jax.vmap(lambda key: product.act(key, x))(jax.random.split(jax.random.key(3), 800))
    images = {tuple(one.ravel().astype(int)) for one in np.asarray(moved)}
    assert len(images) == 72  # 9 translations, 8 elements of the point group; one is missed with probability 1e-3
    assert isinstance(action(product, "vector").parts[0], Trivial)  # pyright: ignore[reportAttributeAccessIssue]


def test_a_word_that_no_group_knows_is_refused():
    with pytest.raises(InputError, match="scalar, same, vector.*'force'"):
        action(Euclidean(3), "force")
