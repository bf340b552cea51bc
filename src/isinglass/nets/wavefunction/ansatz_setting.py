# SPDX-License-Identifier: Apache-2.0
"""The properties of a Hamiltonian that a wavefunction is built from."""

from collections.abc import Callable
from typing import NamedTuple

from jaxtyping import Int, Shaped
from numpy import ndarray

from isinglass.errors import InputError

__all__ = ["AnsatzSetting"]

Sums = tuple[tuple[tuple[int, ...], int], ...]


class AnsatzSetting(NamedTuple):
    """The space, the lattice and the symmetry of a Hamiltonian, the width and the numbers of the state."""

    word: str  # the name of the ansatz
    n_sites: int
    levels: int
    kind: str  # of the space: spin, boson, fermion
    conserved: Sums  # (sites, sum of their levels)
    lattice: tuple[int, ...]  # sites in C order
    alpha: float  # hidden units to a site, in units of what is usual
    dtype: str  # float64 for a stoquastic H, else complex128
    translations: Callable[..., Int[ndarray, "G N"]]  # that leave H as it is; InputError for fewer than `at_least`
    hopping: Callable[[], Shaped[ndarray, "modes modes"]]  # H of one particle alone
    scale: float = 0.01  # of the weights of hidden units at first

    @property
    def width(self) -> int:
        """α as a whole number of filters."""
        return max(1, round(self.alpha))

    def require_two_levels(self) -> None:
        """d = 2.  Errors: InputError for more levels."""
        if self.levels != 2:
            raise InputError(f"two levels to a site for {self.word}", f"{self.levels}", "use jastrow, for example")

    def require_all_translations(self) -> None:
        """Errors: InputError where H changes under one of them."""
        found = len(self.translations())
        if found < self.n_sites:
            raise InputError(
                f"a Hamiltonian that all {self.n_sites} translations leave as it is, for {self.word}",
                f"{found} of them", "use symmetric-rbm, for example",
            )  # fmt: skip
