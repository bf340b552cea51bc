# SPDX-License-Identifier: Apache-2.0
"""The normalization of autoregressive states: summed over all states, in a sector and outside it."""

import pytest

from isinglass.experiments.quantum.autoregressive_state import AutoregressiveGroundState, normalization
from isinglass.nets.autoregressive.masked_dense import MaskedDense
from isinglass.nets.wavefunction.autoregressive_state import AutoregressiveState
from isinglass.nets.wavefunction.mean_field import MeanField
from isinglass.nets.wavefunction.product_state import ProductState
from isinglass.systems.quantum.hilbert_space import spins

SECTOR = (((0, 1, 2, 3, 4, 5), 3),)


def test_a_state_that_is_not_normalized_is_seen(key):
    """Planted: a factor of 1 + 1e-5 at one site; the whole space with the mask of a sector left out."""
    net = MaskedDense(key=key, shape=(6,), hidden=2)
    whole, sector = AutoregressiveState(net=net), AutoregressiveState(net=net, conserved=SECTOR)
    half = spins(6, magnetization=0.0)
    assert normalization(whole, spins(6)).verdict == "pass"
    assert normalization(sector, half).verdict == "pass"
    assert normalization(whole, half).verdict == "fail"
    scaled = MeanField(key=key, n_sites=6, scale=1e-5)
    assert normalization(ProductState((whole, scaled)), spins(6)).verdict == "fail"


def test_an_unknown_network_is_refused():
    with pytest.raises(ValueError, match="masked|dense, gru, transformer"):
        AutoregressiveGroundState(networks=("mlp",)).cases()
