# SPDX-License-Identifier: Apache-2.0
"""All parts in one experiment."""

from dataclasses import dataclass
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from isinglass import Result, approximate, sample
from isinglass.exact.field.free_field import log_partition_function
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.nets.density import StandardNormal
from isinglass.nets.flow.flow import Flow
from isinglass.result import Check, Estimate
from isinglass.run.progress import silent
from isinglass.systems import free_field
from isinglass.systems.graph import hypercubic
from isinglass.systems.quantum.transverse_field_ising import transverse_field_ising

from .check import energy_is, enumerated
from .density import IndependentSpins
from .network import Closure, Stretch
from .sampler import Barker
from .state import Neighbors
from .system import BlumeCapel

T, D = 0.8, 0.5


def same(law: str, found: Estimate, exact: float) -> Check:
    """Within 4.5 errors."""
    error = float(found.error or 0)
    return Check.within(law, found.value, exact, 4.5 * error, error=error, source="exact")


@dataclass(frozen=True)
class OwnParts(AbstractExperiment):
    """A system, a sampler, a density, a flow and an ansatz that isinglass knows nothing of."""

    name: ClassVar[str] = "own-parts"
    task: ClassVar[str] = "sample"
    rows: ClassVar[tuple[int, ...]] = (1,)
    summary: ClassVar[str] = "parts of my own"
    paper: ClassVar[str] = "doi:10.1103/PhysRev.141.517"
    claim: ClassVar[str] = "Energy and ln Z of the 3 x 3 Blume-Capel model as enumerated; every verdict a pass."
    presets: ClassVar[dict] = {"smoke": {"samples": 4096}}

    samples: int = 16384
    """Configurations of each kind."""

    def run(self, key, *, progress=silent, checkpoint=None) -> Result:
        """Use each part through the verb that takes it."""
        keys = jax.random.split(key, 4)
        log_z, energy = enumerated(3, D, T)
        system = BlumeCapel((3, 3), D=D, temperature=T)
        chains = sample(keys[0], system, method=Barker(), samples=self.samples, chains=64)
        E, chain = (chains.arrays[name].to_numpy() for name in ("energy", "chain"))
        density = IndependentSpins(jnp.asarray([0.4, 0.2, 0.4]), (3, 3))
        weighed = sample(keys[1], system, method=density, correct="weights", samples=self.samples)
        found = weighed.estimates["log_partition_function"]
        flow = Flow(StandardNormal((2, 2)), Stretch(key=keys[2], shape=(2, 2)))
        drawn = sample(keys[2], free_field((2, 2), m2=1.0), method=flow, correct="weights", samples=self.samples)
        ring = transverse_field_ising(hypercubic((6,)), h=1.0)
        free = log_partition_function((2, 2), 1.0)
        psi = approximate(keys[3], ring, ansatz=Neighbors(key=keys[3], reach=3), preset="smoke", steps=100)
        return Result(
            self.name,
            estimates={"log_partition_function": found, "energy": Estimate(float(np.mean(E)) / 9)},
            checks=[
                energy_is(energy, E / 9, chain),
                same("ln Z as enumerated", found, log_z),
                same("ln Z of the free field", drawn.estimates["log_partition_function"], free),
                *psi.checks,
            ],
            models={"density": density, "flow": flow, "closure": Closure(jnp.tanh), **psi.models},
            settings={"samples": self.samples},
        )
