# SPDX-License-Identifier: Apache-2.0
"""Neighbor lists: the pairs of the definition, tried image by image, and those of vesin; never fewer, never twice."""

import itertools
from collections import Counter
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.errors import InputError
from isinglass.systems.particle.cell_list import NeighborCapacity, NeighborList, neighbor_list
from isinglass.systems.particle.neighbor_search import find_neighbors, plan_neighbors, vesin_neighbors

CUTOFF = 2.3
CUBE = 3.0 * np.eye(3)


class Box(NamedTuple):
    x: np.ndarray
    cell: np.ndarray
    pbc: np.ndarray


def drawn(seed: int, n: int, pbc: str, cell: np.ndarray, spread: float) -> Box:
    """Atoms inside and far outside of a cell."""
    rng = np.random.default_rng(seed)
    return Box(rng.normal(size=(n, 3)) * spread, np.asarray(cell, float), np.array([c == "T" for c in pbc]))


SKEWED = np.array([[2.0, 0.0, 0.0], [5.1, 1.9, 0.0], [-3.7, 2.6, 4.1]])
LEFT_HANDED = np.array([[0.0, 6.0, 0.5], [6.5, 0.0, 0.0], [0.3, 1.0, 7.0]])
BOXES = {
    "bulk of many bins": drawn(0, 40, "TTT", np.diag([9.0, 8.0, 7.0]) + 0.7, 10.0),
    "left-handed": drawn(1, 25, "TTT", LEFT_HANDED, 5.0),
    "very skewed": drawn(2, 6, "TTT", SKEWED, 4.0),
    "one atom, cell below the cutoff": drawn(3, 1, "TTT", np.diag([1.1, 1.3, 1.7]), 3.0),
    "slab": drawn(4, 20, "TTF", LEFT_HANDED, 3.0),
    "slab whose open vector is 0": drawn(5, 15, "TFT", SKEWED * [[1], [0], [1]], 3.0),
    "wire": drawn(6, 12, "FTF", SKEWED, 2.5),
    "open": drawn(7, 30, "FFF", np.zeros((3, 3)), 3.0),
    "one atom": drawn(8, 1, "FFF", np.zeros((3, 3)), 1.0),
    "two bins a side": drawn(9, 12, "TTT", np.diag([4.7, 4.9, 5.2]), 3.0),
}


def brute_force(box: Box, cutoff: float = CUTOFF) -> Counter:
    """The definition: every image that may be near enough, one by one."""
    x, cell, pbc = box
    vectors = cell[pbc]
    spread = np.linalg.norm(np.ptp(x, axis=0)) + cutoff
    most = np.zeros(3, int)
    if len(vectors):
        most[pbc] = np.ceil(spread * np.linalg.norm(np.linalg.pinv(vectors), axis=0)).astype(int)
    found = Counter()
    for S in itertools.product(*(range(-m, m + 1) for m in most)):
        r = np.linalg.norm(x[None] + np.array(S) @ cell - x[:, None], axis=-1)
        for i, j in np.argwhere(r < cutoff):
            found[int(i), int(j), *S] += int(i != j or any(S))
    return +found


def pairs(listed) -> Counter:
    """The pairs of a list, each with how often it is there; without padding."""
    number = int(listed.number) if isinstance(listed, NeighborList) else len(listed.i)
    rows = zip(*(np.asarray(a)[:number].tolist() for a in (listed.i, listed.j, listed.shift)), strict=True)
    return Counter((i, j, *S) for i, j, S in rows)


@pytest.fixture(scope="module")
def lists():
    """The list of each box by the cell list, with the capacity planned."""
    return {name: find_neighbors(*box, CUTOFF) for name, box in BOXES.items()}


@pytest.mark.parametrize("name", BOXES)
def test_the_pairs_are_those_of_the_definition(name, lists):
    expected = brute_force(BOXES[name])
    assert pairs(lists[name][0]) == expected
    pytest.importorskip("vesin")
    assert pairs(vesin_neighbors(*BOXES[name], CUTOFF)) == expected


@pytest.mark.parametrize("name", BOXES)
def test_laws(name, lists):
    """Nearer than the cutoff, with every pair its reverse, sorted by receiver; the padding counts nowhere."""
    (x, cell, _), (listed, capacity) = BOXES[name], lists[name]
    n, number = len(x), int(listed.number)
    r = np.asarray(listed.vectors(jnp.array(x), jnp.array(cell), 9.0))
    i, j, S = (np.asarray(a)[:number] for a in (listed.i, listed.j, listed.shift))
    np.testing.assert_allclose(r[:number], x[j] + S @ cell - x[i], atol=1e-12)
    assert (np.linalg.norm(r[:number], axis=1) < CUTOFF).all()
    assert {(j, i, -a, -b, -c) for i, j, a, b, c in pairs(listed)} == set(pairs(listed))
    assert (np.diff(listed.i) >= 0).all()
    assert (np.asarray(listed.i)[number:] == n).all()
    np.testing.assert_array_equal(r[number:], np.tile([9.0, 0.0, 0.0], (capacity.pairs - number, 1)))
    assert jax.ops.segment_sum(jnp.ones(capacity.pairs), listed.i, n).sum() == number
    assert not listed.overflow


