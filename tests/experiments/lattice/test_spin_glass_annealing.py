# SPDX-License-Identifier: Apache-2.0
"""The experiment goes on where a signal ended it, with the same numbers."""

import os
import signal

import jax
import numpy as np
import pytest

from isinglass.errors import Interrupted
from isinglass.experiments.lattice.spin_glass_annealing import SpinGlassAnnealing

SMALL = SpinGlassAnnealing(side=4, samples=2, runs=4, sweeps=(10, 20), sk_spins=8, sk_samples=4)


def test_a_stopped_experiment_goes_on_bit_for_bit(tmp_path):
    """SIGTERM in the third of its seven annealings; planted: another key gives other numbers."""
    whole, told = SMALL.run(jax.random.key(3)), []

    def stop(done, total, text):
        told.append(text)
        if len(told) == 3:
            os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(Interrupted):
        SMALL.run(jax.random.key(3), progress=stop, checkpoint=tmp_path)
    again = []
    resumed = SMALL.run(jax.random.key(3), progress=lambda *row: again.append(row), checkpoint=tmp_path)
    assert len(again) == 4
    assert resumed.to_json()["estimates"] == whole.to_json()["estimates"]
    for name in whole.arrays.variables:
        np.testing.assert_array_equal(resumed.arrays[name], whole.arrays[name])
    other = SMALL.run(jax.random.key(4))
    assert not np.array_equal(other.arrays["annealing_energy"], whole.arrays["annealing_energy"])
