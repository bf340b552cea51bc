# SPDX-License-Identifier: Apache-2.0
"""A chirp in the noise of Advanced LIGO: a network against the matched filter, which nothing can beat.

Needs ripplegw: pip install 'isinglass[sky]'.
"""

import numpy as np

from isinglass import infer
from isinglass.exact.learning.signal_detection import known_signal_power
from isinglass.inference.detection import Labelled
from isinglass.systems.gravitational_wave.chirp_in_noise import ChirpInNoise

SNR, FALSE_ALARM = 4.0, 0.01

chirp = ChirpInNoise(snr=SNR, rate=256)  # two black holes of 34 solar masses each, half a second
drawn = chirp.draw(np.random.default_rng(0), 12_000)
labelled = Labelled(drawn.x, drawn.signal, log_ratio=drawn.log_ratio)
result = infer(0, labelled, network="mlp", hidden=(32,), weight_decay=3e-3, false_alarm=FALSE_ALARM, steps=800)
print(result)
print(f"matched filter, exactly: {known_signal_power(SNR, FALSE_ALARM):.6f}")

power = result.estimates["detection_probability"]
assert power.error is not None
assert abs(power.value - known_signal_power(SNR, FALSE_ALARM)) < 0.02 + 4 * power.error
assert result.verdict != "fail"
