# SPDX-License-Identifier: Apache-2.0
"""Machines and the renormalization group: the exact map, and where the flow v → h → v of trained machines goes."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import jax
import numpy as np
import xarray as xr

from isinglass.data.configurations import Configurations, kept
from isinglass.data.files import from_dataset
from isinglass.errors import InputError
from isinglass.exact.lattice import onsager
from isinglass.exact.lattice.critical import relaxation_time
from isinglass.exact.lattice.moments import MagnetizationThermometer, magnetization_thermometer
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.experiments.lattice import trained_flows as flows
from isinglass.experiments.lattice.exact_map import exact_map, trained_step
from isinglass.experiments.lattice.flow_claims import (
    TrainedSet,
    end_checks,
    end_estimates,
    length_checks,
    over_trainings,
)
from isinglass.experiments.theory_curve import beyond, over_samples, theory_curve
from isinglass.inference.renormalization.block_spins import SMALLEST, blocked
from isinglass.inference.renormalization.machine_flow import IsingThermometry, thermometry
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent, telling
from isinglass.systems import Ising
from isinglass.tasks.cases import labelled
from isinglass.verbs import sample

__all__ = ["ReconstructionFlow"]

TC = onsager.critical_temperature()
LOW, HIGH = 2.0, 2.75  # sets of temperatures: up to, from; and what lies between is near
CHAINS = 128
LARGEST = 10  # side with an exact law of M
SMALL_UNITS = 40
KADANOFF = "Kadanoff 1966, doi:10.1103/PhysicsPhysiqueFizika.2.263"
MEHTA_SCHWAB = "Mehta and Schwab 2014, arXiv:1410.3831"


@dataclass(frozen=True)
class ReconstructionFlow(AbstractExperiment):
    """Where decimation and block spins are machines, exactly; where machines trained on Ising configurations lead.

    The flow v → h → v is block Gibbs sampling: it ends at the law of the machine.  If that is the law of the rows that
    were trained on, the end has their mean energy, T_c or not.  Errors: over trainings.
    """

    name: ClassVar[str] = "machine-flow"
    task: ClassVar[str] = "approximate"
    summary: ClassVar[str] = "machines as renormalization, exactly; where trained machines flow"
    rows: ClassVar[tuple[int, ...]] = (16,)
    paper: ClassVar[str] = "Mehta and Schwab 2014, arXiv:1410.3831; Iso, Shiba and Yokoo 2018, arXiv:1801.07172"
    claim: ClassVar[str] = (
        "decimation and majorities as machines to 1e-12; a machine of all temperatures warms what is cold and cools "
        "what is hot, block spins the opposite; well trained machines end at the mean energy of the rows that they "
        "were trained on, within 5 %, not at T_c, with energies that spread as no single temperature's; contrastive "
        "divergence ends colder, at a place that the length of the training moves"
    )
    guide: ClassVar[str] = "docs/renormalization.md"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"side": 4, "temperature": tuple(float(T) for T in np.arange(0.5, 6.1, 0.5)), "samples": 512,
                  "training_rows": 10_000, "hidden_units": 16, "epochs": 80, "lengths": (1, 80), "rows_of_start": 256,
                  "units": (16,), "starts": (1.0, 6.0), "small_units": (4, 16),
                  "reconstructions": (1, 10, 100, 400), "stack": (16, 4), "block_side": 16,
                  "block_temperature": (1.9, 2.27, 2.8), "tolerance": 0.1, "spread_tolerance": 0.4},
        "laptop": {},
        "paper": {"side": 10, "samples": 4096, "training_rows": 100_000, "hidden_units": 100, "epochs": 200,
                  "trainings": 10, "rows_of_start": 512, "units": (16, 64, 100, 225), "stack": (25, 6),
                  "block_side": 128},
    }  # fmt: skip

    side: int = 8
    """Side of the lattice of the machines, at most 10."""
    temperature: tuple[float, ...] = tuple(float(T) for T in np.arange(0.25, 6.1, 0.25))
    """Temperatures of the configurations."""
    samples: int = 1024
    """Configurations at each temperature."""
    training_rows: int = 20_000
    """Translated and reflected copies that a machine is trained on."""
    hidden_units: int = 64
    """Hidden spins of the machines."""
    epochs: int = 100
    """Passes over the rows."""
    trainings: int = 4
    """Machines of each kind, of other random numbers."""
    units: tuple[int, ...] = (16, 64)
    """Hidden spins, of the machines whose training is longer and longer."""
    lengths: tuple[int, ...] = (1, 5, 25, 100)
    """Passes over the rows, of these."""
    starts: tuple[float, ...] = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0)
    """Temperatures that flows begin at."""
    rows_of_start: int = 128
    """Configurations of each of these."""
    reconstructions: tuple[int, ...] = (1, 3, 10, 30, 100, 300, 1000, 3000)
    """Numbers of reconstructions, after which the temperature is taken."""
    stack: tuple[int, ...] = (16, 4)
    """Hidden spins of two machines, the second on top of the first."""
    small_units: tuple[int, ...] = (1, 2, 4, 8, 16)
    """Hidden spins of machines of the 4 x 4 lattice, whose divergence is exact."""
    block_side: int = 32
    """Side of the lattice of the block spins."""
    block_temperature: tuple[float, ...] = (2.0, 2.1, 2.2, 2.27, 2.35, 2.45, 2.6, 2.8)
    """Temperatures of the block spins."""
    tolerance: float = 0.05
    """Allowed deviation of the end of a flow, in shares of its temperature."""
    spread_tolerance: float = 0.15
    """Allowed deviation of the variance of the energies there, in shares of it."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """The exact map, machines, their flows, a stack, block spins.

        Errors: InputError for a side or temperatures that tell nothing, fewer than two trainings, no blocks.
        """
        self.check_request()
        key_data, key_train, key_scan, key_stack, key_small, key_block = jax.random.split(key, 6)
        result = Result(self.name, settings=asdict(self))
        data = self.sampled(key_data, result, progress, checkpoint)
        magnetization = magnetization_thermometer(self.side)
        sets = self.trained_sets(key_train, data, magnetization, progress, checkpoint)
        scan = self.scanned(key_scan, data, sets, magnetization, progress, checkpoint)
        result.estimates |= end_estimates(sets, scan)
        result.checks += [
            *end_checks(sets, result.estimates, self.tolerance, self.spread_tolerance),
            *length_checks(scan),
        ]
        curves = self.curve_of_ends(scan, sets["all temperatures"].exact.temperature)
        curves |= self.stacked(key_stack, data, magnetization, result, progress, checkpoint)
        curves |= self.divergences(key_small, result, progress)
        block = self.block_flow(key_block, result, progress, checkpoint)
        result.checks += exact_map()
        result.arrays = xr.Dataset(curves).merge(self.arrays(sets, block)).assign_attrs(exact_critical_parameter=TC)
        result.models = {name.replace(" ", "_"): one.machines[0] for name, one in sets.items()}
        result.figures = ["temperature_flow", "receptive_fields", "theory_curve/flow_end", "theory_curve/hidden_order",
                          "theory_curve/divergence"]  # fmt: skip
        return result

    def check_request(self) -> None:
        """What has an exact thermometer, a spread over trainings, and two lattices."""
        if not 3 <= self.side <= LARGEST:  # noqa: PLR2004
            raise InputError(f"a side of 3 to {LARGEST}, whose |m| is exact", f"{self.side}", "choose one of these")
        if empty := [name for name, T in self.sets().items() if not T]:
            found = f"no {', no '.join(empty)}"
            raise InputError(f"temperatures up to {LOW}, between, and from {HIGH}", found, "give some of each")
        if self.trainings < 2 or len(set(self.lengths)) < 2 or len(set(self.small_units)) < 2:  # noqa: PLR2004
            found = f"{self.trainings} trainings, lengths {self.lengths}, small_units {self.small_units}"
            raise InputError("two trainings, lengths and small_units or more", found, "errors are over trainings")
        if len(self.stack) != 2 or max(self.small_units) > SMALL_UNITS:  # noqa: PLR2004
            found = f"stack {self.stack}, small_units {self.small_units}"
            raise InputError(f"a stack of two, and at most {SMALL_UNITS} small_units", found, "choose fewer")
        if self.block_side < 2 * SMALLEST or self.block_side % 2:
            raise InputError(f"an even block_side of {2 * SMALLEST} or more", f"{self.block_side}", "choose such a one")

    def sampled(self, key: Any, result: Result, progress: ProgressCallable, checkpoint: Path | None) -> flows.IsingRows:
        """Configurations at every temperature, from equal spins: none is in a stripe that does not leave."""
        thin = max(8, round(relaxation_time(self.side)))
        found = sample(
            key, Ising((self.side, self.side)), list(self.temperature), method="metropolis", start="uniform",
            samples=self.samples, chains=min(CHAINS, self.samples // 4), thin=thin, warmup=10 * thin,
            effective_samples=None, progress=telling(progress, "configurations"),
            checkpoint=checkpoint and checkpoint / "data",
        )  # fmt: skip
        result.checks += labelled(found.checks, "configurations", estimates=False)
        x = found.series("configurations")
        return flows.IsingRows(np.array(self.temperature), x.reshape(len(x), -1, *x.shape[-2:]), self.training_rows)

    def sets(self) -> dict[str, tuple[float, ...]]:
        """Temperatures that machines are trained on, by name."""
        T = self.temperature
        return {"all temperatures": T, "low temperatures": tuple(t for t in T if t <= LOW),
                "temperatures near T_c": tuple(t for t in T if LOW <= t <= HIGH),
                "high temperatures": tuple(t for t in T if t >= HIGH)}  # fmt: skip

    def trained_sets(
        self, key: Any, data: flows.IsingRows, magnetization: MagnetizationThermometer, progress: ProgressCallable,
        checkpoint: Path | None,
    ) -> dict[str, TrainedSet]:  # fmt: skip
        """Well trained on each set of temperatures; by contrastive divergence on all."""
        recipes = {
            name: flows.MachineRecipe(T, self.hidden_units, flows.WELL, self.epochs) for name, T in self.sets().items()
        }
        recipes["contrastive divergence"] = recipes["all temperatures"]._replace(how=flows.PUBLISHED)
        found = {}
        for i, (name, recipe) in enumerate(recipes.items()):
            found[name] = self.trained_set(jax.random.fold_in(key, i), data, recipe, magnetization,
                                           telling(progress, name), checkpoint and checkpoint / f"set_{i}",
                                           self.starts)  # fmt: skip
        return found

    def trained_set(
        self, key: Any, data: flows.IsingRows, recipe: flows.MachineRecipe, magnetization: MagnetizationThermometer,
        progress: ProgressCallable, checkpoint: Path | None, starts_at: tuple[float, ...],
    ) -> TrainedSet:  # fmt: skip
        """Machines of one recipe, and their flows from configurations of these temperatures."""
        near = [int(np.abs(data.T - T).argmin()) for T in starts_at]
        starts = data.x[near, : self.rows_of_start]
        machines, found = [], []
        for k in range(self.trainings):
            progress(k, self.trainings, "training, and reconstructing")
            key_machine, key_flow = jax.random.split(jax.random.fold_in(key, k))
            machines.append(flows.trained(key_machine, data, recipe, saved_at(checkpoint, k)))
            found.append(flows.flow_from(key_flow, machines[-1], starts, self.steps, magnetization))
        return TrainedSet(recipe, machines, found, flows.mixture(np.array(recipe.chosen), self.side, magnetization))

    @property
    def steps(self) -> tuple[int, ...]:
        """Numbers of reconstructions, none among them."""
        return (0, *self.reconstructions)

    def scanned(
        self, key: Any, data: flows.IsingRows, sets: dict[str, TrainedSet], magnetization: MagnetizationThermometer,
        progress: ProgressCallable, checkpoint: Path | None,
    ) -> dict[tuple[str, int, int], TrainedSet]:  # fmt: skip
        """Machines of all temperatures, by kind of chains, hidden spins and length of the training."""
        found = {}
        for M in self.units:
            for epochs in self.lengths:
                for name in ("all temperatures", "contrastive divergence"):
                    kind = name if name == "contrastive divergence" else "persistent chains"
                    recipe = sets[name].recipe._replace(hidden_units=M, epochs=epochs)
                    if recipe == sets[name].recipe:
                        found[kind, M, epochs] = sets[name]
                        continue
                    at = jax.random.fold_in(key, len(found))
                    found[kind, M, epochs] = self.trained_set(
                        at, data, recipe, magnetization, telling(progress, f"{kind}, {M} hidden, {epochs} passes"),
                        checkpoint and checkpoint / f"scan_{len(found)}", (self.starts[0], self.starts[-1]),
                    )  # fmt: skip
        return found

    def curve_of_ends(self, scan: dict[tuple[str, int, int], TrainedSet], rows: float) -> dict[str, xr.DataArray]:
        """Against the number of updates, beside T_c and the temperature of the rows."""
        kinds = [(kind, M) for M in self.units for kind in ("persistent chains", "contrastive divergence")]
        updates = np.array(self.lengths) * (self.training_rows // flows.BATCH)
        none = [Estimate(np.nan)] * len(updates)
        found = [[scan[kind, M, n].end("temperature") for n in self.lengths] for kind, M in kinds]
        dense = np.geomspace(updates.min(), updates.max(), 2)
        nothing = np.full(2, np.nan)
        return theory_curve(
            "flow_end", [f"{kind}, {M} hidden" for kind, M in kinds] + ["mean energy of the rows", "$T_c$"], updates,
            [*found, none, none], dense, [*([nothing] * len(kinds)), np.full(2, rows), np.full(2, TC)],
            caption="Where the flow of machines of all temperatures ends, against the length of their training.",
            xlabel="updates", ylabel="temperature at the end", yscale="linear",
        )  # fmt: skip

    def stacked(
        self, key: Any, data: flows.IsingRows, magnetization: MagnetizationThermometer, result: Result,
        progress: ProgressCallable, checkpoint: Path | None,
    ) -> dict[str, xr.DataArray]:  # fmt: skip
        """Two machines, the second trained on hidden spins of the first; their hidden spins beside block spins."""
        T = self.sets()["temperatures near T_c"]
        recipe = flows.MachineRecipe(T, self.stack[0], flows.WELL, self.epochs)
        near = int(np.abs(data.T - TC).argmin())
        starts = data.x[[near] * len(self.starts), : self.rows_of_start]
        orders, ends, shapes, stack = [], [], [], ()
        for k in range(self.trainings):
            progress(k, self.trainings, "a stack of two")
            keys = jax.random.split(jax.random.fold_in(key, k), 6)
            first = flows.trained(keys[0], data, recipe, saved_at(checkpoint and checkpoint / "first", k))
            h = flows.hidden_spins(keys[1], first, data.drawn(keys[1], T))
            second = flows.cd.untrained(keys[2], 0 * h, self.stack[1], "spin", "spin")
            second = flows.ascended(keys[3], second, h, recipe, saved_at(checkpoint and checkpoint / "second", k))
            stack = (first, second)
            orders.append(flows.hidden_order(keys[4], stack, data.x))
            ends.append([flows.flow_from(keys[5], one, starts, self.steps, magnetization).end.temperature
                         for one in (first, stack)])  # fmt: skip
            shapes.append(flows.field_shape(fields_of(stack[:1], self.side), 2))
        return self.stack_claims(data, stack, np.array(orders), np.array(ends), shapes, result)

    def stack_claims(
        self, data: flows.IsingRows, stack: tuple[Any, ...], orders: np.ndarray, ends: np.ndarray,
        shapes: list[flows.FieldShape], result: Result,
    ) -> dict[str, xr.DataArray]:  # fmt: skip
        """Hidden fields are no blocks; the order of hidden spins beside that of block spins."""
        told = result.estimates
        told |= {"end_temperature/one machine": over_trainings(list(ends[:, 0])),
                 "end_temperature/stack of two": over_trainings(list(ends[:, 1])),
                 "field_in_block": over_samples([s.in_block.value for s in shapes]),
                 "field_of_one_sign": over_samples([s.one_sign.value for s in shapes])}  # fmt: skip
        outside = Estimate(1 - told["field_in_block"].value, told["field_in_block"].error)
        law = "share of the squared weights of a hidden spin outside of its best block of 2 x 2, 0 of a block spin"
        result.checks.append(beyond(law, outside, 0.0, MEHTA_SCHWAB))
        blocks = flows.block_order(np.random.default_rng(0), data.x, sum(self.side % b == 0 for b in (2, 4)))
        series = ["first hidden layer", "second hidden layer", "block spins", "blocks of these"][: 2 + len(blocks)]
        mean, error = orders.mean(axis=0), orders.std(axis=0, ddof=1) / len(orders) ** 0.5
        found = [[Estimate(*pair) for pair in zip(*rows, strict=True)] for rows in zip(mean, error, strict=True)]
        found += [[Estimate(float(m), 0.0) for m in row] for row in blocks]
        curve = theory_curve(
            "hidden_order", series, data.T, found, data.T[:2], np.full((len(series), 2), np.nan),
            caption="Order of the spins of hidden layers, each with the sign of its coupling to the magnetization, "
            "and of block spins.", xlabel="temperature", ylabel=r"$\langle|m|\rangle$", xscale="linear",
            yscale="linear",
        )  # fmt: skip
        for k, name in enumerate(("first", "second")):
            curve[f"{name}_fields"] = xr.DataArray(fields_of(stack[: k + 1], self.side), dims=(name, "y", "x"))
        return curve

    def divergences(self, key: Any, result: Result, progress: ProgressCallable) -> dict[str, xr.DataArray]:
        """KL of machines of the 4 x 4 lattice by all 2^16 states: how much Σ_h exp T = 1 is violated."""
        steps = []
        for i, M in enumerate(self.small_units):
            progress(i, len(self.small_units), "exact divergence of small machines")
            steps.append([trained_step(jax.random.fold_in(key, 100 * i + k), M, self.training_rows,
                                       max(1, self.epochs // 2)) for k in range(self.trainings)])  # fmt: skip
        found = [over_samples([s.divergence for s in row]) for row in steps]
        for M, row, kl in zip(self.small_units, steps, found, strict=True):
            result.estimates |= {f"divergence/{M} hidden spins": Estimate(kl.value, kl.error, "nat"),
                                 f"largest_log_sum/{M} hidden spins": over_samples([s.worst for s in row])}  # fmt: skip
        every = [s for row in steps for s in row]
        identity = max(abs(s.mean_log_sum + s.free_energy_change + s.divergence) for s in every)
        first, last = found[0], found[-1]
        fallen = Estimate(first.value - last.value, float(np.hypot(first.error or 0.0, last.error or 0.0)))
        result.checks += [
            Check.at_most("<ln Σ_h exp T> = ln Z'/Z - KL of trained machines, largest deviation", identity, 1e-10,
                          source=MEHTA_SCHWAB),
            Check.at_least("KL of trained machines, the least", min(s.divergence for s in every), 0.0,
                           source="Gibbs' inequality"),
            beyond(f"KL falls from {self.small_units[0]} to {self.small_units[-1]} hidden spins by", fallen, 0.0,
                   MEHTA_SCHWAB),
        ]  # fmt: skip
        return theory_curve(
            "divergence", ["4 x 4 at $T_c$"], self.small_units, [found], self.small_units[:2], [[np.nan, np.nan]],
            caption="Kullback-Leibler divergence of trained machines, by all states: 0 where Σ_h exp T = 1.",
            xlabel="hidden spins", ylabel="KL (nat)",
        )  # fmt: skip

    def block_flow(
        self, key: Any, result: Result, progress: ProgressCallable, checkpoint: Path | None
    ) -> list[list[IsingThermometry]]:
        """[T][level]: the temperature of block spins, by the exact energy of their lattice; it runs away from T_c."""
        thin, T = max(8, round(relaxation_time(self.block_side))), list(self.block_temperature)
        found = sample(
            key, Ising((self.block_side,) * 2), T, method="metropolis", start="uniform", samples=self.samples,
            chains=64, thin=thin, warmup=10 * thin, effective_samples=None, progress=telling(progress, "block spins"),
            checkpoint=checkpoint and checkpoint / "block",
        )  # fmt: skip
        result.checks += labelled(found.checks, "block spins", estimates=False)
        rng = np.random.default_rng(np.asarray(jax.random.key_data(key)))
        flow = [block_temperatures(rng, c) for c in by_point(from_dataset(found.arrays))]
        for at, levels, side, sign in ((T[0], flow[0], "cools below", -1), (T[-1], flow[-1], "warms above", 1)):
            known = [one for one in levels if np.isfinite(one.temperature_error)]  # not where all spins are equal
            change = Estimate(sign * (known[-1].temperature - levels[0].temperature),
                              float(np.hypot(known[-1].temperature_error, levels[0].temperature_error)))  # fmt: skip
            law = f"blocking {side} T_c, T = {at:g}, |change of T| in {len(known) - 1} steps"
            result.checks.append(beyond(law, change, 0.0, KADANOFF))
        return flow

    def arrays(self, sets: dict[str, TrainedSet], block: list[list[IsingThermometry]]) -> xr.Dataset:
        """The flows [set, start, step], of block spins [T, level]."""
        every = [[[one.at(i, k) for k in range(len(self.steps))] for i in range(len(self.starts))]
                 for one in sets.values()]  # fmt: skip
        value, error = (np.array([[[getattr(e, name) for e in row] for row in rows] for rows in every], float)
                        for name in ("value", "error"))  # fmt: skip
        dims = ("trained_on", "start", "step")
        levels = [[one.temperature for one in row] for row in block]
        return xr.Dataset(
            {"flow_temperature": (dims, value), "flow_temperature_error": (dims, error),
             "rows_temperature": ("trained_on", [one.exact.temperature for one in sets.values()]),
             "block_flow": (("block_start", "level"), levels),
             "block_flow_error": (("block_start", "level"), [[one.temperature_error for one in row] for row in block])},
            coords={"trained_on": list(sets), "start": list(self.starts), "step": list(self.steps),
                    "block_start": list(self.block_temperature)},
        )  # fmt: skip


def fields_of(stack: tuple[Any, ...], side: int) -> np.ndarray:
    """[hidden, L, L] of the last layer: W, or the product of those below."""
    weights = np.eye(side * side)
    for machine in stack:
        weights = weights @ np.asarray(machine.weights)
    return weights.T.reshape(-1, side, side)


def saved_at(folder: Path | None, number: int) -> Path | None:
    """Where a training is kept."""
    if folder is None:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{number}.safetensors"


def by_point(c: Configurations) -> list[Configurations]:
    """The configurations of each temperature."""
    return [kept(c, c.parameter == T) for T in c.points]


def block_temperatures(rng: np.random.Generator, c: Configurations) -> list[IsingThermometry]:
    """Of configurations of one temperature, level by level; errors over chains."""
    return [thermometry(s, None, c.group) for s in blocked(rng, c.x)]
