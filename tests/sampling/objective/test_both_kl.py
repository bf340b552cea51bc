# SPDX-License-Identifier: Apache-2.0
"""Energy and draws together: the loss is bounded by the exact one and sees a density that has lost a mode."""

import jax.numpy as jnp
import numpy as np
import pytest
from tests.sampling.gaussians import Normal

from isinglass.sampling.objective.both_kl import BothKL
from isinglass.sampling.objective.reverse_kl import ReverseKL
from isinglass.systems.surface.gaussian_mixture import two_modes


@pytest.mark.slow
@pytest.mark.parametrize("alpha", [0.0, 0.5, 1.0])
def test_the_value_is_that_of_both_divergences(key, alpha):
    """q = N(4, 1), p half of it and half N(-4, 1): reverse ln 2, forward 16 and the entropy of q."""
    system = two_modes(1, distance=8.0)
    x = system.sample(key, 4096).astype(jnp.float32)
    model = Normal((1,), mean=4.0)
    loss, _ = BothKL(ReverseKL(system, batch=4096), alpha=alpha)(key, model, (x,))
    forward = 0.5 * np.log(2 * np.pi) + 0.5 + 0.5 * 0.5 * 64
    assert float(loss) == pytest.approx((1 - alpha) * np.log(2) + alpha * forward, rel=0.05, abs=1e-3)


def test_a_weight_outside_is_refused():
    with pytest.raises(ValueError, match="try 0.5"):
        BothKL(ReverseKL(two_modes(1)), alpha=1.5)
