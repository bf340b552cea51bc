# SPDX-License-Identifier: Apache-2.0
"""Approximate the equation of motion behind trajectories: by a Hamiltonian, a Lagrangian, or a plain network."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from isinglass import approximation, checks, training
from isinglass.errors import InputError
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.tasks.mechanics.trajectory_file import MotionFile
from isinglass.tasks.sample_by_model import rows_of
from isinglass.tasks.task import FUNCTION, AbstractTask, Verb, setting

if TYPE_CHECKING:
    from collections.abc import Callable

    from isinglass.systems.mechanics.trajectories import Trajectories

    Energy = Callable[[Any], Any] | None
else:
    Energy = Any

__all__ = ["ApproximateMotion"]

BLOCK = 250
PIECES = 16  # of motions that are fewer than these
STRETCH = 8  # times of a piece, at least
PERIODS, LEFT = 100, 1e3
PER_PERIOD = 40  # times of a long motion that are kept
SUBSTEPS = 3  # symplectic steps between two of them


class MotionSides(NamedTuple):
    """Motions that are trained on, that choose the best block, and that are held out."""

    trained: "Trajectories"
    validated: "Trajectories"
    held: "Trajectories"


@dataclass(frozen=True)
class ApproximateMotion(AbstractTask):
    """A network that is an equation of motion, dy/dt = f(y), y = (q, p), from trajectories of any source.

        result = approximate(0, Trajectories(t, y))           y [n, times, 2d]; or with rate = dy/dt
        f = result.models["motion"]                            f(y), and f.energy(y)

    Where derivatives are known they are fitted, else steps from each time to the next.
    Law: motions from held-out states follow the data; the learned energy is constant along them.
    """

    verb: ClassVar[Verb] = "approximate"
    problem: ClassVar[tuple[str, ...]] = ("isinglass.systems.mechanics.trajectories:Trajectories",)
    guide: ClassVar[str] = "docs/priors.md"
    what: ClassVar[str] = "trajectories (q, p) of a motion"
    command: ClassVar[str] = "motion"
    source: ClassVar[type] = MotionFile

    method: str = setting("auto", choices=lambda: ["auto", "hamiltonian", "lagrangian", "plain"])
    """hamiltonian conserves energy; lagrangian too, from velocities; plain does not; auto: by what is given."""
    steps: int = 6000
    """Steps of training, at most."""
    learning_rate: float = 3e-3
    """Initial learning rate; it falls to zero as a cosine."""
    batch: int = 256
    """Rows per step."""
    layers: int = 2
    """Hidden layers of the network."""
    width: int = 64
    """Units of a hidden layer."""
    substeps: int = 2
    """Runge-Kutta steps between two times, where derivatives are not known."""
    held_out: float = 0.25
    """Share of the motions that is not trained on."""
    duration: float | None = None
    """How long the learned motion is followed for its energy, in units of t; by default 200 π by the mean rate."""
    accuracy: float = 0.05
    """Largest error of held-out motions over such a period, in widths of the data."""
    truth: Energy = setting(None, also=(FUNCTION,))
    """The true energy as a function of y, where it is known: followed along the learned motions."""

    def run(
        self, key: Any, problem: "Trajectories", *, progress: ProgressCallable = silent,
        checkpoint: Path | None = None,
    ) -> Result:  # fmt: skip
        """Split, train, follow held-out motions for a period, and the learned ones for many."""
        import jax

        begun = time.perf_counter()
        if not self.held_out < 0.9:
            raise InputError("held_out between 0 and 0.9", f"{self.held_out:g}", "try held_out=0.25")
        word = self.word(problem)
        key_split, key_fit = jax.random.split(key)
        sides, notes = split(key_split, problem, self.held_out)
        fitted = self.fitted(key_fit, sides, word, checkpoint, progress)
        progress(0, 1, "following the learned motion")
        found = FollowedMotion(fitted.model, sides.held, self.duration)
        status = str(fitted.trained.status)
        held, arrays = self.judged(found, status), found.arrays(self.truth)
        return Result(
            "motion",
            estimates=found.estimates(self.truth),
            checks=held,
            arrays=arrays,
            models={"motion": fitted.model},
            settings=vars(self) | {"method": word, "truth": None if self.truth is None else "given",
                                   "motions": len(problem.y), "times": len(problem.t)},
            seconds=time.perf_counter() - begun,
            status=status if status.startswith("diverged") else "done",
            figures=["phase_portrait", *(["energy_along"] if "energy" in arrays else []), "training_history"],
            metrics=rows_of(fitted.trained.history),
            notes=notes,
        )  # fmt: skip

    def word(self, data: "Trajectories") -> str:
        """The method; errors: InputError for velocities and a Hamiltonian, or momenta and a Lagrangian."""
        fitting = "lagrangian" if data.velocities else "hamiltonian"
        if self.method in ("auto", "plain", fitting):
            return fitting if self.method == "auto" else self.method
        have = "velocities" if data.velocities else "momenta"
        fix = f"use method='{fitting}', or say what they are: velocities={not data.velocities}"
        raise InputError(f"{'momenta' if data.velocities else 'velocities'} for a {self.method} network", have, fix)

    def fitted(
        self, key: Any, sides: MotionSides, word: str, checkpoint: Path | None, progress: ProgressCallable
    ) -> Any:
        """The trained network."""
        optimizer = training.Optimizer("adam", self.learning_rate, "cosine", clip=1.0)
        settings = training.Training(optimizer, steps=self.steps, batch_size=self.batch,
                                     block=min(BLOCK, self.steps), ema=0.999)  # fmt: skip
        if checkpoint is not None:
            checkpoint.mkdir(parents=True, exist_ok=True)
        tell = lambda r: progress(r.step, self.steps, f"training the {word} network: loss {float(r.loss):.3g}")  # noqa: E731
        name: Any = word
        return approximation.fit_motion(
            key, sides.trained, sides.validated, name, settings=settings, hidden=(self.width,) * self.layers,
            substeps=self.substeps, checkpoint=checkpoint and checkpoint / "motion.safetensors", progress=tell,
        )  # fmt: skip

    def judged(self, found: "FollowedMotion", status: str) -> list[Check]:
        """Held-out motions; the learned energy along them and along its own motions."""
        out = [checks.motions_suffice(len(found.errors)), checks.follows_motions(found.errors, self.accuracy)]
        if found.learned is not None:
            scale = found.model.space.energy
            out += [checks.data_conserve(found.along_data(), scale),
                    checks.energy_does_not_drift(found.learned, scale, 1e-2, "learned energy")]  # fmt: skip
        if status.startswith("diverged"):
            out.append(Check(f"training stays finite: it {status}; lower the rate", None, None, None, "fail"))
        return out


def split(key: Any, data: "Trajectories", share: float) -> tuple[MotionSides, list[str]]:
    """Whole motions on each side; few motions are cut into pieces.

    Errors: InputError where there are too few for three sides.
    """
    import jax

    notes = []
    if len(data.y) < 6:
        pieces, equal = min(PIECES, len(data.t) // STRETCH), np.ptp(np.diff(data.t)) < 1e-6 * np.diff(data.t).mean()
        if pieces * len(data.y) < 6 or not equal:
            found = f"{len(data.y)} of {len(data.t)} times" + ("" if equal else ", not equally spaced")
            raise InputError(f"6 motions, or {6 * STRETCH} equally spaced times of one", found, "give more of them")
        data = data.in_pieces(pieces)
        notes.append(f"few motions: each cut into {pieces} pieces; held-out ones have energies seen in training")
    order = np.asarray(jax.random.permutation(key, len(data.y)))
    held = max(1, round(share * len(order)))
    valid = held + max(1, round(0.15 * (len(order) - held)))
    return MotionSides(*(data.rows(np.sort(part)) for part in (order[valid:], order[held:valid], order[:held]))), notes


class FollowedMotion:
    """A learned motion beside held-out data for one period, and alone for many."""

    def __init__(self, model: Any, held: "Trajectories", duration: float | None):
        import jax.numpy as jnp

        self.model, self.held, period = model, held, 2 * np.pi * model.space.time
        self.width = np.asarray(model.space.width)
        self.t_window, self.window = windows(held, period)
        self.predicted = along(model, self.window[:, 0], self.t_window)
        off = approximation.mechanics.motion_fit.wrapped(self.predicted - self.window, held.angles)
        self.errors = checks.motion_errors(off[:, 1:], self.width)
        every, length = period / PER_PERIOD, PERIODS * period if duration is None else duration
        self.t = every * np.arange(int(np.ceil(length / every)) + 1)
        self.y = approximation.rollout(model, held.y[:, 0], every, len(self.t), SUBSTEPS)
        self.learned = None if model.energy(jnp.asarray(held.y[0, 0])) is None else self.energies(model.energy, self.y)

    def energies(self, of: Any, y: np.ndarray) -> np.ndarray:
        """A quantity along motions [n, times]."""
        return approximation.mechanics.rollout.measured_along(of, y)

    def along_data(self) -> np.ndarray:
        """The learned energy along held-out data."""
        return self.energies(self.model.energy, self.held.y)

    def estimates(self, truth: Any) -> dict[str, Estimate]:
        """Errors of held-out motions, drifts of energies."""
        n, scale = len(self.errors), self.model.space.energy
        error = float(self.errors.std(ddof=1) / n**0.5) if n > 1 else None
        out = {"motion_error": Estimate(float(self.errors.mean()), error)}
        if self.learned is not None:
            out["learned_energy_drift"] = Estimate(float(np.abs(self.learned - self.learned[:, :1]).max() / scale))
        if truth is not None:
            out["energy_drift"] = drift(self.energies(truth, self.y), scale)
        return out

    def arrays(self, truth: Any) -> Any:
        """Windows of data and of the learned motion; the long motions, with their energies."""
        import xarray as xr

        found: dict[str, Any] = {"observed": (("window", "t_window", "coordinate"), self.window),
                 "predicted": (("window", "t_window", "coordinate"), self.predicted),
                 "motion": (("start", "t", "coordinate"), self.y)}  # fmt: skip
        energy = self.learned if truth is None else self.energies(truth, self.y)
        if energy is not None:
            found["energy"] = (("start", "t"), energy)
        d = self.y.shape[2] // 2
        names = [f"q{i + 1}" for i in range(d)] + [f"{'v' if self.held.velocities else 'p'}{i + 1}" for i in range(d)]
        period = 2 * np.pi * self.model.space.time
        return xr.Dataset(found, coords={"t": self.t, "t_window": self.t_window, "coordinate": names},
                          attrs={"period": period, "energy_is": "learned" if truth is None else "true"})  # fmt: skip


def drift(E: np.ndarray, scale: float) -> Estimate:
    """√⟨(E(t) - E(0))²⟩ over times and motions, with its error over motions.

    A motion that has left all bounds counts as off by 1000 units of energy.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        off = np.abs(E - E[:, :1])
        each = (np.where(off < LEFT * scale, off, LEFT * scale) ** 2).mean(axis=1)
        mean = float(np.sqrt(each.mean()))
        error = float(each.std(ddof=1) / len(each) ** 0.5 / (2 * mean)) if len(each) > 1 and mean > 0 else None
    return Estimate(mean, error)


