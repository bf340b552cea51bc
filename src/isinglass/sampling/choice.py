# SPDX-License-Identifier: Apache-2.0
"""The choice of a sampling method by the properties of a system."""

import importlib
from typing import Any

import numpy as np

from isinglass.errors import InputError
from isinglass.sampling.chain.adaptation import AbstractTunable, Adapted
from isinglass.sampling.chain.cluster import SwendsenWang
from isinglass.sampling.chain.heat_bath import HeatBath
from isinglass.sampling.chain.hmc import HMC
from isinglass.sampling.chain.metropolis import Metropolis
from isinglass.sampling.chain.mixed import Mixed
from isinglass.sampling.chain.nuts import NUTS
from isinglass.sampling.chain.reach import reflections_hold
from isinglass.sampling.chain.sampler import AbstractEnsemble, AbstractSampler, Independent, check_method
from isinglass.sampling.chain.soundness import require_sound_system
from isinglass.sampling.ensemble.packed import PackedMetropolis, can_be_packed
from isinglass.sampling.ensemble.tempering import Tempering
from isinglass.sampling.method import methods
from isinglass.symmetry.variable import Reals
from isinglass.systems.system import AbstractLatticeSystem, AbstractPairSystem

__all__ = ["choose", "default_plan", "is_frustrated", "made"]

PACKED = 64, 64 * 64  # sites: fewer are not ergodic (`Multispin`), more are better sampled by clusters


def choose(method: str | AbstractSampler | AbstractEnsemble, system: Any) -> AbstractEnsemble:
    """The ensemble of chains for a method or its name; `automatic` for "auto".

    `metropolis`: 32 chains to a machine word where the system allows it.  `tempering` exchanges chains of HMC where
    variables are real or cannot be updated one at a time, else of heat bath or Metropolis.  Step sizes are adapted.
    Errors: InputError where the method does not apply to the system, or is not ergodic by itself.
    """
    if isinstance(method, str) and method not in ("auto", *methods()):
        raise InputError(f"a method among auto, {', '.join(methods())}", repr(method), "choose one of them")
    if method == "auto":
        require_sound_system(system)
        return automatic(system)
    if method == "tempering":
        ensemble = Tempering(exchanged(system))
    else:
        sampler = made(method) if isinstance(method, str) else method
        ensemble = sampler if isinstance(sampler, AbstractEnsemble) else Independent(sampler)
    check_method(ensemble, system)
    packed = method == "metropolis" and system.n_sites >= PACKED[0] and can_be_packed(system)
    return PackedMetropolis(system) if packed else ensemble


def made(name: str) -> AbstractSampler | AbstractEnsemble:
    """The sampler of this name, with an adapted step size where it has one."""
    module, cls = methods()[name]
    sampler = getattr(importlib.import_module(module), cls)()
    return Adapted(sampler) if isinstance(sampler, AbstractTunable) else sampler


def automatic(system: Any) -> AbstractEnsemble:
    """HMC for real variables; tempering for frustrated systems and those without cluster updates; else clusters.

    Clusters that are not ergodic (|s| of a spin one) are mixed with Metropolis.  From 8 x 8 to 64 x 64 spins ±1 it is
    packed Metropolis, which at T_c still has more independent samples per second there.
    """
    if isinstance(system.variable, Reals):
        return HMC()
    if PACKED[0] <= system.n_sites <= PACKED[1] and can_be_packed(system) and not is_frustrated(system):
        return PackedMetropolis(system)
    if not has_clusters(system):
        return Tempering(exchanged(system))
    clusters = SwendsenWang()
    return Independent(clusters) if clusters.ergodic(system) else Mixed((Metropolis(), clusters))


def exchanged(system: Any) -> AbstractSampler | HMC:
    """The sampler of the chains that tempering exchanges."""
    if isinstance(system.variable, Reals) or not isinstance(system, AbstractLatticeSystem):
        return HMC()
    return Metropolis() if system.variable.continuous else HeatBath()


def is_frustrated(system: Any) -> bool:
    """Whether some J_ij < 0.  Then clusters percolate above the transition, and a uniform start is a poor guess."""
    return isinstance(system, AbstractPairSystem) and bool(np.min(np.asarray(system.J)) < 0)


def has_clusters(system: Any) -> bool:
    """Whether cluster updates are valid and efficient."""
    return isinstance(system, AbstractPairSystem) and not is_frustrated(system) and reflections_hold(system)


def default_plan(ensemble: AbstractEnsemble) -> dict[str, int]:
    """Default sweeps: cluster updates and trajectories decorrelate in a few, local updates in hundreds."""
    if isinstance(ensemble, Independent) and isinstance(ensemble.sampler, SwendsenWang):
        return {"thin": 2, "warmup": 50}
    adaptation = getattr(ensemble, "adaptation", 0)
    long = isinstance(ensemble, HMC) or isinstance(getattr(ensemble, "kernel", None), NUTS)
    return {"thin": 1 if long else 10, "warmup": max(adaptation + 100, 600 if long else 1000)}
