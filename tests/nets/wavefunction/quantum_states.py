# SPDX-License-Identifier: Apache-2.0
"""Ansaetze for the laws: a ring of six sites, its translations and reflections."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from isinglass.approximation.variational.ansatz import neural_state
from isinglass.nets.autoregressive.causal_transformer import CausalTransformer
from isinglass.nets.autoregressive.masked_dense import MaskedDense
from isinglass.nets.autoregressive.recurrent import Recurrent
from isinglass.nets.wavefunction.autoregressive_state import AutoregressiveState
from isinglass.nets.wavefunction.character_projection import CharacterProjection
from isinglass.nets.wavefunction.group_convolution import GroupConvolution
from isinglass.nets.wavefunction.jastrow import Jastrow
from isinglass.nets.wavefunction.listing import ansaetze
from isinglass.nets.wavefunction.matrix_product_state import MatrixProductState
from isinglass.nets.wavefunction.mean_field import MeanField
from isinglass.nets.wavefunction.modulus_phase import ModulusPhase
from isinglass.nets.wavefunction.product_state import ProductState
from isinglass.nets.wavefunction.rbm import RBM
from isinglass.nets.wavefunction.residual_cnn import ResidualCNN
from isinglass.nets.wavefunction.slater import SlaterDeterminant
from isinglass.nets.wavefunction.symmetric_rbm import SymmetricRBM
from isinglass.nets.wavefunction.vision_transformer import VisionTransformer
from isinglass.systems.graph import hypercubic
from isinglass.systems.quantum.transverse_field_ising import transverse_field_ising

N = 6
RING = (np.arange(N)[None] + np.arange(N)[:, None]) % N  # translations
DIHEDRAL = np.concatenate([RING, RING[:, ::-1]])
MOMENTUM = np.exp(2j * np.pi * np.arange(N) / N)  # one of the characters of RING


def machine(key, **settings):
    return RBM(key=key, n_sites=N, **({"scale": 0.5} | settings))


STATES = {
    "mean field": lambda key: MeanField(key=key, n_sites=N, scale=0.5),
    "mean field, complex": lambda key: MeanField(key=key, n_sites=N, dtype="complex128", scale=0.5),
    "jastrow": lambda key: Jastrow(key=key, n_sites=N, scale=0.5),
    "jastrow, shared": lambda key: Jastrow(key=key, n_sites=N, perms=DIHEDRAL, dtype="complex128", scale=0.5),
    "symmetric rbm": lambda key: SymmetricRBM(key=key, perms=DIHEDRAL, alpha=2, scale=0.5),
    "symmetric rbm, complex": lambda key: SymmetricRBM(key=key, perms=RING, alpha=2, dtype="complex128", scale=0.5),
    "modulus and phase": lambda key: ModulusPhase(machine(key), machine(jax.random.fold_in(key, 1))),
    "product": lambda key: ProductState((Jastrow(key=key, n_sites=N, scale=0.5), machine(key, dtype="complex128"))),
    "group convolution": lambda key: GroupConvolution(key=key, perms=DIHEDRAL, features=2, layers=2),
    "group convolution, momentum": lambda key: GroupConvolution(
        key=key, perms=RING, characters=MOMENTUM, features=2, layers=3, dtype="complex128"
    ),
    "residual cnn": lambda key: ResidualCNN(key=key, lattice=(N,), channels=3, depth=1, scale=1.0),
    "residual cnn, complex": lambda key: ResidualCNN(
        key=key, lattice=(3, 2), channels=2, depth=1, kernel=2, dtype="complex128", scale=1.0
    ),
    "transformer": lambda key: VisionTransformer(key=key, lattice=(N,), patch=(2,), width=4, heads=2, scale=1.0),
    "transformer, complex": lambda key: VisionTransformer(
        key=key, lattice=(2, 3), patch=(1, 1), width=4, heads=2, layers=1, dtype="complex128", scale=1.0
    ),
    "transformer, places": lambda key: VisionTransformer(
        key=key, lattice=(N,), patch=(1,), width=4, heads=1, layers=1, invariant=False, scale=1.0
    ),
    "autoregressive": lambda key: AutoregressiveState(net=MaskedDense(key=key, shape=(N,), hidden=2)),
    "autoregressive, sector": lambda key: AutoregressiveState(
        net=Recurrent(key=key, shape=(N,), hidden=4), phase=machine(key), conserved=((tuple(range(N)), 3),)
    ),
    "autoregressive, transformer": lambda key: AutoregressiveState(
        net=CausalTransformer(key=key, shape=(N,), width=8, heads=2, layers=1)
    ),
    "slater": lambda key: SlaterDeterminant(key=key, n_sites=N, particles=(3,), hidden=0),
    "slater, backflow": lambda key: SlaterDeterminant(key=key, n_sites=3, particles=(1, 2), hidden=4, scale=0.5),
    "slater, complex": lambda key: SlaterDeterminant(
        key=key, n_sites=N, particles=(3,), hidden=4, dtype="complex128", scale=0.5
    ),
    "matrix product": lambda key: MatrixProductState(key=key, n_sites=N, bond=3, scale=0.5),
    "matrix product, ring": lambda key: MatrixProductState(
        key=key, n_sites=N, bond=3, periodic=True, dtype="complex128", scale=0.5
    ),
    "projected": lambda key: CharacterProjection(machine(key), RING, MOMENTUM, parity=-1),
    "projected, real": lambda key: CharacterProjection(machine(key), DIHEDRAL),
}
HERE = {"MeanField", "Jastrow", "SymmetricRBM", "ModulusPhase", "GroupConvolution", "ResidualCNN",
        "VisionTransformer", "AutoregressiveState", "SlaterDeterminant", "MatrixProductState", "RBM"}  # fmt: skip


def by_word(word):
    """An ansatz of another file, for an Ising ring."""
    return lambda key: neural_state(key, transverse_field_ising(hypercubic((N,))), word, 1.0, stoquastic=False)


STATES |= {word: by_word(word) for word, place in ansaetze().items() if place.partition(":")[2] not in HERE}
INVARIANT = {  # under these permutations
    "jastrow, shared": DIHEDRAL,
    "symmetric rbm": DIHEDRAL,
    "symmetric rbm, complex": RING,
    "group convolution": DIHEDRAL,
    "residual cnn": RING,
    "residual cnn, complex": np.arange(N).reshape(3, 2)[[1, 2, 0]].reshape(1, N),
    "transformer": RING[::2],
    "transformer, complex": np.arange(N).reshape(2, 3)[:, [1, 2, 0]].reshape(1, N),
    "projected, real": DIHEDRAL,
}
SECTOR = {"slater, backflow": lambda x: (x[:, :3] < 0).sum(1) == 1}  # besides Σ n = 3


@eqx.filter_jit
def made(name, key):
    """With all weights at work: random where the constructor has zeros."""
    state = STATES[name](key)
    params, static = eqx.partition(state, eqx.is_inexact_array)
    leaves, tree = jax.tree.flatten(params)
    keys = jax.random.split(jax.random.fold_in(key, 7), len(leaves))
    noisy = [a + 0.2 * jax.random.normal(k, a.shape, a.dtype) for k, a in zip(keys, leaves, strict=True)]
    return eqx.combine(jax.tree.unflatten(tree, noisy), static)


def configurations(name=""):
    """All x on six sites where ψ may differ from zero."""
    x = 1.0 - 2.0 * ((np.arange(2**N)[:, None] >> np.arange(N)) & 1)
    if name.startswith("slater") or name.endswith("sector"):
        x = x[x.sum(1) == 0]
    return jnp.asarray(x[SECTOR[name](x)] if name in SECTOR else x)


@eqx.filter_jit
def evaluated(state, x):
    return jax.vmap(state.log_psi)(x)


def log_amplitudes(state, x):
    return np.asarray(evaluated(state, x))


def amplitudes(state, x):
    return np.exp(log_amplitudes(state, x))
