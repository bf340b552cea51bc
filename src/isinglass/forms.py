# SPDX-License-Identifier: Apache-2.0
"""What each command of the command line may be told: one dataclass a command, one field an option."""

import dataclasses
import inspect
import shlex
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import tyro

from isinglass.errors import InputError
from isinglass.experiments.catalogue import CATALOGUE, find
from isinglass.experiments.experiment import Preset

if TYPE_CHECKING:
    from isinglass.result import Result
    from isinglass.run.job import Job
    from isinglass.run.progress import ProgressCallable

__all__ = [
    "CompareForm",
    "DoctorForm",
    "GroundStateForm",
    "ListForm",
    "PhasesForm",
    "SampleForm",
    "ShowForm",
    "VerifyForm",
    "parse_temperature",
    "run_form",
]

Flag = tyro.conf.FlagCreatePairsOff
Ansatz = Literal["rbm", "mean-field", "jastrow", "symmetric-rbm", "modulus-phase", "group-convolution", "residual-cnn",
                 "vision-transformer", "autoregressive", "autoregressive-gru", "autoregressive-transformer", "slater",
                 "slater-backflow", "matrix-product", "exact"]  # fmt: skip
SPINS = {"ising": "Ising", "potts": "Potts", "xy": "XY", "gauge": "IsingGauge", "square-ice": "SquareIce"}
SYSTEMS = SPINS | {
    "phi4": "Phi4",
    "u1": "U1Gauge",
    "double-well": "DoubleWell",
    "mueller-brown": "MuellerBrown",
    "dimer": "Dimer",
    "lj13": "LennardJones",
}
OPTIONS = ("lattice", "q", "J", "h", "m2", "lam", "kappa", "beta")


@dataclass(frozen=True)
class ListForm:
    """The experiments there are."""

    json: Flag[bool] = False
    """One JSON document on stdout."""


@dataclass(frozen=True)
class DoctorForm:
    """Versions, devices, folders, extras, and a self-test against an exact number."""

    json: Flag[bool] = False
    """One JSON document on stdout."""


@dataclass(frozen=True)
class ShowForm:
    """Print a saved run."""

    run: tyro.conf.Positional[str] = "latest"
    """A run directory, the NAME of an experiment (its latest run), or 'latest'."""
    root: Path = Path("runs")
    """Where runs are kept."""
    json: Flag[bool] = False
    """One JSON document on stdout."""


@dataclass(frozen=True)
class CompareForm:
    """Two runs side by side, with the differences in standard errors."""

    a: tyro.conf.Positional[str]
    """A run directory, a NAME, or 'latest'."""
    b: tyro.conf.Positional[str]
    """The other."""
    root: Path = Path("runs")
    """Where runs are kept."""
    json: Flag[bool] = False
    """One JSON document on stdout."""


@dataclass(frozen=True)
class VerifyForm:
    """Run experiments again; print claim, measured, expected, verdict."""

    names: tyro.conf.Positional[tuple[str, ...]] = ()
    """Which experiments; none: all."""
    preset: Preset = "laptop"
    """smoke: at most 45 s each; laptop: minutes; paper: published sizes."""
    seed: int = 0
    """The random seed."""
    json: Flag[bool] = False
    """One JSON document on stdout."""

    def jobs(self) -> "list[Job]":
        """One job an experiment; all names are looked at before the first one starts."""
        return [
            experiment_job(find(name).preset(self.preset), self.preset, self.seed) for name in self.names or CATALOGUE
        ]


