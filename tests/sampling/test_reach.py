# SPDX-License-Identifier: Apache-2.0
"""Every sweep leads from every configuration to every other, and not in a rhythm, on the smallest lattices too.

Where all proposals are accepted, as where a lattice of two or three sites in a row frustrates its bonds, sweeps color
after color in a fixed order turn in circles.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from tests.sampling.all_methods import SWEEPS
from tests.sampling.test_laws import enumerated, refused

from isinglass.sampling.chain.metropolis import acceptance
from isinglass.systems import Ising, IsingGauge, Potts, edwards_anderson

KEYS = 300  # sweeps from each configuration: a proposal that rests one time in 64 is missed with probability 1 %
SMALL = {
    "ring of 4 antiferromagnet": Ising((4,), J=-1.0, temperature=10.0, lattice="chain"),  # ++-- : each flip is free
    "2 x 2": Ising((2, 2), temperature=10.0),
    "2 x 2 antiferromagnet": Ising((2, 2), J=-1.0, temperature=10.0),
    "3 x 3 antiferromagnet": Ising((3, 3), J=-1.0, temperature=10.0),
    "3 x 3 triangular antiferromagnet": Ising((3, 3), J=-1.0, temperature=10.0, lattice="triangular"),
    "3 x 3 hot": Ising((3, 3), temperature=1e9),
    "2 x 2 glass": edwards_anderson(jax.random.key(1), (2, 2), temperature=10.0),
    "3 x 3 glass": edwards_anderson(jax.random.key(1), (3, 3), temperature=10.0),
    "2 x 2 Potts": Potts((2, 2), q=3, temperature=10.0),
    "2 x 2 Potts antiferromagnet": Potts((2, 2), q=3, J=-1.0, temperature=10.0),
    "2 x 2 gauge": IsingGauge((2, 2), temperature=10.0),
}


def met(step, states):
    """A[i, j]: whether some of KEYS sweeps leads from i to j."""
    n, place = len(states), {state.tobytes(): i for i, state in enumerate(states)}
    keys = jax.random.split(jax.random.key(0), (n, KEYS))
    ends = np.asarray(jax.jit(jax.vmap(jax.vmap(step, (0, None))))(keys, jnp.asarray(states)), np.int8)
    to = np.array([place[end.tobytes()] for end in ends.reshape(-1, *states.shape[1:])])
    A = coo_array((np.ones(n * KEYS), (np.repeat(np.arange(n), KEYS), to)), shape=(n, n)).tocsr()
    return A > 0


def reaches(A):
    """One strong component, and some power without a zero."""
    if connected_components(A, connection="strong")[0] > 1:
        return False
    power = A.toarray()
    for _ in range(20):
        power = (power.astype(np.float32) @ power.astype(np.float32)) > 0  # A^(2^k)
    return bool(power.all())


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("method", SWEEPS)
def test_sweeps_reach_every_configuration(name, method):
    system, sampler = SMALL[name], SWEEPS[method]()
    if refused(sampler, system) or not sampler.ergodic(system):
        pytest.skip("the method refuses the system")
    if (method, name) == ("wolff", "3 x 3 hot"):
        pytest.skip("clusters of one spin at infinite temperature: every step turns one, so that parities alternate")
    assert reaches(met(lambda k, x: sampler.step(k, x, system)[0], enumerated(system)[0]))


@pytest.mark.parametrize(
    ("name", "holds"),
    [("3 x 3 triangular antiferromagnet", False), ("3 x 3 hot", False), ("ring of 4 antiferromagnet", False)],
)
def test_sweeps_in_fixed_order_without_rest_do_not(name, holds):
    """Planted error: color after color, in the same order, and what costs nothing is always accepted."""
    system = SMALL[name]

    def step(key, x):
        for k, sites in zip(jax.random.split(key, len(system.colors)), np.asarray(system.colors), strict=True):
            flat = x.reshape(-1)
            dE = system.energy_changes(x, -flat[sites], jnp.asarray(sites))
            flip = jax.random.uniform(k, dE.shape) < acceptance(system.beta, dE)
            x = flat.at[sites].set(jnp.where(flip, -flat[sites], flat[sites])).reshape(x.shape)
        return x

    assert not reaches(met(step, enumerated(system)[0]))
