# SPDX-License-Identifier: Apache-2.0
"""Which method draws from a system, by what the system can do."""

from typing import Any

import numpy as np

from isinglass.errors import InputError
from isinglass.sampling.adaptation import Adapted
from isinglass.sampling.cluster import SwendsenWang, Wolff
from isinglass.sampling.heat_bath import HeatBath
from isinglass.sampling.hmc import HMC
from isinglass.sampling.langevin import MALA, Langevin
from isinglass.sampling.metropolis import Metropolis
from isinglass.sampling.packed import PackedMetropolis, can_be_packed
from isinglass.sampling.random_walk import RandomWalk
from isinglass.sampling.sampler import AbstractEnsemble, AbstractSampler, Independent
from isinglass.sampling.tempering import Tempering
from isinglass.systems.system import AbstractLatticeSystem, AbstractPairSystem

__all__ = ["METHODS", "choose", "default_plan", "is_frustrated"]

PACKED_UP_TO = 64 * 64  # sites

SPINS = ("metropolis", "heat_bath", "wolff", "swendsen_wang")
FIELDS = ("hmc", "mala", "langevin", "random_walk")  # by the gradient or the whole configuration
METHODS = ("auto", *SPINS, "tempering", *FIELDS)


def choose(method: str | AbstractSampler | AbstractEnsemble, system: Any) -> AbstractEnsemble:
    """The ensemble for a method's name.

    `metropolis`: 32 chains to a word where the system allows it.  `auto`: tempering where something is frustrated or
    there are no clusters; else clusters, but packed Metropolis up to 64 x 64 spins, where it is still the faster way
    to an independent sample at T_c.  Real variables: HMC.
    """
    if isinstance(method, AbstractEnsemble):
        return method
    if isinstance(method, AbstractSampler):
        return Independent(method)
    if method not in METHODS:
        raise InputError(f"a method among {', '.join(METHODS)}", repr(method), "choose one of them")
    if method == "auto" and system.kind == "real":
        method = "hmc"
    if method in FIELDS and system.kind not in ("real", "angle"):
        raise InputError(f"for {method} continuous variables", f"kind {system.kind!r}", "use metropolis or heat_bath")
    if method in SPINS and not isinstance(system, AbstractLatticeSystem):
        raise InputError(f"for {method} variables on a lattice", type(system).__name__, "use hmc")
    if method == "hmc":
        return HMC()
    if method in FIELDS:
        return (
            Independent(Langevin()) if method == "langevin" else Adapted(MALA() if method == "mala" else RandomWalk())
        )
    if method == "auto":
        small = can_be_packed(system) and np.prod(system.shape) <= PACKED_UP_TO
        method = ("metropolis" if small else "swendsen_wang") if has_clusters(system) else "tempering"
    if method in ("wolff", "swendsen_wang") and not has_reflection(system):
        raise InputError(
            "for clusters an energy that reflection leaves unchanged",
            f"a {type(system).__name__} without that symmetry",
            "use --method metropolis or heat_bath",
        )
    if method == "heat_bath" and getattr(system, "values", None) is None:
        raise InputError("for the heat bath variables with finitely many values", "continuous ones", "use metropolis")
    if method == "metropolis":
        return PackedMetropolis(system) if can_be_packed(system) else Independent(Metropolis())  # pyright: ignore
    if method == "tempering":
        if not isinstance(system, AbstractLatticeSystem):
            return Tempering(Adapted(RandomWalk()))
        return Tempering(Metropolis() if system.values is None else HeatBath())
    return Independent({"heat_bath": HeatBath, "wolff": Wolff, "swendsen_wang": SwendsenWang}[method]())


def has_reflection(system: Any) -> bool:
    """Can clusters be reflected, and is that enough?  Reflections of a real field leave its modulus as it is."""
    return isinstance(system, AbstractPairSystem) and "reflection" in system.symmetries and system.kind != "real"


def is_frustrated(system: Any) -> bool:
    """Do some couplings oppose order?  Then clusters percolate too early, and a uniform start is no good guess."""
    return isinstance(system, AbstractPairSystem) and bool(np.min(np.asarray(system.J)) < 0)


def has_clusters(system: Any) -> bool:
    """Are cluster updates both allowed and useful?"""
    return has_reflection(system) and not is_frustrated(system)


def default_plan(ensemble: AbstractEnsemble) -> dict[str, int]:
    """Sweeps that a method needs: clusters forget in a few, local updates in hundreds."""
    if isinstance(ensemble, Independent) and isinstance(ensemble.sampler, SwendsenWang):
        return {"thin": 2, "warmup": 50}
    if isinstance(ensemble, HMC):
        return {"thin": 1, "warmup": ensemble.adaptation + 100}
    return {"thin": 10, "warmup": 1000}
