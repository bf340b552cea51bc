# SPDX-License-Identifier: Apache-2.0
"""A likelihood that can be written down."""

from dataclasses import dataclass
from typing import Any

__all__ = ["LogLikelihood"]


@dataclass(frozen=True)
class LogLikelihood:
    """ln p(x given θ) of the data at hand, up to a constant: a function of θ [d], of JAX.

        line = LogLikelihood(lambda theta: -0.5 * ((y - theta[0] * t) ** 2).sum())
        infer(0, line, prior={"slope": dist.Normal(0.0, 1.0)})

    `names`: it takes a dict of the parameters by name in place of an array.
    """

    of: Any
    names: bool = False