def windows(held: "Trajectories", period: float) -> tuple[np.ndarray, np.ndarray]:
    """Stretches [n, times, 2d] of about a period; where times are not equally spaced, the first of each motion."""
    h = np.diff(held.t)
    length = min(len(held.t), max(3, int(np.searchsorted(held.t - held.t[0], period)) + 1))
    many = len(held.t) // length if np.ptp(h) < 1e-6 * h.mean() else 1
    cut = held.y[:, : many * length].reshape(-1, length, held.y.shape[2])
    return held.t[:length] - held.t[0], cut


def along(model: Any, starts: np.ndarray, t: np.ndarray) -> np.ndarray:
    """The learned motion at these times."""
    h, follow = np.diff(t), approximation.rollout
    if np.ptp(h) < 1e-6 * h.mean():
        substeps = max(1, int(np.ceil(h[0] / (2 * np.pi * model.space.time / PER_PERIOD / SUBSTEPS))))
        return follow(model, starts, float(h.mean()), len(t), substeps)
    parts = [np.asarray(starts)]
    for one in h:
        substeps = max(1, int(np.ceil(one / (2 * np.pi * model.space.time / PER_PERIOD / SUBSTEPS))))
        parts.append(follow(model, parts[-1], float(one), 2, substeps)[:, 1])
    return np.stack(parts, axis=1)
