# SPDX-License-Identifier: Apache-2.0
"""Pairs (θ, x) of a simulator: run, checked, and what is lost of them counted."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import numpy as np
from jaxtyping import Float, Key

from isinglass.errors import InputError, Interrupted
from isinglass.inference.posterior.farmed import Farming, farmed, first_of, is_external, kept_records, missing
from isinglass.inference.posterior.records import Records, joined, records_of
from isinglass.inference.posterior.simulation_store import SimulationStore, imported, is_store
from isinglass.inference.posterior.traceable import traced
from isinglass.run.farm.outcome import Outcome, Status
from isinglass.run.interruption import Interruption

if TYPE_CHECKING:
    from isinglass.systems.simulator.prior import Prior

__all__ = [
    "LostKind", "Simulations", "draw_parameters", "fewer_rows", "finite_pairs", "lost_notes", "run_simulations",
    "simulate_at",
]  # fmt: skip

CHUNK = 4096  # simulations at once
STORED = 256  # of those that are kept on disk
HERE = Farming()
KINDS = {Status.RAISED: "raised an error", Status.HUNG: "took longer than the time limit",
         Status.KILLED: "ended their process", Status.NO_NUMBERS: "returned no array of numbers"}  # fmt: skip


class LostKind(NamedTuple):
    """Simulations that failed in one way."""

    how: str
    theta: np.ndarray  # [k, d]
    first: str  # what the first of them said


@dataclass(frozen=True, eq=False)
class Simulations:
    """Parameters θ [n, d] and the data x [n, ...] that were simulated with them."""

    theta: np.ndarray
    x: np.ndarray
    names: tuple[str, ...] = ()
    lost: tuple[LostKind, ...] = ()
    imported: int = 0  # rows at the beginning that were not simulated here, of a store

    @property
    def every_theta(self) -> np.ndarray:
        """The parameters of all that were simulated, those of the lost ones too."""
        theta = np.concatenate([self.theta, *(kind.theta for kind in self.lost)])
        return theta[np.isfinite(theta).all(axis=1)]

    @classmethod
    def read(cls, folder: str | os.PathLike) -> "Simulations":
        """Those of a store.  Errors: InputError for a folder that is none, or is damaged."""
        path = Path(folder)
        if not is_store(path):
            found = f"{path}, another folder" if path.is_dir() else f"{path}, a file" if path.exists() else f"no {path}"
            raise InputError("a store of simulations, a folder with store.json", found, "check its name")
        store = SimulationStore(path)
        if (records := store.read()) is None:
            raise InputError(f"simulations in {path}", "none yet", "simulate first")
        return as_simulations(records, tuple(store.stated()["names"]))

    def save(self, folder: str | os.PathLike) -> None:
        """A new store with these pairs, which a simulator may add to.  Errors: InputError."""
        pairs, _ = finite_pairs(self)
        store = SimulationStore(folder)
        if is_store(store.folder):
            raise InputError("a new folder for the simulations", f"the store {store.folder}", "choose another")
        with store.opened(pairs.names, {}):
            store.append(imported(pairs.theta, pairs.x))


def as_simulations(records: Records, names: tuple[str, ...]) -> Simulations:
    """The data of the shape that most have, and all others as lost."""
    if not records.x:
        said = next(iter(records.message.values()), "")
        raise InputError("simulations that work", f"none of {len(records.number)}: {said}", "correct the simulator")
    shape = max(records.x, key=lambda s: (len(records.x[s][0]), -records.x[s][0].min()))
    check_shapes({s: len(rows) for s, (rows, _) in records.x.items()})
    lost = []
    for status, how in KINDS.items():
        rows = np.flatnonzero(records.status == status)
        if len(rows):
            lost.append(LostKind(how, records.theta[rows], records.message.get(int(rows[0]), "")))
    if others := [(rows, s) for s, (rows, _) in records.x.items() if s != shape]:
        rows = np.sort(np.concatenate([rows for rows, _ in others]))
        odd = next(s for of, s in others if rows[0] in of)
        lost.append(LostKind("have another shape", records.theta[rows], f"{list(odd)}, not {list(shape)}"))
    rows, x = records.x[shape]
    return Simulations(records.theta[rows], x, names, tuple(lost), int((records.number[rows] < 0).sum()))


def check_shapes(counts: dict[tuple[int, ...], int]) -> None:
    """Errors: InputError where no shape is that of more than half."""
    if 2 * max(counts.values()) <= sum(counts.values()):
        most = sorted(counts, key=lambda s: -counts[s])[:4]
        found = ", ".join(f"{list(s)} {counts[s]} times" for s in most)
        raise InputError("a simulator that returns one shape", found, "pad, bin or summarize what it returns")


def draw_parameters(key: Key[Any, ""], sample: Callable, n: int) -> Float[np.ndarray, "n d"]:
    """n draws θ_i of sample(key_i).  Law: θ_i depends on key and i alone, to the last bit."""
    draw = jax.jit(jax.vmap(lambda key: sample(jax.random.split(key)[0])))
    return np.concatenate([part for _, part in in_chunks(draw, CHUNK, n, jax.random.split(key, n))])


def run_simulations(
    key: Key[Any, ""], simulate: Any, prior: "Prior", n: int, progress: Callable[[int, int, str], None],
    farming: Farming = HERE,
) -> Simulations:  # fmt: skip
    """n pairs: θ of the prior, or of anything with `sample` and `names`, and x = simulate(key, θ).

    Errors: InputError for a function that JAX cannot trace, or that does not return one array of numbers.
    """
    if is_external(simulate) or farming.store is not None:
        theta = draw_parameters(key, prior.sample, n)
        return simulate_at(key, simulate, theta, prior.names, progress, farming)
    traced(simulate, key, jax.eval_shape(prior.sample, key))
    only_here(farming)

    @jax.jit
    def some(keys):
        def one(key):
            key_theta, key_x = jax.random.split(key)
            theta = prior.sample(key_theta)
            return theta, simulate(key_x, theta)

        return jax.vmap(one)(keys)

    made, size = [], -(-n // -(-n // CHUNK))  # equal chunks: one program
    for rows, pair in in_chunks(some, size, n, jax.random.split(key, n)):
        made.append(pair)
        progress(int(rows[-1]) + 1, n, "simulating")
    theta, x = (np.concatenate(parts) for parts in zip(*made, strict=True))
    return Simulations(theta, x, prior.names)


def simulate_at(
    key: Key[Any, ""], simulate: Any, theta: Float[np.ndarray, "n d"], names: Sequence[str],
    progress: Callable[[int, int, str], None], farming: Farming = HERE,
) -> Simulations:  # fmt: skip
    """Pairs at given θ: of JAX, compiled; of a Python function or a program, by workers.

    Errors: InputError; Interrupted after a signal, where the simulations are kept on disk or run by workers.
    """
    if is_external(simulate):
        return as_simulations(farmed(key, simulate, theta, names, farming, progress), tuple(names))
    traced(simulate, key, jax.eval_shape(lambda: jax.numpy.asarray(theta[0])))
    only_here(farming)
    draw = jax.jit(jax.vmap(lambda key, theta: simulate(jax.random.split(key)[1], theta)))
    keys, parts = jax.random.split(key, len(theta)), []
    size = CHUNK if farming.store is None else STORED
    with kept_records(key, simulate, names, farming) as (store, before), Interruption() as stop:
        number = missing(before, theta)
        done = len(theta) - len(number)
        for rows, x in in_chunks(draw, size, len(number), keys[number], jax.numpy.asarray(theta[number])):
            made = [Outcome(int(Status.WORKED), one, "", 0.0) for one in x]
            parts.append(records_of(number[rows], theta[number[rows]], made))
            if store is not None:
                store.append(parts[-1])
            done += len(rows)
            progress(done, len(theta), "simulating")
            if stop.interrupted and done < len(theta):
                where = None if store is None else store.folder
                raise Interrupted(f"stopped after {done} of {len(theta)} simulations", where, stop.signal)
    whole = joined([*([] if before is None else [before]), *parts])
    return as_simulations(first_of(whole, len(theta)), tuple(names))


def in_chunks(draw: Callable, size: int, n: int, *arrays: Any):
    """(rows, results) of at most `size` rows at once; always of that many, so that one program makes all bits."""
    for first in range(0, n, size):
        rows = np.arange(first, min(n, first + size))
        whole = np.concatenate([rows, np.full(size - len(rows), rows[-1])])
        with jax.debug_nans(False), jax.debug_infs(False):  # noqa: FBT003  what fails is counted
            made = draw(*(a[whole] for a in arrays))
        cut = lambda a, k=len(rows): np.asarray(a, float)[:k]  # noqa: E731
        yield rows, jax.tree.map(cut, jax.device_get(made))


def only_here(farming: Farming) -> None:
    """Errors: InputError for settings that a simulator of JAX has no use for."""
    farming.check()
    for name in ("executor", "time_limit"):
        if getattr(farming, name) is not None:
            fix = "leave it out: JAX simulates many at once, here"
            raise InputError(f"{name} for a PythonSimulator or a ProgramSimulator", "one for a function of JAX", fix)


def finite_pairs(pairs: Simulations, *, rows: bool = False) -> tuple[Simulations, int]:
    """Those whose numbers are all finite, and how many are lost; with `rows`, rows of x may be NaN: they are not there.

    Errors: InputError for parameters and data of unequal numbers, or fewer pairs than are needed.
    """
    theta, x = np.asarray(pairs.theta, float), np.asarray(pairs.x, float)
    if theta.ndim == 1:
        theta = theta[:, None]
    if theta.ndim != 2 or x.ndim < 1 or len(theta) != len(x):
        found = f"theta {list(theta.shape)}, x {list(x.shape)}"
        raise InputError("theta [n, d] and x [n, ...], a row of each for a simulation", found, "give equally many rows")
    x = x.reshape(len(x), -1) if x.ndim == 1 else x
    there: Any = np.isfinite(x.reshape(len(x), x.shape[1], -1)).all(axis=2)
    good = np.isfinite(theta).all(axis=1) & (there.any(axis=1) if rows else there.all(axis=1))
    kinds = list(pairs.lost)
    if not good.all():
        kinds.append(LostKind("are not finite", theta[~good], ""))
    lost = sum(len(kind.theta) for kind in kinds)
    least = max(100, 10 * theta.shape[1])
    if good.sum() < least:
        more = "".join(f", {len(kind.theta)} more {in_words(kind)}" for kind in kinds)
        fix = "simulate more" if good.any() else "correct the simulator"
        raise InputError(f"{least} finite simulations or more", f"{int(good.sum())}{more}", fix)
    if (different := len(np.unique(theta[good], axis=0))) < least:
        raise InputError(f"{least} different parameters or more", f"{different}", "draw them from the prior")
    names = pairs.names or tuple(f"theta_{i}" for i in range(theta.shape[1]))
    of_others = int(good[: pairs.imported].sum())
    return Simulations(theta[good], x[good], names, tuple(kinds), of_others), lost


def fewer_rows(rng: np.random.Generator, pairs: Simulations) -> Simulations:
    """x [n, rows, ...] with NaN in all but the first k rows, k uniform in 1, ..., rows for each simulation."""
    k = rng.integers(1, pairs.x.shape[1] + 1, len(pairs.x))
    left = np.arange(pairs.x.shape[1])[None] >= k[:, None]
    return replace(pairs, x=np.where(left.reshape(*left.shape, *[1] * (pairs.x.ndim - 2)), np.nan, pairs.x))


def in_words(kind: LostKind) -> str:
    """How they are lost: not finite; raised an error (the first: ValueError: ...)."""
    return kind.how.removeprefix("are ") + (f" (the first: {kind.first})" if kind.first else "")


def lost_notes(pairs: Simulations) -> list[str]:
    """How many simulations are lost in which way, and what that does to the posterior."""
    if not pairs.lost:
        return []
    notes = [f"{len(k.theta)} simulations {k.how}" + (f"; the first: {k.first}" if k.first else "") for k in pairs.lost]
    lost = np.concatenate([kind.theta for kind in pairs.lost])
    lost = lost[np.isfinite(lost).all(axis=1)]
    every = [working_shares(pairs.theta[:, i], lost[:, i]) for i in range(lost.shape[1])]
    worst = int(np.argmax([np.ptp(shares) for shares in every]))
    shares = ", ".join(f"{share:.3g}" for share in every[worst])
    effect = "the posterior is that of a simulation that works, p(theta given x) times the share of those that do: "
    return [*notes, f"{effect}{shares} in the fourths of {pairs.names[worst]}, from low to high"]


def working_shares(kept: np.ndarray, lost: np.ndarray, parts: int = 4) -> np.ndarray:
    """The share of simulations that work, in parts of the range of a parameter with equally many simulations each."""
    both = np.concatenate([kept, lost])
    edges = np.quantile(both, np.linspace(0, 1, parts + 1)[1:-1])
    count = partial(np.bincount, minlength=parts)
    inside = lambda a: count(np.searchsorted(edges, a))  # noqa: E731
    return inside(kept) / np.maximum(inside(both), 1)
