# SPDX-License-Identifier: Apache-2.0
"""Points and their labels in a file: columns of a table, or arrays."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from isinglass.errors import InputError
from isinglass.inference import linear
from isinglass.tasks.linear.linear_file import columns

if TYPE_CHECKING:
    from isinglass.inference.linear.plane import LabelledPoints

__all__ = ["SeparableFile"]

USUAL = ("label", "labels", "class", "y", "target")


@dataclass(frozen=True)
class SeparableFile:
    """A row for each point."""

    file: Path
    """.csv, .txt with named columns, .npz, .h5, .nc, .mat."""
    label: str = ""
    """The column or array of labels, of two kinds; by default one named label, class, y or target."""
    inputs: tuple[str, ...] = ()
    """Columns or arrays of coordinates; by default all others that are numbers."""

    def read(self) -> "tuple[LabelledPoints, dict[str, Any], dict[str, Any]]":
        """The points; no settings; what was read, for the record."""
        held, name = columns(self.file)
        shown = ", ".join(f"{key} {list(a.shape)}" for key, a in held.items())[:300] or "none"
        usual = [key for key in held if key.lower() in USUAL]
        label = self.label or (usual[0] if len(usual) == 1 else "")
        if not label or label not in held:
            raise InputError(f"a column of labels in {name}", shown, "name it: label NAME")
        if lacking := [key for key in self.inputs if key not in held or key == label]:
            raise InputError(f"columns {', '.join(lacking)} of coordinates in {name}", shown, "name others")
        y = held[label].reshape(-1)
        used = [key for key in self.inputs or held if key != label and held[key].dtype.kind in "biuf"
                and len(held[key]) == len(y)]  # fmt: skip
        if odd := [key for key in self.inputs if key not in used]:
            raise InputError(f"coordinates of {len(y)} rows of numbers", ", ".join(odd), "leave these out")
        if not used:
            raise InputError(f"coordinates in {name}", shown, "name them: inputs NAME NAME")
        X = np.concatenate([held[key].reshape(len(y), -1) for key in used], axis=1)
        return linear.LabelledPoints(X, y), {}, {"read": f"{name}: {label} by {', '.join(used)[:300]}"}
