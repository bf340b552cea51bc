# SPDX-License-Identifier: Apache-2.0
"""A family of Hamiltonians on a line: H(g) = H_0 + g H_1 at several couplings g, such as fields across a transition."""

from collections.abc import Sequence

import equinox as eqx
import jax
import numpy as np
from jaxtyping import Float

from isinglass.errors import InputError
from isinglass.systems.quantum.hamiltonian import Hamiltonian

__all__ = ["HamiltonianLine"]


class HamiltonianLine(eqx.Module):
    """H(g) = H_0 + g H_1 on one Hilbert space.

    Errors: InputError for two different spaces, or couplings that are not ascending.
    """

    fixed: Hamiltonian  # H_0
    coupled: Hamiltonian  # H_1
    couplings: Float[np.ndarray, " C"]
    symbol: str = eqx.field(static=True)  # of the coupling, in names: ground_state_energy/h_0.5

    def __init__(self, fixed: Hamiltonian, coupled: Hamiltonian, couplings: Sequence[float], symbol: str = "g"):
        self.fixed, self.coupled, self.symbol = fixed, coupled, symbol
        self.couplings = np.asarray(couplings, float)
        if not eqx.tree_equal(fixed.space, coupled.space):
            raise InputError("two Hamiltonians on one space", "two spaces", "give both the same space")
        if self.couplings.ndim != 1 or not len(self.couplings) or (np.diff(self.couplings) <= 0).any():
            raise InputError("couplings that ascend", f"{couplings}", "sort them, each once")

    def at(self, g: float) -> Hamiltonian:
        """H(g).  Only its arrays depend on g, so that programs compile once; its static `operator` is that of g = 1."""
        space = self.fixed.space
        operator = lambda g: self.fixed.operator + float(g) * self.coupled.operator  # noqa: E731
        pattern = jax.tree.structure(Hamiltonian(operator(1.0), space))
        return jax.tree.unflatten(pattern, jax.tree.leaves(Hamiltonian(operator(g), space)))

    def name(self, g: float) -> str:
        """The name of a coupling in results: h_0.5 for the symbol h and g = 0.5."""
        return f"{self.symbol}_{g:g}"