@dataclass(frozen=True)
class PhasesForm:
    """Find the phase transition in configurations: `configurations` [n, ...lattice] and `temperature` [n]."""

    file: tyro.conf.Positional[Path]
    """.npz, .h5, .hdf5 or .nc."""
    parameter: str = "temperature"
    """Name of the array with the control parameter."""
    kind: Literal["ising", "potts", "angle", "real"] | None = None
    """What a variable is; none: told from the values."""
    preset: Preset = "laptop"
    """smoke: quick look; laptop: a minute; paper: more networks."""
    seed: int = 0
    """The random seed."""
    out: Path | None = None
    """Run directory to write, new; none: runs/phases/<UTC time>-<id>."""
    json: Flag[bool] = False
    """One JSON document on stdout."""

    def job(self) -> "Job":
        """Read the file now, so that bad input is refused at once."""
        from isinglass.data.files import read
        from isinglass.run.job import Job

        configurations = read(self.file, self.parameter, self.kind)
        settings = {"file": str(self.file), "parameter": self.parameter, "kind": configurations.kind}
        words = ["isinglass", "phases", str(self.file), "--parameter", self.parameter, "--kind", configurations.kind]
        settings["command"] = shlex.join([*words, "--preset", self.preset, "--seed", str(self.seed)])

        def work(key, *, progress, checkpoint):
            from isinglass.tasks import infer

            return infer(key, configurations, preset=self.preset, progress=progress, checkpoint=checkpoint)

        return Job("phases", work, self.seed, self.preset, settings, self.out)


@dataclass(frozen=True)
class GroundStateForm:
    """The ground state of a Hamiltonian of your own, in a TOML file: kind, sites or [lattice], terms, bond, site."""

    file: tyro.conf.Positional[Path]
    """.toml; src/isinglass/data/hamiltonian.py shows its entries."""
    ansatz: Ansatz = "rbm"
    """The neural state, or exact diagonalization."""
    states: int = 1
    """Low-lying levels, with --ansatz exact."""
    alpha: float | None = None
    """Its width: hidden units to a site, filters, features or bond in units of what is usual."""
    steps: int | None = None
    """Steps of optimization."""
    samples: int | None = None
    """Samples in a step."""
    tolerance: float | None = None
    """Ends the optimization once the energy falls by less, as a share of it, in 50 steps, twice."""
    preset: Preset = "laptop"
    """smoke: quick look; laptop: a minute; paper: wider, longer."""
    seed: int = 0
    """The random seed."""
    out: Path | None = None
    """Run directory to write, new; none: runs/ground-state/<UTC time>-<id>."""
    json: Flag[bool] = False
    """One JSON document on stdout."""

    def job(self) -> "Job":
        """Read the file now, so that bad input is refused at once."""
        from isinglass.data.hamiltonian import read_hamiltonian
        from isinglass.run.job import Job

        hamiltonian, graph, numbers = read_hamiltonian(self.file)
        chosen: dict[str, Any] = {"ansatz": self.ansatz, "alpha": self.alpha, "steps": self.steps,
                                  "samples": self.samples,
                                  "tolerance": self.tolerance, "states": self.states}  # fmt: skip
        words = [f"--{name} {value}" for name, value in chosen.items() if value is not None]
        command = f"isinglass ground-state {shlex.quote(str(self.file))} {' '.join(words)} --preset {self.preset}"
        settings = {"file": str(self.file), "hamiltonian": str(hamiltonian.operator), **chosen}
        settings["command"] = f"{command} --seed {self.seed}"

        def work(key, *, progress, checkpoint):
            from isinglass.tasks import approximate

            given = chosen | {"preset": self.preset, "progress": progress, "checkpoint": checkpoint, "numbers": numbers}
            return approximate(key, hamiltonian, lattice=None if graph is None else graph.shape, **given)

        return Job("ground-state", work, self.seed, self.preset, settings, self.out)


