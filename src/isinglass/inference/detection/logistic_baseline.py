# SPDX-License-Identifier: Apache-2.0
"""The first thing to try: ln P/(1 - P) = w·x + b, by scikit-learn, the ridge penalty chosen on other rows."""

import warnings
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

__all__ = ["logistic_scores"]

STRENGTHS = (1e-4, 1e-2, 1.0)  # C, the inverse of the penalty


def logistic_scores(
    x: Float[np.ndarray, "n m"], signal: Bool[np.ndarray, " n"], x_valid: Float[np.ndarray, "k m"],
    signal_valid: Bool[np.ndarray, " k"],
) -> Any:  # fmt: skip
    """A function of rows: w·x + b, fitted on the first rows, the penalty that of the smallest loss on the others."""
    from sklearn.linear_model import LogisticRegression

    center, width = x.mean(axis=0), x.std(axis=0)
    width = np.where(width > 1e-12 * (1 + np.abs(center)), width, 1.0)
    best: tuple[float, Any] = (np.inf, None)
    for strength in STRENGTHS:
        model = LogisticRegression(C=strength, max_iter=300)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of one that has not converged: the loss below decides
            model.fit((x - center) / width, signal)
        s = model.decision_function((x_valid - center) / width)
        loss = float(np.mean(np.logaddexp(0, s) - signal_valid * s))
        if loss < best[0]:
            best = (loss, model)
    return lambda rows: best[1].decision_function((rows - center) / width)
