# SPDX-License-Identifier: Apache-2.0
"""Approximate the energy of atoms as a function of their positions, from frames with energies and forces."""

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from isinglass import approximation, data, nets, systems, training
from isinglass.errors import InputError
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.tasks.atoms.atoms_files import AtomsFiles
from isinglass.tasks.atoms.fitted_committee import FittedCommittee
from isinglass.tasks.atoms.fitted_potential import FittedPotential
from isinglass.tasks.atoms.learning_curve import learning_curve
from isinglass.tasks.atoms.nuclear_repulsion import Repulsion
from isinglass.tasks.sample_by_model import rows_of
from isinglass.tasks.task import AbstractTask, Verb, setting

if TYPE_CHECKING:
    from collections.abc import Callable

    from isinglass.data.atoms.labelled_atoms import LabelledAtoms
    from isinglass.data.atoms.reference_energy import ReferenceEnergies

__all__ = ["ApproximatePotential"]


@dataclass(frozen=True)
class ApproximatePotential(AbstractTask):
    """E(x) = Σ_i E_i of the neighborhoods, F = -dE/dx, trained on labelled frames and tested on others.

        approximate(0, read_atoms("train.extxyz"), model="mace", cutoff=5.0)

    Law: E is unchanged by rotations, reflections, translations and exchange of like atoms; forces are its derivative.
    Unit: eV, Å.  Ref: Batatia et al. 2022, arXiv:2206.07697; Batzner et al. 2022, arXiv:2101.03164.
    """

    verb: ClassVar[Verb] = "approximate"
    problem: ClassVar[tuple[str, ...]] = ("isinglass.data.atoms.labelled_atoms:LabelledAtoms",)
    guide: ClassVar[str] = "docs/potentials.md"
    what: ClassVar[str] = "frames of atoms with energies and forces (isinglass.data.atoms.read_atoms)"
    command: ClassVar[str] = "potential"
    source: ClassVar[type] = AtomsFiles
    least: ClassVar[dict[str, float]] = {
        "energy_weight": 0.0,
        "stress_weight": 0.0,
        "weight_growth": 1.0,
        "halvings": 0,
    }

    model: Literal["mace", "nequip", "moments", "schnet", "behler-parrinello"] = "mace"
    """mace: products of messages; nequip: gated messages; moments: light, no messages; two baselines."""
    cutoff: float = 5.0
    """Å."""
    channels: int | None = None
    """Width of the network; by default 64, of moments 24, of behler-parrinello 32."""
    waves: int | None = None
    """Radial waves of mace, nequip and moments, by default 8; more where atoms are much nearer than the cutoff."""
    epochs: int = 100
    """Passes over the frames, at most."""
    members: int = 1
    """Networks from different random starts, trained at once: their mean is the potential, their spread its error."""
    repulsion: bool = False
    """Whether atoms that are nearer than any in the frames repel each other as their nuclei do (ZBL)."""
    batch: int = 5
    """Frames per step, about."""
    optimizer: Literal["muon", "adam"] = "muon"
    """muon: matrices of weights step at one pace in all directions; adam: each weight at its own."""
    learning_rate: float | None = None
    """Initial learning rate, by default 2/√steps or 0.2, with adam 0.01; it falls to zero as a cosine."""
    energy_weight: float = 10.0
    """Of the square of the energy's error for each atom, eV²."""
    forces_weight: float = 100.0
    """Of the mean square of the error of the force's components, eV²/Å²."""
    stress_weight: float = 1.0
    """Of the square of the virial's error for each atom, eV²."""
    weight_growth: float = 1.0
    """Factor by which the weights of energies and stresses rise while it trains: forces first, then energies."""
    halvings: int = 0
    """Trainings with a half, a quarter ... of the frames, which tell what labelling more of them would bring."""
    valid: Any = setting(None)
    """Frames that choose the best step; by default a tenth of those given."""
    test: Any = setting(None)
    """Frames for the errors that are reported; by default a tenth of those given."""
    isolated: Any = setting(None)
    """Isolated atoms, with their energies; by default those among the frames, else least squares."""
    wanted: float | None = None
    """Root mean square error of forces in eV/Å that is good enough; by default a tenth of the forces themselves."""

    def run(
        self, key: Any, problem: "LabelledAtoms", *, progress: ProgressCallable = silent, checkpoint: Path | None = None
    ) -> Result:
        """Split, train, and measure on frames that were held out."""
        import jax

        begun = time.perf_counter()
        if self.waves is not None and self.model in ("schnet", "behler-parrinello"):
            raise InputError("waves of mace, nequip or moments", f"waves of {self.model}", "leave them out")
        key_split, key_net, key_fit, key_test = jax.random.split(key, 4)
        sides = self.sides(key_split, problem)
        references = data.atoms.reference_energies(sides[0], self.isolated)
        progress(0, 1, "finding neighbors")
        numbers = tuple(int(z) for z in references.numbers)
        rows = self.in_rows(sides, references, numbers)
        repulsion = Repulsion.of(numbers, self.cutoff, rows[0]) if self.repulsion else None
        left = rows if repulsion is None else [repulsion.taken_off(part) for part in rows]
        untrained = lambda key: self.untrained(key, references, left[0])  # noqa: E731

        def trained(train: Any, folder: Path | None, tell: ProgressCallable) -> tuple[Any, Any]:
            fitted = self.fitted(key_fit, key_net, untrained, [train, *left[1:]], folder, tell)
            learned = fitted.model if repulsion is None else repulsion.added(fitted.model)
            return fitted, learned if self.members == 1 else self.committee(learned, rows[1])

        fitted, model = trained(left[0], checkpoint, progress)
        progress(0, 1, "measuring on held-out frames")
        near = [data.atoms.nearness(sides[2], part) for part in sides[:2]]  # those to validate choose the epoch, too
        nearness = min(near, key=lambda d: float(np.median(d)) if len(d) else np.inf)
        found = FittedPotential(model, sides[2], rows[2], references, self.wanted, nearness)

        def measured(few: Any, n: int) -> Estimate:
            tell = lambda done, of, text: progress(done, of, f"{n} frames, for comparison: {text}")  # noqa: E731
            part = trained(few, checkpoint and checkpoint / f"frames_{n}", tell)[1]
            return replace(found, model=part).main_error()

        curve = learning_curve(self.halvings, left[0], found.main_error(), measured)
        doubt = [] if self.members == 1 else [FittedCommittee(model, rows[2])]
        status = str(fitted.status) if self.members == 1 else "; ".join(dict.fromkeys(fitted.status))
        stopped = [Check("training stays finite", None, None, None, "fail")] if "diverged" in status else []
        arrays = found.arrays().assign_attrs(curve.arrays().attrs)
        for one in (*doubt, curve):
            arrays = arrays.merge(one.arrays())
        drawn = ["committee"] if "force_uncertainty" in arrays.coords else []
        return Result(
            "potential",
            estimates=found.estimates() | {name: e for one in (*doubt, curve) for name, e in one.estimates().items()},
            checks=[*stopped, *found.checks(key_test), *(check for one in doubt for check in one.checks())],
            arrays=arrays,
            models={"potential": model},
            settings={k: v for k, v in vars(self).items() if k not in ("valid", "test", "isolated")}
            | {"frames": [len(part) for part in sides], "references": references.origin},
            seconds=time.perf_counter() - begun,
            status=status if stopped else "done",
            figures=["parity", *curve.figures(), "training_history", *drawn],
            metrics=rows_of(fitted.history),
            notes=[*problem.notes, *references.notes, *curve.notes(self.halvings)],
        )

    def in_rows(self, sides: list["LabelledAtoms"], references: Any, numbers: tuple[int, ...]) -> list[Any]:
        """Frames to train on, to validate, to test on, packed.  Errors: InputError where no atom has a neighbor."""
        of, apart = approximation.regression.rows_of_frames, self.model != "moments"  # whose time is not that of pairs
        rows = [of(part, references.of(part), numbers, self.cutoff, apart=apart) for part in sides]
        if not rows[0].pairs:
            expected = f"atoms nearer to each other than the cutoff, {self.cutoff:g} Å"
            raise InputError(expected, "none in the frames to train on", "give a larger cutoff")
        return rows

    def sides(self, key: Any, atoms: "LabelledAtoms") -> list["LabelledAtoms"]:
        """Frames to train on, to validate, to test on; those that are not given are a tenth each, at random.

        Errors: InputError for fewer than three frames, and for elements that are not among those trained on.
        """
        import jax

        given, share = [self.valid, self.test], max(1, len(atoms) // 10)
        needed = sum(part is None for part in given)
        if len(atoms) < 1 + needed * share or (needed and len(atoms) < 3):
            raise InputError("three frames or more", f"{len(atoms)}", "give more, or frames for valid and test")
        order = np.asarray(jax.random.permutation(key, len(atoms)))
        for i, part in enumerate(given):
            if part is None:
                given[i], order = atoms.kept(np.sort(order[:share])), order[share:]
        train = atoms.kept(np.sort(order))
        for part in given:
            if len(new := np.setdiff1d(part.elements, train.elements)):
                found = f"{data.atoms.reference_energy.symbols(new)} in {part.source or 'others'}"
                raise InputError("elements that are trained on", found, "give frames with all of them to train on")
        return [train, *given]

    def untrained(self, key: Any, references: "ReferenceEnergies", rows: Any) -> Any:
        """A network whose energies are as wide as the forces times 1 Å, and with the references."""
        made = {"mace": nets.equivariant.Mace, "nequip": nets.equivariant.Nequip, "schnet": nets.equivariant.SchNet,
                "moments": nets.equivariant.MomentPotential,
                "behler-parrinello": nets.equivariant.BehlerParrinello}[self.model]  # fmt: skip
        width = {name: n for name in ("channels", "waves") if (n := getattr(self, name)) is not None}
        average = rows.pairs / float(np.sum(np.asarray(rows.size)))
        numbers = tuple(int(z) for z in references.numbers)
        net = made(key=key, numbers=numbers, cutoff=self.cutoff, average=max(average, 1.0), **width)
        if isinstance(net, nets.equivariant.BehlerParrinello):
            net = net.of_data(approximation.regression.symmetry_functions(net, rows))
        elif isinstance(net, nets.equivariant.Mace | nets.equivariant.Nequip):
            net = nets.equivariant.of_unit_width(net, *some(rows))
        size, seen = np.asarray(rows.size), np.asarray(rows.with_forces) > 0
        scale = float(np.sqrt(np.mean(np.asarray(rows.forces, float)[seen] ** 2)))
        per_atom = np.asarray(rows.energy, float)[size > 1] / size[size > 1]
        binding = float(np.mean(per_atom)) if len(per_atom) else 0.0
        nearest, least = surroundings(rows, self.cutoff)
        return nets.equivariant.ScaledPotential(net, scale if scale > 0 else 1.0, references.energy, binding, nearest,
                                                coordination=least)  # fmt: skip

    def fitted(
        self, key: Any, key_net: Any, untrained: "Callable[[Any], Any]", rows: list[Any], checkpoint: Path | None,
        progress: ProgressCallable,
    ) -> Any:  # fmt: skip
        """The potential, or the members of a committee, trained on the first rows; the best epochs by the second."""
        import jax

        frames = float((rows[0].size > 0).sum()) / len(rows[0].size)
        size = max(1, round(self.batch / frames))
        per_epoch = max(1, len(rows[0].size) // size)
        steps = self.epochs * per_epoch
        usual, momentum = (0.01, 0.9) if self.optimizer == "adam" else normalized_steps(steps)
        rate = self.learning_rate or usual
        optimizer = training.Optimizer(self.optimizer, rate, "cosine", clip=10.0, momentum=momentum)
        settings = training.Training(optimizer, steps=steps, batch_size=size, block=per_epoch,
                                     ema=0.99, validation_batch=size)  # fmt: skip
        if checkpoint is not None:
            checkpoint.mkdir(parents=True, exist_ok=True)
        growth = self.weight_growth
        loss = approximation.regression.ForceMatching(self.energy_weight * growth, self.forces_weight,
                                                      self.stress_weight * growth, growth)  # fmt: skip
        tell = lambda r: progress(r.step // per_epoch, self.epochs, told(r.metrics))  # noqa: E731
        how = {"settings": settings, "validation": rows[1], "progress": tell,
               "checkpoint": checkpoint and checkpoint / "potential.safetensors"}  # fmt: skip
        if self.members == 1:
            return training.fit.fit(key, untrained(key_net), loss, rows[0], **how)
        return training.ensemble.fit_ensemble(jax.random.split(key, self.members), untrained, loss, rows[0], **how)

    def committee(self, members: Any, rows: Any) -> Any:
        """The mean of the members, with the factors that held-out rows give."""
        together = nets.equivariant.CommitteePotential(members, shared=self.model == "moments")
        return approximation.regression.calibrated(together, rows)


def normalized_steps(steps: int) -> tuple[float, float]:
    """Learning rate and momentum of Muon, whose steps have one length: η = 2/√steps ≤ 0.2, a mean over 50 at most.

    So the weights travel as √steps, the best for steps of one length; the mean is over a twentieth of the run at most.
    """
    return 2 / np.sqrt(max(steps, 100)), 1 - min(1.0, max(0.02, 20 / steps))


def surroundings(rows: Any, cutoff: float) -> tuple[float, float]:
    """The shortest distance in the rows, Å, and the least Σ_j (1 - r²/R²)² of an atom, padding not counted."""
    nearest, close = np.inf, []
    for near in rows.near:
        real, distances = np.asarray(near.real), np.linalg.norm(np.asarray(near.r), axis=-1)
        nearest = float(distances[real].min(initial=nearest))
        close.append(np.where(real, systems.particle.neighbor_search.closeness(distances, cutoff), 0.0).sum(axis=-1))
    least = np.concatenate(close, axis=1)[np.asarray(rows.frame) < rows.size.shape[1]].min()
    return nearest, float(least)


def some(rows: Any) -> Any:
    """The atoms of the first rows with their neighbors: about a thousand, of the part that has most."""
    import jax

    most = int(np.argmax([near.index.shape[1] for near in rows.near]))
    few = jax.tree.map(lambda a: a[: max(1, 1000 // rows.near[most].index.shape[1])], rows)
    return few.seen[most]


def told(metrics: dict[str, Any]) -> str:
    """The errors of the frames that validate, in words."""
    rms = lambda name, unit: f"{1000 * float(np.mean(metrics[name])) ** 0.5:.3g} m{unit}"  # noqa: E731
    return f"validation: energy {rms('energy', 'eV/atom')}, forces {rms('forces', 'eV/Å')}"
