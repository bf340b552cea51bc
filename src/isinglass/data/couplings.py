# SPDX-License-Identifier: Apache-2.0
"""Couplings from a file in the format of rudy (Gset, Biq Mac): an Ising system for `sample(..., method="annealing")`.

The first line holds the number of sites and of bonds, every other one a bond: i j w, sites from 1; w is 1 if left out.
The system is E(s) = Σ w_ij s_i s_j, so that J = -w, and the largest cut is (Σ w - min E) / 2.
Ref: G. Rinaldi, rudy; Helmberg and Rendl 2000, doi:10.1137/S1052623497328987 (Gset).
"""

import gzip
import zlib
from pathlib import Path

import numpy as np

from isinglass.errors import InputError
from isinglass.memory import available_memory, in_bytes
from isinglass.run.input.regular_file import file_size
from isinglass.systems.graph import from_bonds
from isinglass.systems.lattice.ising import Ising

__all__ = ["read_couplings"]

SITE = 200  # bytes that a site takes, at least
MOST_MEMORY = 20  # times the length of a packed file: numbers in text shrink to a fifth at most


def read_couplings(path: str | Path, *, temperature: float = 1.0) -> Ising:
    """The Ising system E(s) = Σ w_ij s_i s_j of a file, plain or `.gz`; the cut is (Σ w - E) / 2.

    Errors: InputError that names the line.
    """
    path = Path(path)
    limit = MOST_MEMORY * file_size(path, "a file of couplings") + 1
    try:
        with gzip.open(path) if path.suffix.lower() == ".gz" else open(path, "rb") as opened:
            raw = opened.read(limit)
        if len(raw) == limit:
            raise ValueError(f"more than {in_bytes(limit)} of text")
        rows = [line.split() for line in raw.decode().splitlines() if line.strip()]
        if short := [row for row in rows[1:] if len(row) < 2]:
            raise ValueError(f"a line of {short[0][0]!r} alone")
        n, count = (int(word) for word in rows[0][:2])
        table = np.array([[float(word) for word in [*row, "1"][:3]] for row in rows[1:]])
    except (OSError, EOFError, ValueError, IndexError, zlib.error) as error:
        found = f"{path.name}: {(str(error).splitlines() or ['no rows'])[0]}"
        raise InputError("lines of numbers: sites and bonds, then i j w", found, "fix that line") from None
    if table.shape != (count, 3) or count == 0:
        raise InputError(f"{count} bonds i j w in {path.name}", f"{len(table)} lines", "fix the first line")
    if not 0 < n <= (most := available_memory() // SITE):
        raise InputError(f"1 to {most:.2g} sites, which fit in memory", f"{n:.3g} in {path.name}", "fix the first line")
    with np.errstate(invalid="ignore"):
        ends = table[:, :2].astype(np.int64) - 1
    wrong = (ends != table[:, :2] - 1).any(axis=1) | (ends < 0).any(axis=1) | (ends >= n).any(axis=1)
    wrong |= (ends[:, 0] == ends[:, 1]) | ~np.isfinite(table[:, 2])
    if wrong.any():
        line = " ".join(rows[1 + int(np.argmax(wrong))])
        raise InputError(f"two different sites from 1 to {n}, and a number", f"{line!r} in {path.name}", "fix the line")
    if len(np.unique(np.sort(ends, axis=1), axis=0)) < count:
        raise InputError("each bond once", f"some twice in {path.name}", "add their couplings")
    return Ising((n,), temperature=temperature, J=-table[:, 2], lattice=from_bonds(ends, (n,), "graph"))
