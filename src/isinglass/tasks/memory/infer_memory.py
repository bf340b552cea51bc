# SPDX-License-Identifier: Apache-2.0
"""Infer which stored pattern a cue is of: the memory descends from it to a minimum of its energy."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from isinglass import checks
from isinglass.errors import InputError
from isinglass.result import Check, Estimate, Result
from isinglass.run.precision import require_double
from isinglass.run.progress import ProgressCallable, silent
from isinglass.tasks.memory.memory_file import MemoryFile
from isinglass.tasks.task import AbstractTask, Verb, setting

if TYPE_CHECKING:
    import xarray as xr

    from isinglass.inference.memory.recall import Recalled
    from isinglass.systems.lattice.associative_memory import AbstractAssociativeMemory

__all__ = ["InferMemory"]

IMAGE = 2  # axes


@dataclass(frozen=True)
class InferMemory(AbstractTask):
    """The stored pattern that a cue is of, by asynchronous dynamics at zero temperature.

        infer(0, HopfieldNetwork(patterns), observation=cue)

    Each run visits the neurons in another random order.  Verdict: `unknown` for mixtures and other spurious states, for
    a cue that is as near to another pattern, and above the capacity.
    Ref: Hopfield 1982, doi:10.1073/pnas.79.8.2554.
    Law: the energy never increases, and no single flip lowers it at the end.
    """

    verb: ClassVar[Verb] = "infer"
    problem: ClassVar[tuple[str, ...]] = ("isinglass.systems.lattice.associative_memory:AbstractAssociativeMemory",)
    guide: ClassVar[str] = "docs/hopfield.md"
    what: ClassVar[str] = "an associative memory (isinglass.systems.HopfieldNetwork, DenseMemory)"
    command: ClassVar[str] = "memory"
    source: ClassVar[type] = MemoryFile

    observation: Any = setting(None)
    """The cue: numbers ±1 of the shape of a pattern."""
    runs: int = 16
    """Random orders of the visits."""

    def run(
        self, key: Any, problem: "AbstractAssociativeMemory", *, progress: ProgressCallable = silent,
        checkpoint: Path | None = None,
    ) -> Result:  # fmt: skip
        """Descend from the cue in each order.  It takes seconds: `checkpoint` is not used."""
        begun = time.perf_counter()
        require_double("energies of memories")
        cue = self.cue(problem)
        found = descents(key, problem, cue, self.runs)
        patterns = np.asarray(problem.patterns).reshape(len(problem.patterns), -1)
        states = np.asarray(found.s).reshape(self.runs, -1)
        m = states @ patterns.T.astype(float) / patterns.shape[1]
        nearest = np.abs(m).argmax(axis=1)
        signed = nearest + len(patterns) * (m[np.arange(self.runs), nearest] < 0)
        same = signed == np.bincount(signed).argmax()
        energy = energies(problem, np.concatenate([cue[None], np.asarray(found.s)]))
        best = int(np.where(same, energy[1:], np.inf).argmin())
        k = int(nearest[best])
        before = patterns @ cue.reshape(-1).astype(float) / patterns.shape[1]
        second = np.delete(np.abs(m[best]), k)
        return Result(
            "memory",
            estimates={name: Estimate(float(value)) for name, value in {
                "pattern": k, "overlap": m[best, k], "overlap/cue": before[k],
                "overlap/second": second.max() if len(second) else 0.0, "energy": energy[1 + best],
                "energy/cue": energy[0], "load": len(patterns) / patterns.shape[1], "flips": found.flips[best],
                "share_of_runs": same.mean()}.items()},
            checks=evidence(problem, states[best], m[best], before, float(energy[1 + best] - energy[0]),
                            float(same.mean()), self.runs),
            arrays=arrays(cue, found, best, m[best], before, np.asarray(problem.patterns[k]), energy[1:]),
            settings={"runs": self.runs, "stored": len(patterns), "neurons": list(problem.shape)},
            figures=["retrieval"], seconds=time.perf_counter() - begun,
        )  # fmt: skip

    def cue(self, problem: "AbstractAssociativeMemory") -> np.ndarray:
        """Errors: InputError where it is missing, not ±1, or of another shape than the patterns."""
        from isinglass.systems.lattice.associative_memory import checked_spins

        if self.observation is None:
            raise InputError("a cue as observation", "none", "give an array ±1 of the shape of a pattern")
        cue = np.asarray(checked_spins("observation", self.observation, "neuron"))
        if cue.shape != problem.shape:
            fix = "give one number ±1 for each neuron, in the shape of a pattern"
            raise InputError(f"an observation of shape {list(problem.shape)}", f"{list(cue.shape)}", fix)
        return cue


def descents(key: Any, memory: "AbstractAssociativeMemory", cue: np.ndarray, runs: int) -> "Recalled":
    """From the cue in several orders, side by side."""
    import equinox as eqx
    import jax
    import jax.numpy as jnp

    from isinglass.inference.memory.recall import recall

    @eqx.filter_jit
    def all_runs(keys, memory, cue):
        return jax.vmap(lambda key: recall(key, memory, cue))(keys)

    return all_runs(jax.random.split(key, runs), memory, jnp.asarray(cue))


def energies(memory: "AbstractAssociativeMemory", states: np.ndarray) -> np.ndarray:
    """E of each, by its formula."""
    import equinox as eqx
    import jax
    import jax.numpy as jnp

    return np.asarray(eqx.filter_jit(lambda memory, s: jax.lax.map(memory.energy, s))(memory, jnp.asarray(states)))


def evidence(
    memory: "AbstractAssociativeMemory", s: np.ndarray, m: np.ndarray, cue: np.ndarray, change: float, share: float,
    runs: int,
) -> list[Check]:  # fmt: skip
    """Descent, rest, one pattern and no other, the one that the cue tells, within the capacity."""
    import jax.numpy as jnp

    of = checks.retrieval
    patterns = np.asarray(memory.patterns).reshape(len(m), -1)
    at = jnp.asarray(s)
    rises = np.asarray(memory.energy_changes(at.reshape(memory.shape), -at, jnp.arange(s.size)))
    made = [of.downhill(change), of.at_rest(rises), of.one_pattern(m), of.upright(m), of.separated(m, patterns),
            of.not_mixed(s, m, patterns), *of.meant(cue, int(np.abs(m).argmax()), s.size),
            of.held(len(m), memory.most_patterns), of.orders_agree(share, runs)]  # fmt: skip
    return [check for check in made if check is not None]


def arrays(
    cue: np.ndarray, found: "Recalled", best: int, m: np.ndarray, before: np.ndarray, pattern: np.ndarray, energy: Any
) -> "xr.Dataset":  # fmt: skip
    """The cue, the retrieved state, the pattern nearest to it, and the overlaps with all."""
    import xarray as xr

    site = tuple(f"axis_{i}" for i in range(cue.ndim))
    return xr.Dataset(
        {
            "cue": (site, cue), "retrieved": (site, np.asarray(found.s[best])), "nearest_pattern": (site, pattern),
            "overlap": ("pattern", m), "cue_overlap": ("pattern", before), "run_energy": ("run", energy),
            "run_flips": ("run", np.asarray(found.flips)),
        }
    )  # fmt: skip