@dataclass(frozen=True)
class SampleForm:
    """Draw configurations from exp(-E / T) / Z and write them to a netCDF file that `isinglass phases` reads."""

    system: tyro.conf.Positional[
        Literal[
            "ising", "potts", "xy", "gauge", "square-ice", "phi4", "u1", "double-well", "mueller-brown", "dimer", "lj13"
        ]
    ]
    """What to sample."""
    out: Path
    """The file to write, new, ending in .nc."""
    shape: tuple[int, ...] = ()
    """Sides of the lattice: 64 64."""
    temperature: tuple[str, ...] = ()
    """1.5:3.5:41 (from:to:number), or a list: 2.0 2.2 2.4; for fields and particles their own (1) where not given."""
    samples: int = 200
    """Configurations per temperature."""
    method: str = "auto"
    """How to sample: metropolis, heat_bath, wolff, swendsen_wang, tempering, hmc, mala, langevin, random_walk, nuts, or
    learned and made exact: flow, autoregressive, diffusion. auto: what fits the system."""
    model: Path | None = None
    """Folder of a learned sampler: used if it is there, else trained and written."""
    correct: Literal["metropolis", "weights", "none"] = "metropolis"
    """What makes a learned sampler exact."""
    preset: Preset = "laptop"
    """How long a learned sampler is trained."""
    chains: int | None = None
    """Independent Markov chains per temperature."""
    thin: int | None = None
    """Sweeps between two draws of one chain."""
    warmup: int | None = None
    """Sweeps before the first draw."""
    ess: float | None = None
    """Lengthen the run until every temperature has this effective sample size."""
    lattice: str | None = None
    """square, cubic, triangular, honeycomb, chain or hypercubic."""
    q: int | None = None
    """Values of a Potts variable."""
    J: Annotated[float | None, tyro.conf.arg(name="J")] = None
    """Coupling."""
    h: float | None = None
    """Field, of Ising."""
    m2: float | None = None
    """m^2 of phi^4, S = sum (d phi)^2 + m^2 phi^2 + lam phi^4."""
    lam: float | None = None
    """lambda of phi^4."""
    kappa: float | None = None
    """Hopping parameter of phi^4 in its other form, instead of m2."""
    beta: float | None = None
    """Coupling of the U(1) gauge theory."""
    seed: int = 0
    """The random seed."""
    json: Flag[bool] = False
    """One JSON document on stdout."""

    def draw(self, progress: "ProgressCallable") -> "Result":
        """Sample and write; the checkpoint of a stopped run lies in OUT.partial/ and is gone on from."""
        import jax
        import numpy as np

        from isinglass.data.files import check_netcdf_path, write

        check_netcdf_path(self.out)
        temperature = parse_temperature(self.temperature) if self.temperature or self.system in SPINS else None
        system = self.make_system()
        from isinglass.tasks import sample

        plan = {"samples": self.samples, "chains": self.chains, "thin": self.thin, "warmup": self.warmup}
        plan |= {"effective_samples": self.ess}
        checkpoint = self.out.with_name(self.out.name + ".partial")
        result = sample(
            jax.random.key(self.seed),
            system,
            None if temperature is None else np.asarray(temperature),
            method=self.method,
            model=self.model,
            correct=self.correct,
            preset=self.preset,
            progress=progress,
            checkpoint=checkpoint,
            **{name: value for name, value in plan.items() if value is not None},
        )
        result.name, result.seed = f"sample {self.system}", self.seed
        write(result, self.out)
        shutil.rmtree(checkpoint, ignore_errors=True)
        return result

    def make_system(self) -> Any:
        """The system, with the options that it knows."""
        import isinglass.systems

        name = "phi4_hopping" if self.system == "phi4" and self.kappa is not None else SYSTEMS[self.system]
        make = getattr(isinglass.systems, name)
        known = inspect.signature(make).parameters
        given = {name: getattr(self, name) for name in OPTIONS if getattr(self, name) is not None}
        strange = [name for name in given if name not in known]
        if strange:
            takes = ", ".join(f"--{name}" for name in OPTIONS if name in known) or "none"
            raise InputError(f"options of {self.system} ({takes})", f"--{strange[0]}", "leave it out")
        if ("shape" in known) != bool(self.shape):
            if self.shape:
                raise InputError(f"no --shape for {self.system}", " ".join(map(str, self.shape)), "leave it out")
            raise InputError(f"the sides of the lattice of {self.system}", "no --shape", "add e.g. --shape 16 16")
        return make(self.shape, **given) if self.shape else make(**given)


