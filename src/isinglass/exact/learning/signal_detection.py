# SPDX-License-Identifier: Apache-2.0
"""The best detector of a signal in Gaussian noise, ρ its optimal signal-to-noise ratio.

Neyman and Pearson 1933, doi:10.1098/rsta.1933.0009: no test of the same false-alarm probability detects more often than
a threshold on the likelihood ratio.  Unknown phase: Marcum 1960, doi:10.1109/TIT.1960.1057560.
"""

import numpy as np
from scipy.special import ndtr, ndtri
from scipy.stats import ncx2

__all__ = [
    "known_signal_accuracy",
    "known_signal_auc",
    "known_signal_power",
    "unknown_phase_auc",
    "unknown_phase_power",
]


def known_signal_power(snr: float, false_alarm: float) -> float:
    """P_d = Q(Q⁻¹(P_fa) - ρ), Q the upper tail of N(0, 1).  Law: P_fa at ρ = 0."""
    return float(ndtr(snr + ndtri(false_alarm)))


def known_signal_auc(snr: float) -> float:
    """Φ(ρ/√2): the share of pairs of signal and noise that are told apart."""
    return float(ndtr(snr / np.sqrt(2)))


def known_signal_accuracy(snr: float) -> float:
    """Φ(ρ/2), equal priors."""
    return float(ndtr(snr / 2))


def unknown_phase_power(snr: float, false_alarm: float) -> float:
    """P_d = Q_1(ρ, √(-2 ln P_fa)), Marcum's function: the length of two quadratures, Rice against Rayleigh."""
    return float(ncx2.sf(-2 * np.log(false_alarm), 2, snr**2)) if snr > 0 else false_alarm


def unknown_phase_auc(snr: float) -> float:
    """1 - ½ exp(-ρ²/4): <exp(-r²/2)> over Rice's law of r.  Law: ½ at ρ = 0."""
    return float(1 - np.exp(-(snr**2) / 4) / 2)
