# SPDX-License-Identifier: Apache-2.0
"""The entries of a Hamiltonian file, as typed records: `docs/hamiltonian.md` says what they mean."""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from isinglass.errors import InputError
from isinglass.run.text.schema import typed
from isinglass.systems.quantum.hilbert_space import MOST_LEVELS

__all__ = ["BosonFile", "FermionFile", "LatticeTable", "SpinFile", "hamiltonian_entries"]

LatticeName = Literal[
    "chain", "square", "cubic", "hypercubic", "triangular", "honeycomb", "kagome", "ladder", "complete"
]

Whole = Annotated[int, Meta(ge=0, le=10**15)]
Positive = Annotated[int, Meta(ge=1, le=10**15)]
Pair = Annotated[list[Whole], Meta(min_length=2, max_length=2)]  # tuple[Whole, Whole] in a union crashes msgspec 0.22
Bonds = list[Annotated[list[int | float], Meta(min_length=2, max_length=3)]]  # [i, j] or [i, j, coupling]
Constant = float | str | list[float | list[float]]


class LatticeTable(Struct, forbid_unknown_fields=True, frozen=True):
    """[lattice]: a name with its shape, or bonds."""

    name: LatticeName | None = None
    shape: Annotated[list[Positive], Meta(min_length=1, max_length=8)] | None = None
    periodic: bool | None = None
    bonds: Bonds | None = None


class BondTable(Struct, forbid_unknown_fields=True, frozen=True):
    """[[bond]]: a term for other pairs than nearest neighbors."""

    term: str
    neighbor: Annotated[int, Meta(ge=1, le=1000)] | None = None  # 2: the second nearest, by distance
    bonds: Bonds | None = None


class HamiltonianTable(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What all kinds of particles have."""

    sites: Positive | None = None
    terms: str | list[str] = []
    bond: str | list[BondTable] = []
    site: str | None = None
    constants: dict[str, Constant] = {}
    lattice: LatticeTable | None = None
    momentum: list[Annotated[int, Meta(ge=-1_000_000, le=1_000_000)]] | None = None
    rotations: bool = False


class SpinFile(HamiltonianTable, frozen=True, kw_only=True):
    """kind = "spin"."""

    kind: Literal["spin"] = "spin"
    S: Annotated[float, Meta(ge=0.5, le=(MOST_LEVELS - 1) / 2)] = 0.5
    magnetization: Annotated[float, Meta(ge=-1e15, le=1e15)] | None = None
    spin_flip: Literal[1, -1] | None = None


class BosonFile(HamiltonianTable, frozen=True, kw_only=True):
    """kind = "boson"."""

    kind: Literal["boson"] = "boson"
    cutoff: Annotated[int, Meta(ge=1, le=MOST_LEVELS - 1)] = 4
    particles: Whole | None = None


class FermionFile(HamiltonianTable, frozen=True, kw_only=True):
    """kind = "fermion"."""

    kind: Literal["fermion"] = "fermion"
    particles: Whole | Pair | None = None
    spinful: bool | None = None


SCHEMAS: dict[str, type[HamiltonianTable]] = {"spin": SpinFile, "boson": BosonFile, "fermion": FermionFile}


def hamiltonian_entries(content: dict[str, Any], where: str) -> HamiltonianTable:
    """The typed entries of a file.  Errors: InputError that names the entry, and where it belongs."""
    kind = content.get("kind", "spin")
    if not isinstance(kind, str) or kind not in SCHEMAS:
        raise InputError("kind spin, boson or fermion", f"{kind!r} in {where}"[:200], "choose one of them")
    for name in content:
        check_owner(name, kind, where)
    for table in ("lattice", "constants"):
        section = content.get(table)
        for name in section if isinstance(section, dict) else ():
            if any(name in schema.__struct_fields__ for schema in SCHEMAS.values()):
                raise InputError(
                    f"{name} above [{table}]", f"'{table}.{name}' in {where}", "move it to the top of the file"
                )
    return typed(content, SCHEMAS[kind], where)


def check_owner(name: str, kind: str, where: str) -> None:
    """Errors: InputError for an entry of another kind of particle, or of [lattice]."""
    if name in SCHEMAS[kind].__struct_fields__:
        return
    others = [other for other, schema in SCHEMAS.items() if name in schema.__struct_fields__]
    if others:
        fix = f"remove it, or set kind = {' or '.join(repr(other) for other in others)}".replace("'", '"')
        raise InputError(f"entries of a {kind} file", f"{name!r} in {where}, an entry for {others[0]}s", fix)
    if name in LatticeTable.__struct_fields__:
        raise InputError(f"{name} in [lattice]", f"{name!r} at the top of {where}", "move it below the line [lattice]")
