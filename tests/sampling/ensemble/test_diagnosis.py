# SPDX-License-Identifier: Apache-2.0
"""What chains are worth: of independent draws all of them, of a chain too short to tell one."""

import jax
import numpy as np
import pytest

from isinglass.sampling.ensemble.diagnosis import diagnose


@pytest.mark.parametrize(
    ("draws", "least", "most"), [(2, 16, 16), (4, 16, 16), (7, 16, 16), (8, 60, 128), (64, 700, 1024)]
)
def test_chains_too_short_to_tell_count_once(key, draws, least, most):
    found = diagnose(np.asarray(jax.random.normal(key, (2, 3, 16, draws))), 10_000)
    assert (found.effective_samples >= least).all()
    assert (found.effective_samples <= most).all()
    assert np.isnan(found.r_hat).all() if draws < 4 else (found.r_hat > 0.9).all()
