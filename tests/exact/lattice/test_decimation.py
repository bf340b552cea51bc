# SPDX-License-Identifier: Apache-2.0
"""Decimation keeps the law of the spins that are left, and the free energy; the Migdal-Kadanoff fixed point."""

import math

import numpy as np
import pytest

from isinglass.exact.lattice.decimation import (
    chain_log_partition,
    decimated,
    decimation_factor,
    migdal_kadanoff,
    migdal_kadanoff_fixed_point,
)


@pytest.mark.parametrize("K", [0.05, 0.7, 1.3, 4.0])
def test_a_sum_over_the_middle_spin_is_a_coupling(K):
    """Σ_s exp(K s (a + b)) = A exp(K' a b), by the two values of a b."""
    for a, b in ((1, 1), (1, -1)):
        summed = sum(math.exp(K * s * (a + b)) for s in (1, -1))
        assert math.log(summed) == pytest.approx(decimation_factor(K) + decimated(K) * a * b, abs=1e-12)
    assert math.tanh(decimated(K)) == pytest.approx(math.tanh(K) ** 2, rel=1e-12)


@pytest.mark.parametrize("K", [1e-3, 0.3, 1.0, 6.0, 40.0])
def test_the_free_energy_of_a_chain(K):
    assert chain_log_partition(K) == pytest.approx(np.logaddexp(K, -K), abs=1e-13)


def test_the_fixed_point_of_migdal_and_kadanoff():
    """b = 2, d = 2: K* = ½ ln cosh 4K* = 0.3047, ν = 1.338 (Kadanoff 1976); d = 3: 0.0653."""
    K, y = migdal_kadanoff_fixed_point()
    assert K == pytest.approx(0.5 * math.log(math.cosh(4 * K)), abs=1e-12)
    assert pytest.approx(0.30469, abs=1e-5) == K
    assert 1 / y == pytest.approx(1.338, abs=1e-3)
    assert migdal_kadanoff_fixed_point(3)[0] == pytest.approx(0.0653, abs=1e-4)
    step = 1e-5
    slope = (migdal_kadanoff(K + step) - migdal_kadanoff(K - step)) / (2 * step)
    assert math.log2(slope) == pytest.approx(y, abs=1e-8)
    with pytest.raises(ValueError, match="two dimensions"):
        migdal_kadanoff_fixed_point(1)
