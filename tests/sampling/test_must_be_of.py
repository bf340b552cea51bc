# SPDX-License-Identifier: Apache-2.0
"""A sampler is used for the variables that it was made for, and for no others."""

import jax
import pytest

from isinglass.errors import InputError
from isinglass.nets.autoregressive.masked_dense import MaskedDense
from isinglass.nets.density import StandardNormal
from isinglass.nets.flow.circular_coupling import UniformAngles
from isinglass.sampling.learned import must_be_of
from isinglass.systems.field.phi4 import Phi4
from isinglass.systems.lattice.ising import Ising
from isinglass.systems.lattice.potts import Potts
from isinglass.systems.lattice.xy import XY

SYSTEMS = {
    "spins": Ising((2, 2)), "levels": Potts((2, 2), q=3), "angles": XY((2, 2)), "reals": Phi4((2, 2), lam=1.0)
}  # fmt: skip
MODELS = {
    "spins": MaskedDense(key=jax.random.key(0), shape=(2, 2), values=(-1, 1), hidden=2),
    "levels": MaskedDense(key=jax.random.key(0), shape=(2, 2), values=(0, 1, 2), hidden=2),
    "angles": UniformAngles((2, 2)),
    "reals": StandardNormal((2, 2)),
}


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("model", MODELS)
def test_only_its_own_kind(model, system):
    if model == system:
        must_be_of(MODELS[model], SYSTEMS[system])
        return
    with pytest.raises(InputError, match=f"a sampler of {system}"):
        must_be_of(MODELS[model], SYSTEMS[system])


def test_only_its_own_lattice():
    with pytest.raises(InputError, match=r"\(3, 3\)"):
        must_be_of(MODELS["reals"], Phi4((3, 3), lam=1.0))
