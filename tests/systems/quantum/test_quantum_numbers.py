# SPDX-License-Identifier: Apache-2.0
"""Quantum numbers of lattice states, and how they change when Marshall's signs are rotated away."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.approximation.exact.exact_diagonalization import Block, dense
from isinglass.approximation.variational.marshall import sign_rule
from isinglass.symmetry.permutation_group import PermutationGroup
from isinglass.systems.graph import hypercubic
from isinglass.systems.quantum.heisenberg import heisenberg
from isinglass.systems.quantum.hilbert_space import bosons, fermions, spins
from isinglass.systems.quantum.quantum_numbers import QuantumNumbers, quantum_numbers, rotated_numbers
from isinglass.systems.quantum.symmetric_space import SymmetricSpace


def block_state(hamiltonian, numbers):
    """The lowest state of the block on all states of the space, and these as n."""
    symmetric = SymmetricSpace(hamiltonian.space, *numbers.whole())
    E, v = np.linalg.eigh(dense(Block(hamiltonian, symmetric)))
    n = np.asarray(jax.vmap(hamiltonian.space.decode)(jnp.asarray(hamiltonian.space.states())))
    return E[0], np.asarray(symmetric.expand(jnp.asarray(v[:, 0]))), n


def transforms(psi, n, space, numbers):
    """The largest |ψ(n∘g) - χ(g) ψ(n)|, and of the flip |ψ(1 - n) - p ψ(n)|."""
    codes = space.states()
    at = lambda n: np.searchsorted(codes, n.astype(np.int64) @ space.radix)  # noqa: E731
    pairs = zip(numbers.group.sites, numbers.character, strict=True)
    moved = max(np.abs(psi[at(n[:, g])] - chi * psi).max() for g, chi in pairs)
    flipped = np.abs(psi[at(space.levels - 1 - n)] - numbers.spin_flip * psi).max() if numbers.spin_flip else 0.0
    return max(moved, flipped)


CASES = [((6,), (0,), 1), ((6,), (1,), -1), ((8,), (4,), 1), ((8,), (3,), 1), ((2, 4), (1, 2), -1)]


@pytest.mark.parametrize(("shape", "wave", "spin_flip"), CASES)
def test_they_are_those_of_the_state(shape, wave, spin_flip):
    """ψ(n∘g) = χ(g) ψ(n) of the lowest state of a block; the same after the rotation, by `rotated_numbers`.

    Planted: the numbers as they were before it, where they change.
    """
    graph = hypercubic(shape)
    hamiltonian = heisenberg(graph)
    space, rule = hamiltonian.space, np.asarray(sign_rule(hamiltonian))
    numbers = quantum_numbers(graph, space, wave=wave, spin_flip=spin_flip)
    _, psi, n = block_state(hamiltonian, numbers)
    assert transforms(psi, n, space, numbers) < 1e-12
    turned = (-1.0) ** n[:, rule].sum(axis=1) * psi
    after = rotated_numbers(numbers, rule, space)
    assert after is not None
    assert transforms(turned, n, space, after) < 1e-12
    changed = np.abs(after.character - numbers.character).max() > 1e-9 or after.spin_flip != numbers.spin_flip
    assert not changed or transforms(turned, n, space, numbers) > 1e-3


def test_blocks_of_all_momenta_hold_all_levels():
    """The ring of 8 with both parities: the lowest of all blocks is -3.651093408937; their sizes add up to 70."""
    graph = hypercubic((8,))
    hamiltonian = heisenberg(graph)
    energies, sizes = [], 0
    for k in range(8):
        for parity in (-1, 1):
            numbers = quantum_numbers(graph, hamiltonian.space, wave=(k,), spin_flip=parity)
            symmetric = SymmetricSpace(hamiltonian.space, *numbers.whole())
            energies.append(np.linalg.eigvalsh(dense(Block(hamiltonian, symmetric)))[0])
            sizes += symmetric.size
    assert sizes == 70
    assert min(energies) == pytest.approx(-3.651093408937, abs=1e-10)


def test_a_rotation_that_leaves_no_numbers():
    """Signs on one site of a ring: no translation keeps them."""
    graph = hypercubic((4,))
    numbers = quantum_numbers(graph, spins(4, magnetization=0), wave=(0,))
    assert rotated_numbers(numbers, np.array([True, False, False, False]), spins(4, magnetization=0)) is None


def test_spinful_fermions_move_together():
    """Both species, by the same translation; rotations hold the space group."""
    found = quantum_numbers(hypercubic((3,)), fermions(3, (1, 1), spinful=True), wave=(1,))
    assert found.group.sites.shape == (3, 6)
    np.testing.assert_array_equal(found.group.sites[:, 3:], found.group.sites[:, :3] + 3)
    turned = quantum_numbers(hypercubic((4, 4)), spins(16), rotations=True)
    assert len(turned.group) == 128
    assert isinstance(turned, QuantumNumbers)
    assert isinstance(turned.whole()[0], PermutationGroup)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"wave": (1,), "rotations": True}, "momentum 0 with rotations"),
        ({"spin_flip": 2}, "spin_flip 1 or -1"),
        ({"wave": (1, 1)}, "1 wave numbers"),
    ],
)
def test_numbers_that_are_none(given, message):
    with pytest.raises(ValueError, match=message):
        quantum_numbers(hypercubic((4,)), spins(4), **given)
    with pytest.raises(ValueError, match="of bosons"):
        quantum_numbers(hypercubic((4,)), bosons(4, 2), spin_flip=1)
