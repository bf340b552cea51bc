# SPDX-License-Identifier: Apache-2.0
"""Configurations: `infer(key, read(file))`, as `isinglass phases FILE` does, against known transitions.

The name of a file says what it holds; the first pattern that fits counts.  A file without a pattern is left out.
"""

import math
import re
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path

from validation.case import Case, Measured, files

__all__ = ["cases"]

ISING = (2 / math.log(1 + math.sqrt(2)), "Onsager 1944")
NONE = (None, "no transition")

# pattern of the name -> value (None: none exists), source
KNOWN: list[tuple[str, Callable[[str], tuple[float | None, str]]]] = [
    ("neg_*", lambda name: NONE),
    ("*tri[0-9]*", lambda name: (4 / math.log(3), "triangular Ising, Houtappel 1950")),
    ("*heis3d*", lambda name: (1.4429, "Campostrini et al. 2002, cond-mat/0110336")),
    ("*xy3d*", lambda name: (2.2018, "Campostrini et al. 2006, cond-mat/0605083")),
    ("*xy2d*", lambda name: (0.8929, "Hasenbusch 2005, cond-mat/0502556")),
    ("*clock6*", lambda name: (0.90, "the upper of 0.70 and 0.90, Tomita and Okabe 2002, cond-mat/0202161")),
    ("*potts[0-9]*", lambda name: potts(int(name.split("potts")[1][0]))),
    ("*labels_1_3*", lambda name: potts(3)),
    ("*bc19*", lambda name: (0.764, "Blume-Capel, D = 1.9: Malakis et al. 2010, arXiv:0910.3351")),
    ("*ising3d*", lambda name: (4.511523, "Hasenbusch 2010, arXiv:1004.4486")),
    ("*ising*", lambda name: ISING),
    ("*open*", lambda name: ISING),
    ("*afm*", lambda name: ISING),
    ("*mehta*", lambda name: ISING),
]  # fmt: skip
TOLERANCE = {"*clock6*": 0.01, "*bc19*": 0.007, "*xy2d*": 0.0005}  # of the known value


def potts(q: int) -> tuple[float, str]:
    """T_c of the square lattice, 1 / ln(1 + √q)."""
    return 1 / math.log(1 + math.sqrt(q)), f"Potts q = {q}, Wu 1982"


def cases(roots: list[Path]) -> list[Case]:
    """Files of phases/ with a parameter, and of spins/ with labels."""
    found = []
    for path in files(roots, "phases/*.npz"):
        known = next(((pattern, of) for pattern, of in KNOWN if fnmatch(path.stem.lower(), pattern)), None)
        if known is not None:
            value, source = known[1](path.stem.lower())
            found.append(Case("phases", path, value, source, transition, tolerance=TOLERANCE.get(known[0], 0.0)))
    for path in files(roots, "spins/*label*.npz"):
        source = "accuracy of a threshold on the energy, given with the file"
        found.append(Case("labels", path, 0.957, source, accuracy, tolerance=0.01))
    return found


def transition(path: Path, preset: str) -> Measured:
    """The critical value of the scan."""
    found = inferred(path, preset)
    if isinstance(found, Measured):
        return found
    name = next((name for name in found.estimates if re.fullmatch(r"critical_\w+", name)), None)
    said = (found.notes or [""])[0] if name else found.status
    if name is None:
        return Measured(None, None, found.verdict, said)
    return Measured(found.estimates[name].value, found.estimates[name].error, found.verdict, said)


def accuracy(path: Path, preset: str) -> Measured:
    """How well two labelled phases are told apart."""
    found = inferred(path, preset)
    if isinstance(found, Measured):
        return found
    (estimate,) = [e for name, e in found.estimates.items() if name.startswith("accuracy/")]
    return Measured(estimate.value, estimate.error, found.verdict, found.notes[0])


def inferred(path: Path, preset: str):
    """The result, or the question that the file raises."""
    import jax

    from isinglass import infer
    from isinglass.data.files import read
    from isinglass.errors import InputError

    try:
        return infer(jax.random.key(0), read(path), preset=preset)
    except InputError as question:
        return Measured(None, None, "asked", str(question))
