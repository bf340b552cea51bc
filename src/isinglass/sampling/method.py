# SPDX-License-Identifier: Apache-2.0
"""The methods of `sample` by name: every sampler class in chain/ and ensemble/, in snake case."""

import re
from functools import cache
from pathlib import Path

__all__ = ["methods", "snake_case"]

ROOMS = ("chain", "ensemble")
ALSO = {"langevin": "mala"}  # Langevin dynamics is exact where nothing else is said
SAMPLER = re.compile(r"^class (\w+)\(Abstract(?:Sampler|Tunable|Ensemble|Exchangeable)\):(.*?)(?=^\S|\Z)", re.M | re.S)


@cache
def methods() -> dict[str, tuple[str, str]]:
    """Name -> (module, class), read from the files without importing one, without parts of other methods."""
    found = {}
    for path in sorted(path for room in ROOMS for path in (Path(__file__).parent / room).glob("*.py")):
        for name, body in SAMPLER.findall(path.read_text(encoding="utf-8")):
            if not name.startswith("Abstract") and "    part: ClassVar[bool] = True\n" not in body:
                found[snake_case(name)] = (f"isinglass.sampling.{path.parent.name}.{path.stem}", name)
    return found | {word: found[name] for word, name in ALSO.items()}


def snake_case(name: str) -> str:
    """HeatBath -> heat_bath, HMC -> hmc."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
