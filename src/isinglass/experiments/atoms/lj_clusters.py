# SPDX-License-Identifier: Apache-2.0
"""The deepest minima of Lennard-Jones clusters by basin hopping, on the true surface and on a learned one."""

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from isinglass import data
from isinglass.approximation.harmonic.basin_hopping import BasinHopping, Cluster, quenched
from isinglass.errors import InputError
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.systems.particle.potential.pair_lennard_jones import PairLennardJones
from isinglass.systems.particle.structure import AtomsInPotential
from isinglass.verbs import approximate

__all__ = ["LJClusters"]

DEEPEST = {7: -16.505384, 13: -44.326801, 19: -72.659782, 38: -173.928427}  # ε
SOURCE = "Cambridge Cluster Database; Wales and Doye 1997, doi:10.1021/jp970984n"
SECOND = -41.472  # ε, of 13 atoms: what is deeper belongs to the icosahedron
ROUNDED = 1e-6  # ε
STAGES = (10, 20, 40, 80)  # evaluations on the way from random positions to a minimum


@dataclass(frozen=True)
class LJClusters(AbstractExperiment):
    """Random clusters hop to the minima of the Cambridge Cluster Database.  Unit: ε = 1 eV, σ = 1 Å.

    A potential is learned from clusters on their way down from random positions, none of them as deep as the second
    minimum; walkers hop on it, and what they find is brought to rest on the true surface.
    """

    name: ClassVar[str] = "lj-clusters"
    task: ClassVar[str] = "approximate"
    summary: ClassVar[str] = "deepest minima of Lennard-Jones clusters on true and learned surfaces"
    rows: ClassVar[tuple[int, ...]] = (3, 37)
    paper: ClassVar[str] = "Wales and Doye 1997, doi:10.1021/jp970984n"
    claim: ClassVar[str] = "the minima of the Cambridge Cluster Database to 1e-6, by the learned surface too"
    guide: ClassVar[str] = "docs/potentials.md"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"sizes": (13,), "frames": 160, "epochs": 40, "hops": 20},
        "laptop": {},
        "paper": {"sizes": (13, 19, 38), "large_hops": 10_000, "frames": 5000, "epochs": 400, "model": "mace"},
    }

    sizes: tuple[int, ...] = (13, 38)
    """Numbers of atoms on the true surface, among 7, 13, 19 and 38; on the learned one it is 13."""
    model: Literal["mace", "nequip", "moments"] = "moments"
    """The network."""
    frames: int = 600
    """Labelled clusters of 13 atoms."""
    epochs: int = 100
    """Passes over them."""
    learning_rate: float = 0.02
    """Initial learning rate."""
    hops: int = 100
    """Hops of each of 8 walkers, up to 19 atoms."""
    large_hops: int = 1000
    """Hops of each of 16 walkers, more atoms."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Hop on the true surface, learn, hop on what was learned."""
        if wrong := [n for n in self.sizes if n not in DEEPEST]:
            raise InputError(f"sizes among {', '.join(map(str, DEEPEST))}", str(wrong[0]), "choose some of them")
        keys = jax.random.split(key, 4)
        how = lambda part: {"progress": progress, "checkpoint": checkpoint and checkpoint / part}  # noqa: E731
        true = {
            n: self.hopped(jax.random.fold_in(keys[0], n), lennard_jones(), n, how(f"true_{n}")) for n in self.sizes
        }
        frames = descending(keys[1], self.frames)
        labelled = data.atoms.calculated(frames, data.atoms.InteratomicCalculator(lennard_jones()))
        result = approximate(keys[2], labelled, model=self.model, cutoff=3.5, epochs=self.epochs, batch=4,
                             learning_rate=self.learning_rate, energy_weight=100.0, **how("potential"))  # fmt: skip
        try:
            learned = self.hopped(keys[3], result.models["potential"], 13, how("learned"))
        except InputError as error:
            law = "the learned surface has a minimum whose atoms are apart"
            result.checks.append(Check(law, None, None, None, "fail", source=error.found))
            learned = None
        self.judge(result, true, learned)
        result.name, result.settings = self.name, asdict(self)
        return result

    def hopped(self, key: Any, potential: Any, n: int, how: dict[str, Any]) -> Result:
        """The deepest minimum from a random start."""
        large, known = n > 19, isinstance(potential, PairLennardJones)
        start = data.atoms.atomic_structure(random_cluster(np.asarray(random_positions(key, n))))
        return approximate(jax.random.fold_in(key, 1), AtomsInPotential(potential, start), cell="none",
                           hops=self.large_hops if large else self.hops, walkers=16 if large else 8,
                           hop_temperature=0.8, properties="phonons" if known else "none", reach=1.0,
                           **how)  # fmt: skip

    def judge(self, result: Result, true: dict[int, Result], learned: Result | None) -> None:
        """Energies beside the database's; the learned one's own is beside that of the true surface there."""
        for n, run in true.items():
            self.deepest(result, f"{n}", n, run, f"deepest minimum of {n} atoms, ε")
            result.estimates[f"hops/{n}"] = run.estimates["hops_to_deepest"]
            result.checks += [replace(check, law=f"{n} atoms: {check.law}", of="") for check in run.checks]
            result.arrays[f"deepest_energy_{n}"] = run.arrays["deepest_energy"].rename(
                hop=f"hop_{n}", walker=f"walker_{n}"
            )
            result.figures.append(f"basin_hopping/{n}")
        if learned is None:
            return
        atoms = data.atoms.atomic_structure(random_cluster(np.zeros((13, 3))))
        found = atoms._replace(positions=learned.arrays["positions"].to_numpy())
        rest = approximate(0, AtomsInPotential(lennard_jones(), found), cell="none", properties="none")
        result.estimates["hops/learned"] = learned.estimates["hops_to_deepest"]
        result.estimates["energy/learned"] = energy_of(learned, 13)
        law = "minimum of 13 atoms on the learned surface, brought to rest on the true one, ε"
        self.deepest(result, "learned_at_rest", 13, rest, law)
        off = energy_of(learned, 13).value - energy_of(rest, 13).value
        law = "energy of the learned surface there, beside the true one, ε (half of the gap to the next minimum)"
        result.checks.append(Check.within(law, off, 0.0, (SECOND - DEEPEST[13]) / 2, source="the true surface"))

    def deepest(self, result: Result, name: str, n: int, run: Result, law: str) -> None:
        """E of a run beside the database's."""
        result.estimates[f"energy/{name}"] = energy_of(run, n)
        result.checks.append(Check.within(law, energy_of(run, n).value, DEEPEST[n], ROUNDED, source=SOURCE,
                                          of=f"energy/{name}"))  # fmt: skip


