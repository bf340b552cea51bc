# SPDX-License-Identifier: Apache-2.0
"""Whether two sets of samples are of one law, by a classifier of them.

Lopez-Paz and Oquab 2017, arXiv:1610.06545; for posteriors Lueckmann et al. 2021, arXiv:2101.04653.
"""

import warnings

import numpy as np
from jaxtyping import Float

from isinglass.result import Estimate

__all__ = ["c2st"]

FOLDS, LAYERS, PER_PARAMETER, ITERATIONS = 5, 2, 10, 1000


def c2st(a: Float[np.ndarray, "n d"], b: Float[np.ndarray, "m d"], *, seed: int = 1) -> Estimate:
    """Accuracy of a classifier of samples a and b, held out: 0.5 for one law, 1 for laws that do not meet.

    Two layers of 10 d units, by 1000 iterations of Adam, in units of a; five-fold cross validation.
    As many of each, at random: samples of Monte Carlo are in the order of its populations.
    Error: that of a share of n + m.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.model_selection import KFold, cross_val_score
    from sklearn.neural_network import MLPClassifier
    from threadpoolctl import threadpool_limits

    rng, n = np.random.default_rng(seed), min(len(a), len(b))
    some = np.concatenate([side[rng.permutation(len(side))[:n]] for side in (a, b)])
    center, width = a.mean(axis=0), a.std(axis=0)
    rows = (some - center) / np.where(width > 0, width, 1.0)
    net = MLPClassifier((PER_PARAMETER * a.shape[1],) * LAYERS, max_iter=ITERATIONS, random_state=seed)
    folds = KFold(FOLDS, shuffle=True, random_state=seed)
    with threadpool_limits(1), warnings.catch_warnings():  # its threads spin: slow on shared cores
        warnings.simplefilter("ignore", ConvergenceWarning)  # as many iterations as the benchmark has
        share = float(cross_val_score(net, rows, np.repeat([0, 1], n), cv=folds).mean())
    return Estimate(share, (share * (1 - share) / (2 * n)) ** 0.5)
