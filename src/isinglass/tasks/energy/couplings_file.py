# SPDX-License-Identifier: Apache-2.0
"""Spin configurations in a file, whose couplings are wanted."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from isinglass.inference import inverse
from isinglass.tasks.energy.discrete_rows import RowsFile

if TYPE_CHECKING:
    from isinglass.inference.inverse.couplings import SpinSamples

__all__ = ["CouplingsFile"]


@dataclass(frozen=True)
class CouplingsFile(RowsFile):
    """Rows of ±1, or of 0 and 1, a configuration each."""

    def read(self) -> "tuple[SpinSamples, dict[str, Any], dict[str, Any]]":  # pyright: ignore
        """The samples with their chains; no settings; what was read, for the record."""
        x, known, said = RowsFile.read(self)
        return inverse.SpinSamples(x, known.get("chain")), {}, said
