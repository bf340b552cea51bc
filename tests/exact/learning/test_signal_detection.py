# SPDX-License-Identifier: Apache-2.0
"""The best detectors, against the table of the matched filter and against drawn numbers."""

import numpy as np
import pytest

from isinglass.exact.learning.signal_detection import (
    known_signal_accuracy,
    known_signal_auc,
    known_signal_power,
    unknown_phase_auc,
    unknown_phase_power,
)

ALARMS = (1e-1, 1e-2, 1e-3, 1e-4)
TABLE = {  # snr: known signal, its area and accuracy, unknown phase; computed independently to six digits
    1: ((0.389144, 0.092362, 0.018298, 0.003274), 0.76024994, 0.691462, (0.217654, 0.040387, 0.006852, 0.001096)),
    2: ((0.763760, 0.372081, 0.137805, 0.042806), 0.92135040, 0.841345, (0.542298, 0.203948, 0.062706, 0.016907)),
    3: ((0.957143, 0.749734, 0.464051, 0.236065), 0.98305257, 0.933193, (0.854512, 0.553331, 0.285972, 0.124753)),
    4: ((0.996721, 0.952901, 0.818527, 0.610638), 0.99766113, 0.977250, (0.978602, 0.866570, 0.660653, 0.432472)),
    5: ((0.999900, 0.996248, 0.971918, 0.899900), 0.99979652, 0.993790, (0.998671, 0.981857, 0.919205, 0.792971)),
    8: ((1.000000, 1.000000, 1.000000, 0.999991), 0.99999999, 0.999968, (1.000000, 1.000000, 0.999994, 0.999925)),
}  # fmt: skip


@pytest.mark.parametrize("snr", TABLE)
def test_table(snr):
    known, area, accuracy, unknown = TABLE[snr]
    np.testing.assert_allclose([known_signal_power(snr, a) for a in ALARMS], known, atol=6e-7)
    np.testing.assert_allclose([unknown_phase_power(snr, a) for a in ALARMS], unknown, atol=6e-7)
    assert known_signal_auc(snr) == pytest.approx(area, abs=6e-9)
    assert known_signal_accuracy(snr) == pytest.approx(accuracy, abs=6e-7)


def test_unknown_phase_by_drawn_quadratures():
    """Area and power at ρ = 2 of 10⁶ pairs; 4.5 errors.  Resolution 0.002."""
    rng = np.random.default_rng(0)
    background, noise = (np.hypot(*rng.normal(size=(2, 10**6))) for _ in range(2))
    signal = np.hypot(2 + rng.normal(size=10**6), rng.normal(size=10**6))
    assert (signal > background).mean() == pytest.approx(unknown_phase_auc(2.0), abs=4.5 * 0.4 / 1e3)
    t = np.sqrt(-2 * np.log(0.01))
    assert (signal > t).mean() == pytest.approx(unknown_phase_power(2.0, 0.01), abs=4.5 * 0.41 / 1e3)
    assert (noise > t).mean() == pytest.approx(0.01, abs=4.5 * 0.1 / 1e3)


def test_without_a_signal_the_power_is_the_false_alarm_probability():
    for power in (known_signal_power, unknown_phase_power):
        assert power(0.0, 0.03) == pytest.approx(0.03)
    assert known_signal_auc(0.0) == unknown_phase_auc(0.0) == 0.5
