# SPDX-License-Identifier: Apache-2.0
"""Patterns in a file, a cue in another, and how they are stored."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from isinglass import systems
from isinglass.errors import InputError
from isinglass.tasks.posterior.posterior_file import numbers, observed

if TYPE_CHECKING:
    from isinglass.systems.lattice.associative_memory import AbstractAssociativeMemory

__all__ = ["MemoryFile"]


@dataclass(frozen=True)
class MemoryFile:
    """Patterns of ±1, a row for each, of one number a neuron or of one image."""

    file: Path
    """.npy, .npz, .h5, .nc, .mat: an array [pattern, neuron] or [pattern, row, column]."""
    observation: Path | None = None
    """The cue: a file with one array as a pattern."""
    patterns: str = ""
    """Name of the array of patterns, where the file holds several."""
    storage: Literal["hebb", "pseudo-inverse", "dense", "exponential"] = "hebb"
    """Couplings by Hebb's rule or the pseudo-inverse; dense: a power of the overlaps; exponential: attention."""
    power: int | None = None
    """Of a dense memory, 3 if not given."""

    def read(self) -> "tuple[AbstractAssociativeMemory, dict[str, Any], dict[str, Any]]":
        """The memory; the cue; what was read, for the record."""
        if self.observation is None:
            raise InputError("an observation", "none", "give the file of a cue")
        held, name = numbers(self.file)
        usual = [key for key in held if key.lower() in ("patterns", "memories")] or list(held)
        keys = [self.patterns] if self.patterns else usual
        if len(keys) != 1 or keys[0] not in held:
            shown = ", ".join(f"{key} {list(a.shape)}" for key, a in held.items()) or "none"
            raise InputError(f"one array of patterns in {name}", shown, "name it: patterns NAME")
        if self.power is not None and self.storage != "dense":
            raise InputError("a power for dense storage alone", f"{self.power} for {self.storage}", "leave it out")
        stored = held[keys[0]]
        if self.storage in ("hebb", "pseudo-inverse"):
            memory = systems.HopfieldNetwork(stored, rule=self.storage)
        else:
            memory = systems.DenseMemory(stored, power=(self.power or 3) if self.storage == "dense" else None)
        cue = observed(self.observation, [keys[0]], memory.shape)
        return memory, {"observation": cue}, {"read": f"{name}: {keys[0]} {list(stored.shape)}",
                                              "storage": self.storage}  # fmt: skip
