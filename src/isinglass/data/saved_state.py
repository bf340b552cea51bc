# SPDX-License-Identifier: Apache-2.0
"""A neural state that a run of ground-state saved, with the Hamiltonian it is of and the energy that was measured."""

from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
import numpy as np

from isinglass.errors import InputError
from isinglass.result import Estimate, Result
from isinglass.run.directory import find
from isinglass.systems.quantum.hamiltonian import Hamiltonian
from isinglass.systems.quantum.hilbert_space import HilbertSpace
from isinglass.systems.quantum.term import parse

__all__ = ["SavedState", "read_state", "space_record"]

Natural = Annotated[int, msgspec.Meta(ge=0, le=1 << 20)]


class SpaceRecord(msgspec.Struct, forbid_unknown_fields=True):
    """A Hilbert space in the settings of a run."""

    kind: Literal["spin", "boson", "fermion"]
    sites: Annotated[int, msgspec.Meta(ge=1, le=1 << 20)]  # modes, of fermions
    levels: Annotated[int, msgspec.Meta(ge=2, le=1 << 20)]
    conserved: list[tuple[Natural, Natural, Natural]]  # first site, end, sum of n
    rotated: list[Natural]  # sites in A of the sign rule, ψ = (-1)^{Σ_{i in A} n_i} φ, φ the saved state


class SavedState(NamedTuple):
    """ψ = (-1)^{Σ_{i in rule} n_i} φ, and what was measured in it."""

    hamiltonian: Hamiltonian
    phi: Any
    rule: np.ndarray  # a mask of sites
    energy: Estimate
    variance: Estimate
    lattice: tuple[int, ...] | None
    name: str  # the run

    @property
    def has_rule(self) -> bool:
        """Whether any sign is rotated."""
        return bool(self.rule.any())


def space_record(space: HilbertSpace, rule: np.ndarray | None) -> dict[str, Any]:
    """A space and a sign rule as plain values.  Law: `read_state` makes the same space of it."""
    conserved = [[sites.start, sites.stop, total] for sites, total in space.conserved]
    rotated = [] if rule is None else np.flatnonzero(rule).tolist()
    return {"kind": space.kind, "sites": space.n_sites, "levels": space.levels, "conserved": conserved,
            "rotated": rotated}  # fmt: skip


def read_state(run: str | Path, *, allow: Collection[str] = (), root: str | Path = "runs") -> SavedState:
    """The state of a run directory, or of the latest run of a NAME below `root`.

    `allow`: packages of one's own whose classes may be loaded, as for `Result.load`.
    Errors: InputError for a run without a state or without its Hamiltonian, or a damaged one.
    """
    folder = find(str(run), Path(root))
    result = Result.load(folder, allow=allow)
    phi = result.models.get("state") if isinstance(result.models, dict) else None
    fix = "give a run of ground-state with a neural ansatz"
    if phi is None or not hasattr(phi, "log_psi"):
        raise InputError("a run with a saved neural state", f"{folder}, a run of {result.name} without one", fix)
    if not {"hamiltonian", "space"} <= set(result.settings):
        raise InputError("a run that tells its Hamiltonian and its space", f"{folder}, a run of {result.name}", fix)
    try:
        record = msgspec.convert(result.settings["space"], SpaceRecord)
        space = space_of(record)
        hamiltonian = Hamiltonian(parse(str(result.settings["hamiltonian"])), space)
        rule = np.isin(np.arange(space.n_sites), record.rotated)
        energy, variance = (result.estimates[name] for name in ("ground_state_energy", "energy_variance"))
        lattice = result.settings.get("lattice")
        sides = None if lattice is None else msgspec.convert(lattice, tuple[int, ...])
    except (ValueError, KeyError) as error:  # msgspec.ValidationError is a ValueError
        raise InputError(f"a whole result.json in {folder}", " ".join(str(error).split()), "repeat the run") from None
    return SavedState(hamiltonian, phi, rule, energy, variance, sides, str(folder))


def space_of(record: SpaceRecord) -> HilbertSpace:
    """The space of a record.  Errors: ValueError for sums of sites that there are not, or a sector without states."""
    if any(not first < end <= record.sites for first, end, _ in record.conserved):
        raise ValueError(f"sums over sites beyond the {record.sites} there are")
    sums = tuple((range(first, end), total) for first, end, total in record.conserved)
    space = HilbertSpace(record.sites, record.levels, record.kind, sums)
    if space.size == 0:
        raise ValueError("a sector without states")
    return space