def parse_temperature(words: Sequence[str]) -> list[float]:
    """`a:b:n` (n values from a to b, both included), or a list with spaces or commas; the parts may be mixed."""
    parts = [part for word in words for part in word.split(",") if part]
    values: list[float] = []
    for part in parts:
        try:
            if ":" not in part:
                values.append(float(part))
                continue
            first, last, n = part.split(":")
            a, b, count = float(first), float(last), int(n)
            values += [a + (b - a) * i / max(count - 1, 1) for i in range(count)]
        except ValueError:
            raise InputError(
                "a temperature, or from:to:number", repr(part), "write e.g. 1.5:3.5:41 or 2.0 2.2"
            ) from None
    if not values or not all(0 < t < float("inf") for t in values):
        raise InputError("positive, finite temperatures", " ".join(words) or "none", "write e.g. 1.5:3.5:41")
    return values


def experiment_job(experiment: Any, preset: str, seed: int, folder: Path | None = None) -> "Job":
    """An experiment as a job."""
    from isinglass.run.job import Job

    return Job(experiment.name, experiment.run, seed, preset, dataclasses.asdict(experiment), folder)


def run_form(arguments: Sequence[str], parse: Callable) -> "tuple[str, Job, Any]":
    """Name, job and options of `isinglass run`: the options of all runs, and every setting of that experiment."""
    names = tuple(CATALOGUE)
    if not arguments or arguments[0].startswith("-"):
        if set(arguments) & {"-h", "--help"}:
            print(f"usage: isinglass run NAME [OPTIONS]\n\nNAME: {', '.join(names)}\n")
            print("isinglass run NAME --help lists its settings.")
            raise SystemExit(0)
        raise InputError(f"the name of an experiment ({', '.join(names)})", "none", "write isinglass run NAME")
    name, rest = arguments[0], arguments[1:]
    experiment = find(name)
    preset = preset_in(rest)
    form = parse(options_of(experiment, preset), f"run {name}", rest)
    if form.resume is None:
        return name, experiment_job(form.settings, form.preset, form.seed, form.out), form
    from isinglass.run.job import resumable

    folder, config = resumable(form.resume)
    if config["name"] != name:
        raise InputError(
            f"a stopped run of {name} to resume", f"one of {config['name']}", f"isinglass run {config['name']}"
        )
    settings = {key: as_tuple(value) for key, value in config["settings"].items()}
    return name, experiment_job(experiment(**settings), config["preset"], config["seed"], folder), form


def preset_in(arguments: Sequence[str]) -> str:
    """The preset among the arguments: it decides the defaults of the others."""
    words = " ".join(arguments).replace("--preset=", "--preset ").split()
    return words[words.index("--preset") + 1] if "--preset" in words[:-1] else "laptop"


def options_of(experiment: Any, preset: str) -> type:
    """The dataclass of all options of one experiment; the preset gives the defaults of its settings."""
    settings = Annotated[experiment, tyro.conf.arg(name="")]
    fields: list[tuple[str, Any, Any]] = [
        ("settings", settings, dataclasses.field(default=experiment.preset(preset))),
        (
            "preset",
            Annotated[Preset, tyro.conf.arg(help="smoke: at most 45 s; laptop: minutes; paper: published sizes")],
            preset,
        ),
        ("seed", Annotated[int, tyro.conf.arg(help="the random seed")], 0),
        ("out", Annotated[Path | None, tyro.conf.arg(help="run directory to write, new")], None),
        (
            "resume",
            Annotated[Path | None, tyro.conf.arg(help="the FOLDER.partial of a stopped run: go on, bit for bit")],
            None,
        ),
        ("json", Annotated[Flag[bool], tyro.conf.arg(help="one JSON document on stdout")], False),
    ]
    form = dataclasses.make_dataclass("RunForm", fields, frozen=True)
    form.__doc__ = f"{experiment.claim} Ref: {experiment.paper}"
    return form


def as_tuple(value: Any) -> Any:
    """TOML has lists where settings have tuples."""
    return tuple(as_tuple(v) for v in value) if isinstance(value, list) else value
