# SPDX-License-Identifier: Apache-2.0
"""The catalogue: name -> where the experiment is, and one line about it.  A class is imported when it is used."""

import difflib
import importlib
from typing import TYPE_CHECKING, NamedTuple

from isinglass.errors import InputError

if TYPE_CHECKING:
    from isinglass.experiments.experiment import AbstractExperiment

__all__ = ["CATALOGUE", "Entry", "find"]


class Entry(NamedTuple):
    """One line of `isinglass list`; a test holds it against the class."""

    where: str  # "module:Class"
    task: str  # approximate, infer, sample or agent
    summary: str  # what it shows, in a few words


HERE = "isinglass.experiments"
CATALOGUE: dict[str, Entry] = {
    "ising-phases": Entry(
        f"{HERE}.ising_phases:IsingPhases", "infer", "critical temperature and exponent of the Ising model by networks"
    ),
    "confusion": Entry(
        f"{HERE}.confusion:ConfusionExperiment", "infer", "the W of learning by confusion beside the exact Bayes curve"
    ),
    "unsupervised-phases": Entry(
        f"{HERE}.unsupervised_phases:UnsupervisedPhases", "infer", "components, autoencoders, clusters against m"
    ),
    "gauge-phases": Entry(
        f"{HERE}.gauge_phases:GaugePhases", "infer", "phases without order parameter: gauge theory and square ice"
    ),
    "critical-slowing-down": Entry(
        f"{HERE}.critical_slowing_down:CriticalSlowingDown",
        "sample",
        "autocorrelation time against L, flips and clusters",
    ),
    "variational-autoregressive": Entry(
        f"{HERE}.variational_autoregressive:VariationalAutoregressive",
        "sample",
        "free energies by autoregressive networks",
    ),
    "phi4-flow": Entry(
        f"{HERE}.phi4_flow:Phi4Flow", "sample", "flows for the phi^4 field, trained from its action, against HMC"
    ),
    "boltzmann-generator": Entry(
        f"{HERE}.boltzmann_generator:BoltzmannGenerator", "sample", "free energies of states that no chain connects"
    ),
    "u1-flow": Entry(
        f"{HERE}.u1_flow:U1Flow", "sample", "topological freezing of HMC in a gauge theory, and a flow that does not"
    ),
    "tfim-ground-state": Entry(
        f"{HERE}.tfim_ground_state:TfimGroundState",
        "approximate",
        "neural quantum states of the transverse-field Ising model",
    ),
    "heisenberg-rbm": Entry(
        f"{HERE}.heisenberg_rbm:HeisenbergRBM",
        "approximate",
        "antiferromagnets by symmetric Boltzmann machines, error against width",
    ),
    "j1j2": Entry(f"{HERE}.j1j2:J1J2", "approximate", "a frustrated antiferromagnet, whose signs a network must learn"),
    "foundation-state": Entry(
        f"{HERE}.foundation_state:FoundationStateExperiment",
        "approximate",
        "one network for all fields of the Ising ring, also those between",
    ),
    "quench": Entry(
        f"{HERE}.quench:Quench", "approximate", "a neural state in real time after a quench, against free fermions"
    ),
    "entanglement": Entry(
        f"{HERE}.entanglement:Entanglement", "approximate", "Renyi entropy and fidelity across the Ising transition"
    ),
    "autoregressive-state": Entry(
        f"{HERE}.autoregressive_state:AutoregressiveGroundState",
        "approximate",
        "quantum states that are normalized and draw their own samples",
    ),
    "hubbard": Entry(
        f"{HERE}.hubbard:Hubbard", "approximate", "electrons that repel: determinant, Jastrow factor, neural backflow"
    ),
    "spin-glass-annealing": Entry(
        f"{HERE}.spin_glass_annealing:SpinGlassAnnealing", "sample", "annealing against exact ground states of glasses"
    ),
    "two-wells-lost": Entry(
        f"{HERE}.two_wells_lost:TwoWellsLost", "sample", "a flow that lost a mode: seen by the forward ESS, and mended"
    ),
    "diffusion-field": Entry(
        f"{HERE}.diffusion_field:DiffusionField",
        "sample",
        "diffusion models of phi^4, a density, and Wiener's posterior",
    ),
}


def find(name: str) -> "type[AbstractExperiment]":
    """The class of an experiment."""
    if name not in CATALOGUE:
        close = difflib.get_close_matches(name, CATALOGUE, 1)
        mend = f"did you mean {close[0]!r}?" if close else "see `isinglass list`"
        raise InputError(f"an experiment among {', '.join(CATALOGUE) or '(none yet)'}", repr(name), mend)
    module, _, experiment = CATALOGUE[name].where.partition(":")
    return getattr(importlib.import_module(module), experiment)