def test_images_of_one_atom_are_neighbors_each(lists):
    """A simple cubic crystal of one atom has 6, 12, 8, 6, 24, ... images in its shells."""
    for cutoff, shells in ((1.1, 6), (1.5, 18), (1.8, 26), (2.1, 32), (2.3, 56)):
        listed, _ = find_neighbors(np.array([[7.3, -2.2, 0.4]]), np.eye(3), np.ones(3, bool), cutoff)
        assert listed.number == shells


def test_rotated_and_permuted(lists):
    """The list does not change when atoms and cell are rotated together, and goes along with the atoms' order."""
    for name in ("bulk of many bins", "slab"):
        box, (listed, capacity) = BOXES[name], lists[name]
        rotation = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))[0]
        turned, _ = find_neighbors(box.x @ rotation, box.cell @ rotation, box.pbc, CUTOFF, capacity)
        assert pairs(turned) == pairs(listed)
        order = np.random.default_rng(1).permutation(len(box.x))
        permuted, _ = find_neighbors(box.x[order], box.cell, box.pbc, CUTOFF, capacity)
        assert Counter((order[i], order[j], *S) for i, j, *S in pairs(permuted)) == pairs(listed)


@pytest.mark.parametrize("name", BOXES)
def test_every_pair_knows_its_reverse(lists, name):
    """(j, i, -S), on the device and by the host: images, atoms far outside of the cell and open boundaries too."""
    box, listed = BOXES[name], lists[name][0]
    host = vesin_neighbors(*box, CUTOFF)
    for i, j, S, back in ((*(np.asarray(a)[: int(listed.number)] for a in listed[:4]),), (*host[:3], host.reverse())):
        np.testing.assert_array_equal(np.c_[i, j, S][back], np.c_[j, i, -S])


def test_single_precision(lists):
    """The same pairs: none of these is within 1e-5 of the cutoff."""
    for name in ("bulk of many bins", "slab", "very skewed"):
        (x, cell, pbc), (listed, capacity) = BOXES[name], lists[name]
        single = jax.jit(neighbor_list)(jnp.float32(x), jnp.float32(cell), jnp.array(pbc), CUTOFF, capacity)
        assert pairs(single) == pairs(listed)


