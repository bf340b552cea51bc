# SPDX-License-Identifier: Apache-2.0
"""Which method draws from a system, by what the system can do."""

from typing import Any

import numpy as np

from isinglass.errors import InputError
from isinglass.sampling.chain.adaptation import Adapted
from isinglass.sampling.chain.cluster import SwendsenWang, Wolff
from isinglass.sampling.chain.heat_bath import HeatBath
from isinglass.sampling.chain.hmc import HMC
from isinglass.sampling.chain.langevin import MALA, Langevin
from isinglass.sampling.chain.metropolis import Metropolis
from isinglass.sampling.chain.nuts import NUTS, blackjax_nuts
from isinglass.sampling.chain.random_walk import RandomWalk
from isinglass.sampling.chain.sampler import AbstractEnsemble, AbstractSampler, Independent
from isinglass.sampling.ensemble.packed import PackedMetropolis, can_be_packed
from isinglass.sampling.ensemble.tempering import Tempering
from isinglass.systems.system import AbstractLatticeSystem, AbstractPairSystem

__all__ = ["METHODS", "choose", "default_plan", "is_frustrated"]

PACKED_UP_TO = 64 * 64  # sites

TUNED = {"random_walk": RandomWalk, "mala": MALA, "nuts": NUTS}
METHODS = ("auto", "metropolis", "heat_bath", "wolff", "swendsen_wang", "tempering", "hmc", "langevin", *TUNED)


def choose(method: str | AbstractSampler | AbstractEnsemble, system: Any) -> AbstractEnsemble:
    """The ensemble for a method's name.

    `metropolis`: 32 chains to a word where the system allows it.  `auto`: HMC for real variables; tempering where
    something is frustrated or there are no clusters; else clusters, but packed Metropolis up to 64 x 64 spins, where it
    is still the faster way to an independent sample at T_c.  `tempering` exchanges chains of HMC where variables are
    real or cannot be changed one at a time, else of the heat bath or of Metropolis.
    """
    if isinstance(method, AbstractEnsemble):
        return method
    if isinstance(method, AbstractSampler):
        return Independent(method)
    if method not in METHODS:
        raise InputError(f"a method among {', '.join(METHODS)}", repr(method), "choose one of them")
    if method == "auto":
        if system.kind == "real":
            return HMC()
        small = can_be_packed(system) and np.prod(system.shape) <= PACKED_UP_TO
        method = ("metropolis" if small else "swendsen_wang") if has_clusters(system) else "tempering"
    local = isinstance(system, AbstractLatticeSystem)
    if method in (*TUNED, "hmc", "langevin"):
        check_continuous(method, system)
        return (
            HMC() if method == "hmc" else Independent(Langevin()) if method == "langevin" else Adapted(TUNED[method]())
        )
    if method in ("metropolis", "heat_bath") and not local:
        raise InputError("variables that can be changed one at a time", type(system).__name__, "use --method hmc")
    if method in ("wolff", "swendsen_wang") and not has_reflection(system):
        raise InputError(
            "for clusters an energy that reflection leaves unchanged",
            f"a {type(system).__name__} without that symmetry",
            "use --method metropolis or hmc" if system.kind == "real" else "use --method metropolis or heat_bath",
        )
    if method == "heat_bath" and getattr(system, "values", None) is None:
        raise InputError("for the heat bath variables with finitely many values", "continuous ones", "use metropolis")
    if method == "metropolis":
        return PackedMetropolis(system) if can_be_packed(system) else Independent(Metropolis())
    if method == "tempering":
        if system.kind == "real" or not local:
            return Tempering(HMC())
        return Tempering(Metropolis() if system.values is None else HeatBath())
    return Independent({"heat_bath": HeatBath, "wolff": Wolff, "swendsen_wang": SwendsenWang}[method]())


def check_continuous(method: str, system: Any) -> None:
    """Methods that move all variables a little need variables that can be."""
    if system.kind not in ("real", "angle"):
        raise InputError(
            f"for {method} real variables or angles", f"those of {type(system).__name__}", "use metropolis"
        )
    if method == "nuts":
        blackjax_nuts()


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
    """Sweeps that a method needs: clusters and trajectories forget in a few, local updates in hundreds."""
    if isinstance(ensemble, Independent) and isinstance(ensemble.sampler, SwendsenWang):
        return {"thin": 2, "warmup": 50}
    adaptation = getattr(ensemble, "adaptation", 0)
    long = isinstance(ensemble, HMC) or isinstance(getattr(ensemble, "kernel", None), NUTS)
    return {"thin": 1 if long else 10, "warmup": max(adaptation + 100, 600 if long else 1000)}
