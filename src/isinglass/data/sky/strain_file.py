# SPDX-License-Identifier: Apache-2.0
"""Strain in GWOSC's HDF5 layout, and noise curves in two columns.

`strain/Strain` (attributes Xstart, GPS s, and Xspacing, s), `meta/Detector`, `quality/simple/DQmask` (a word each
second, bit 0: data are there, bit 1: CBC_CAT1, usable).  Ref: Vallisneri et al. 2015, arXiv:1410.4839; gwosc.org.
"""

from pathlib import Path
from typing import Any

import numpy as np

from isinglass.data.table import plain, tables
from isinglass.errors import InputError
from isinglass.run.input.separate_reader import StoredGroup, is_hdf5, read_separately
from isinglass.systems.gravitational_wave.noise_curve import NoiseCurve
from isinglass.systems.gravitational_wave.strain import Strain

__all__ = ["read_noise_curve", "read_strain", "read_template"]

USABLE = 0b11  # data, and no fault of the detector
LAYOUT = "give a file of gwosc.org, or one with strain/Strain and its attributes Xstart and Xspacing"


def read_strain(path: str | Path) -> Strain:
    """The strain of one detector.  Errors: InputError for another layout."""
    path = Path(path)
    groups = stored(path)
    group = groups.get("/strain")
    if group is None or "Strain" not in group.arrays:
        found = ", ".join(f"{g}/{a}".lstrip("/") for g, one in groups.items() for a in one.arrays) or "nothing"
        raise InputError(f"strain/Strain in {path.name}", found[:200], LAYOUT)
    x, said = group.arrays["Strain"], group.attributes.get("Strain", {})
    if x.ndim != 1 or x.dtype.kind not in "fiu" or len(x) < 2:
        raise InputError(f"strain as numbers in a row in {path.name}", f"{x.dtype} of shape {list(x.shape)}", LAYOUT)
    start, step = (number(said, name, path) for name in ("Xstart", "Xspacing"))
    if not step > 0:
        raise InputError(f"Xspacing above 0 in {path.name}", f"{step:g}", LAYOUT)
    detector = plain(meta.arrays.get("Detector")) if (meta := groups.get("/meta")) else None
    return Strain(x.astype(float), start, step, str(detector or ""), quality(groups, len(x), step))


def stored(path: Path) -> dict[str, StoredGroup]:
    """The groups of an HDF5 file by name.  Errors: InputError for a file of another format."""
    if not is_hdf5(path):
        raise InputError(f"an HDF5 file at {path}", "another format", LAYOUT)
    return {group.name: group for group in read_separately([path])[0]}


def number(said: dict[str, Any], name: str, path: Path) -> float:
    """An attribute as a number.  Errors: InputError where it is missing, or none."""
    value = plain(said[name]) if name in said else None
    if not isinstance(value, int | float) or not np.isfinite(value):
        found = ", ".join(said) or "no attributes"
        raise InputError(f"{name} of strain/Strain in {path.name}, a number", found, LAYOUT)
    return float(value)


def quality(groups: dict[str, StoredGroup], n: int, step: float) -> np.ndarray | None:
    """Whether each sample is usable, by the word of its second; None where nothing is said."""
    group = groups.get("/quality/simple")
    if group is None or "DQmask" not in group.arrays:
        return None
    mask, per_second = group.arrays["DQmask"], round(1 / step)
    if mask.ndim != 1 or mask.dtype.kind not in "iu" or len(mask) * per_second != n:
        return None
    return np.repeat((mask & USABLE) == USABLE, per_second)


def read_template(path: str | Path) -> tuple[np.ndarray, np.ndarray]:
    """The two quadratures `template` [2, n] of the LOSC event tutorial.  Errors: InputError for another layout."""
    held = stored(Path(path)).get("")
    template = None if held is None else held.arrays.get("template")
    if template is None or template.ndim != 2 or len(template) != 2:
        raise InputError(f"template [2, n] in {Path(path).name}", "none", "give both phases as two rows")
    return template[0].astype(float), template[1].astype(float)


def read_noise_curve(path: str | Path, *, power: bool = False) -> NoiseCurve:
    """Two columns, frequency in Hz and amplitude spectral density in 1/√Hz; `power`: the density S in 1/Hz.

    Errors: InputError for another number of columns, or frequencies that do not rise.
    """
    held = [a for a in tables([Path(path)])[0][0].arrays.values() if a.dtype.kind in "fiu"]
    table = held[0] if len(held) == 1 else np.stack(held, axis=1) if len({a.shape for a in held}) == 1 else None
    if table is None or table.ndim != 2 or table.shape[1] != 2:
        found = ", ".join(str(list(a.shape)) for a in held) or "none"
        raise InputError(f"two columns, frequency and density, in {Path(path).name}", found, "leave out other columns")
    f, density = table.T.astype(float)
    return NoiseCurve(f, density if power else density**2)