def shell(seed: int) -> Box:
    """A crystal, fcc of 3.8 Å, moved and turned at random, in 32 bits: 12 atoms each are 5.374 Å away, to rounding."""
    rng = np.random.default_rng(seed)
    corners = np.array([[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])
    sites = (np.array(list(itertools.product(range(3), repeat=3)))[:, None] + corners[None]).reshape(-1, 3)
    turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    cell = 11.4 * turn
    return Box((sites / 3 + rng.uniform(-1, 1, 3)) @ cell, cell, np.ones(3, bool))


@pytest.mark.parametrize("seed", range(4))
def test_pairs_at_the_cutoff_to_the_last_bit_have_their_reverses(seed):
    """(i, j, S) and (j, i, -S) are both there or both not, where rounding alone decides; some are, and some are not."""
    box, cutoff = shell(seed), 3.8 * 2**0.5
    x, cell = (jnp.asarray(a, jnp.float32) for a in (box.x, box.cell))
    capacity = plan_neighbors(box.x, box.cell, box.pbc, cutoff * 1.02)
    listed = neighbor_list(x, cell, jnp.asarray(box.pbc), cutoff, capacity)
    assert not listed.overflow
    found = pairs(listed)
    assert 42 * 108 < sum(found.values()) < 54 * 108
    assert found == Counter({(j, i, *(-k for k in S)): n for (i, j, *S), n in found.items()})
    ours = vesin_neighbors(np.asarray(x, float), np.asarray(cell, float), box.pbc, cutoff)
    there = pairs(ours)
    assert there == Counter({(j, i, *(-k for k in S)): n for (i, j, *S), n in there.items()})


def test_forces_by_differentiation(lists):
    """Of E = Σ_pairs ½ (r - cutoff)²: by central differences of the definition, h = 1e-4, to 1e-6; their sum is 0."""
    (x, cell, pbc), (listed, _) = BOXES["slab"], lists["slab"]
    size = lambda r: jnp.sqrt(jnp.sum(r * r, axis=-1))  # noqa: E731
    energy = lambda x: jnp.sum((size(listed.vectors(x, jnp.array(cell), CUTOFF)) - CUTOFF) ** 2) / 2  # noqa: E731
    gradient = jax.grad(energy)(jnp.array(x))
    np.testing.assert_allclose(gradient.sum(axis=0), 0.0, atol=1e-12)

    def by_definition(x):
        found = np.array(list(brute_force(Box(x, cell, pbc))))
        r = x[found[:, 1]] + found[:, 2:] @ cell - x[found[:, 0]]
        return np.sum((np.linalg.norm(r, axis=1) - CUTOFF) ** 2) / 2

    step = np.zeros_like(x)
    step[3] = 1e-4 * np.array([0.3, -0.5, 0.8])
    change = (by_definition(x + step) - by_definition(x - step)) / 2
    np.testing.assert_allclose(np.sum(np.asarray(gradient) * step), change, rtol=1e-6)


def test_one_program_for_every_cell_that_fits_its_bins(key):
    """Cells and periodicities are arguments; bins that would be narrower than the cutoff are an overflow."""
    bulk, program = BOXES["two bins a side"], jax.jit(neighbor_list)
    capacity = NeighborCapacity((2, 2, 2), (1, 1, 1), 12, 512)
    for scale, pbc in ((1.0, "TTT"), (1.3, "TTF"), (1.1, "FTT"), (1.0, "FFF")):
        box = Box(bulk.x, scale * bulk.cell, np.array([c == "T" for c in pbc]))
        listed = program(*map(jnp.array, box), CUTOFF, capacity)
        assert not listed.overflow
        assert pairs(listed) == brute_force(box)
    assert program(jnp.array(bulk.x), jnp.array(0.97 * bulk.cell), jnp.array(bulk.pbc), CUTOFF, capacity).overflow


@pytest.mark.parametrize("change", [{"pairs": 100}, {"atoms_per_bin": 2}, {"reach": (1, 1, 0)}])
def test_too_little_room_is_an_overflow_and_is_planned_again(change, lists):
    """A list that is cut off says so, and the host finds the whole one."""
    box, (listed, capacity) = BOXES["bulk of many bins"], lists["bulk of many bins"]
    own = {name: getattr(capacity, name) for name in ("bins", "reach", "atoms_per_bin", "pairs")}
    small = NeighborCapacity(**own | change)
    assert jax.jit(neighbor_list)(*map(jnp.array, box), CUTOFF, small).overflow
    found, larger = find_neighbors(*box, CUTOFF, small)
    assert pairs(found) == pairs(listed)
    assert pairs(find_neighbors(*box, CUTOFF, larger)[0]) == pairs(listed)


def test_positions_that_are_no_numbers_are_an_overflow(lists):
    box, (_, capacity) = BOXES["bulk of many bins"], lists["bulk of many bins"]
    with jax.debug_nans(False):  # noqa: FBT003
        x = jnp.array(box.x).at[3, 1].set(jnp.nan)
        lost = jax.jit(neighbor_list)(x, *map(jnp.array, box[1:]), CUTOFF, capacity)
    assert lost.overflow


def test_bins_do_not_outnumber_the_atoms():
    """Two atoms far apart in an open or an empty periodic box."""
    x = np.array([[0.0, 0.0, 0.0], [1e5, 2e5, 3e5]])
    for pbc in (np.zeros(3, bool), np.ones(3, bool)):
        assert np.prod(plan_neighbors(x, 1e6 * np.eye(3), pbc, 2.0).bins) <= 9
        assert find_neighbors(x, 1e6 * np.eye(3), pbc, 2.0)[0].number == 0


@pytest.mark.parametrize(
    ("box", "cutoff", "said"),
    [
        (Box(np.zeros((0, 3)), CUBE, np.ones(3, bool)), 2.0, "at least one atom"),
        (Box(np.zeros((1, 3)), CUBE, np.ones(3, bool)), -1.0, "cutoff above 0"),
        (Box(np.full((1, 3), np.nan), CUBE, np.ones(3, bool)), 2.0, "not finite"),
        (Box(np.zeros((1, 3)), 0 * CUBE, np.array([True, False, False])), 2.0, "volume"),
        (Box(np.zeros((1, 3)), np.ones((3, 3)), np.array([True, True, False])), 2.0, "volume"),
        (Box(np.zeros((1, 3)), np.diag([0.01, 0.01, 0.01]), np.ones(3, bool)), 6.0, "smaller cutoff"),
    ],
)
def test_what_has_no_list_is_one_line(box, cutoff, said):
    with pytest.raises(InputError, match=said) as error:
        find_neighbors(*box, cutoff)
    assert "\n" not in str(error.value)
