# SPDX-License-Identifier: Apache-2.0
"""x = f(rng, θ): a function of Python and NumPy as a simulator."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from isinglass.errors import InputError

__all__ = ["PythonSimulator"]


@dataclass(frozen=True)
class PythonSimulator:
    """x = function(rng, θ), with `rng` a numpy.random.Generator of this simulation and θ [d] in the order of the prior.

        PythonSimulator(lambda rng, theta: rng.poisson(theta, 20))

    It returns one array, or number, of one shape.  All its randomness is from `rng`, so that a run can be repeated.
    """

    function: Callable[[np.random.Generator, np.ndarray], Any]

    def __post_init__(self):
        if not callable(self.function) or isinstance(self.function, type):
            what = self.function
            found = f"the class {what.__name__}" if isinstance(what, type) else type(what).__name__
            raise InputError("a function simulate(rng, theta)", found, "write PythonSimulator(simulate)")

    def run(self, rng: np.random.Generator, theta: np.ndarray) -> Any:
        """One x."""
        return self.function(rng, theta)
