# SPDX-License-Identifier: Apache-2.0
"""The free-energy difference of two states by replica exchange: the reference where nothing exact is known."""

from collections.abc import Callable

import jax
import numpy as np

from isinglass.result import Estimate
from isinglass.run.progress import ProgressCallable
from isinglass.sampling.ensemble.driver import SamplingPlan, draw
from isinglass.sampling.ensemble.start import starts

__all__ = ["exchanged"]


def exchanged(key, sampler, batch, in_first: Callable, plan: SamplingPlan, progress: ProgressCallable, folder):
    """ln P(first)/P(second) at the first temperature, its error from the spread of the chains; 32 draws of each."""
    key_start, key_draw = jax.random.split(key)
    x = starts(key_start, batch, len(batch.beta), plan.chains, "random")
    draws = draw(key_draw, sampler, batch, x, plan, checkpoint=folder, progress=progress)
    share = in_first(draws.order[0]).mean(axis=1)  # of the time, for each chain
    mean, error = share.mean(), share.std(ddof=1) / len(share) ** 0.5
    some = draws.x[0][:, :: max(1, draws.x.shape[2] // 32)]
    return Estimate(float(np.log(mean / (1 - mean))), float(error / mean / (1 - mean))), some