def lennard_jones() -> PairLennardJones:
    """ε = 1 eV, σ = 1 Å; as good as uncut: beyond 15 σ, where it begins to fade, no cluster reaches."""
    return PairLennardJones(epsilon=1.0, sigma=1.0, onset=15.0, cutoff=20.0)


def energy_of(run: Result, n: int) -> Estimate:
    """E of all atoms."""
    return Estimate(n * run.estimates["energy_per_atom"].value, None, "ε")


def random_positions(key: Any, n: int) -> Any:
    """Uniform in a ball of a density a little below the solid's."""
    return jax.random.ball(key, 3, shape=(n,), dtype=float) * (1.2 * n / (4 * jnp.pi / 3)) ** (1 / 3)


def random_cluster(x: np.ndarray) -> Any:
    """Argon in the open."""
    from ase import Atoms

    return Atoms(numbers=[18] * len(x), positions=x)


def descending(key: Any, n: int) -> list[Any]:
    """13 atoms on their way from random positions to a minimum, distorted a little; none deeper than the second."""
    kept: list[Any] = []
    cluster = Cluster(lennard_jones(), jnp.zeros(13, int))
    for k in range(20):
        for stage in STAGES:
            key_x, key_u = jax.random.split(jax.random.fold_in(key, 100 * k + stage))
            x = jax.vmap(lambda key: random_positions(key, 13))(jax.random.split(key_x, max(16, n // 3)))
            x = down(cluster, BasinHopping(evaluations=stage), x)
            x = x + 0.1 * jax.random.uniform(key_u, (len(x), 1, 1), x.dtype) * jax.random.normal(
                key_u, x.shape, x.dtype
            )
            energy, apart = jax.vmap(cluster.energy)(x), jax.vmap(cluster.nearest)(x)
            fine = np.asarray((energy < 20.0) & (energy > SECOND) & (apart > 0.85))
            kept += [random_cluster(one) for one in np.asarray(x)[fine][: n // 4 + 1]]
        if len(kept) >= n:
            return kept[:n]
    raise InputError(f"{n} clusters above the second minimum", f"{len(kept)}", "ask for fewer frames")


@eqx.filter_jit
def down(cluster: Cluster, method: BasinHopping, x: Any) -> Any:
    """All clusters, `evaluations` nearer to their minima."""
    return jax.vmap(lambda x: quenched(cluster, method, x)[0])(x)
