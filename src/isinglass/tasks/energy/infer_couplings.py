# SPDX-License-Identifier: Apache-2.0
"""Infer the couplings and fields of an Ising model from its configurations: the inverse Ising problem."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from isinglass import checks, data
from isinglass.errors import InputError
from isinglass.memory import require_memory
from isinglass.result import Check, Estimate, Result
from isinglass.run.precision import require_double
from isinglass.run.progress import ProgressCallable, silent
from isinglass.tasks.energy.couplings_file import CouplingsFile
from isinglass.tasks.energy.discrete_rows import checked_discrete
from isinglass.tasks.own.density_rows import UNDECIDED
from isinglass.tasks.task import AbstractTask, Verb, setting

if TYPE_CHECKING:
    import xarray as xr

    from isinglass.inference.inverse.couplings import Couplings, SpinSamples

__all__ = ["InferCouplings"]

GROUPS = 100  # of rows, for errors
FEWEST_GROUPS = 8
ENUMERATED, QUICK = 20, 16  # spins: at most for exact moments; by default
PER_SPIN = 4  # rows; of noise a plane separates 2, by Cover
MOST = 400  # spins: N logistic regressions of N inputs
SEEN = 4.0  # errors from which a coupling is counted
MODEL = 20_000  # samples of a model whose states are enumerated
CHAINS = 200  # of others


@dataclass(frozen=True)
class InferCouplings(AbstractTask):
    """Couplings J_ij and fields h_i, in units of the temperature, of exp(Σ J_ij s_i s_j + Σ h_i s_i)/Z from samples.

        infer(0, SpinSamples(s), method="pseudolikelihood")

    Law: the model has the moments of the samples, of three spins too, which were not fitted.
    Ref: Nguyen, Zecchina and Berg 2017, arXiv:1702.01522.
    """

    verb: ClassVar[Verb] = "infer"
    problem: ClassVar[tuple[str, ...]] = ("isinglass.inference.inverse.couplings:SpinSamples",)
    guide: ClassVar[str] = "docs/boltzmann_machines.md"
    what: ClassVar[str] = "spin samples (isinglass.inference.SpinSamples)"
    command: ClassVar[str] = "couplings"
    source: ClassVar[type] = CouplingsFile
    least: ClassVar[dict[str, float]] = {"ridge": 0}

    method: str = setting("auto", choices=lambda: ["auto", "boltzmann", "pseudolikelihood", "tap", "mean-field"])
    """boltzmann: maximum likelihood with exact moments, up to 20 spins; auto: that up to 16, else pseudolikelihood;
    tap and mean-field: expansions in weak couplings."""
    ridge: float = 0.0
    """Of pseudolikelihood: λ/2 Σ J_ij² per row, for fewer rows than spins."""

    def run(
        self, key: Any, problem: "SpinSamples", *, progress: ProgressCallable = silent, checkpoint: Path | None = None
    ) -> Result:
        """Solve, sample the model, and compare.  It takes seconds to minutes: `checkpoint` is not used."""
        from isinglass.inference.inverse.couplings import couplings

        begun = time.perf_counter()
        require_double("couplings")
        rows = checked_discrete(problem.s, "spin samples")
        s = rows.x if rows.kind == "spin" else 2 * rows.x - 1
        method = self.chosen(s)
        group = groups_of(s, problem.chain)
        progress(0, 2, f"solving by {method}")
        found = couplings(s, group, method, self.ridge)
        finite = bool(np.isfinite(found.J).all() and np.isfinite(found.h).all())
        progress(1, 2, "samples of the model")
        model, followed = model_samples(key, found.J, found.h, s) if finite else (None, None)
        return Result(
            "couplings", estimates=told(found), checks=judged(found, s, group, model, followed,
                                                             known=problem.chain is not None),
            arrays=arrays(found, s, model, rows.sides),
            settings={"method": method, "ridge": self.ridge, "rows": len(s), "spins": s.shape[1]},
            figures=["coupling_matrix"], seconds=time.perf_counter() - begun,
        )  # fmt: skip

    def chosen(self, s: np.ndarray) -> str:
        """The method.  Errors: InputError for too many spins, a spin that never flips, two that are always alike."""
        n, N = s.shape
        if N < 2:  # noqa: PLR2004
            raise InputError("two spins or more", f"{N}", "give a column for each spin")
        method = self.method if self.method != "auto" else ("boltzmann" if N <= QUICK else "pseudolikelihood")
        if method == "boltzmann" and N > ENUMERATED:
            raise InputError(f"at most {ENUMERATED} spins for boltzmann", f"{N}", "use pseudolikelihood")
        if method == "pseudolikelihood" and N > MOST:
            raise InputError(f"at most {MOST} spins", f"{N}", "use a part of them, or mean-field")
        require_memory("moments of groups", 8.0 * GROUPS * N * N * 3, f"{N} spins", "use a part of them")
        if self.ridge and method != "pseudolikelihood":
            raise InputError("ridge for pseudolikelihood alone", f"{self.ridge:g} for {method}", "leave it out")
        if (still := np.flatnonzero(np.ptp(s, axis=0) == 0)).size:
            fix = "leave these spins out: their fields have no finite estimate"
            raise InputError("spins that flip", f"spin {still[0]} never does", fix)
        if method == "pseudolikelihood" and not self.ridge and n < PER_SPIN * N:
            fix = f"give {PER_SPIN * N}, fewer spins, or a ridge: of so few a plane separates some, without one"
            raise InputError(f"{PER_SPIN} rows or more for each spin", f"{n} rows of {N} spins", fix)
        C = np.corrcoef(s, rowvar=False)
        i, j = np.unravel_index(np.argmax(np.abs(np.triu(C, 1))), C.shape)
        if abs(C[i, j]) > 1 - 1e-12:  # noqa: PLR2004
            fix = "keep one of them: their coupling has no finite estimate"
            raise InputError("spins that are not copies of each other", f"spins {i} and {j} in every row", fix)
        if method in ("tap", "mean-field") and np.linalg.matrix_rank(C) < N:
            raise InputError(f"more rows than {N} spins that vary independently", f"{n}", "use pseudolikelihood, ridge")
        return method


def groups_of(s: np.ndarray, chain: Any) -> np.ndarray:
    """The group of each row: its chain, or one of 100 blocks of neighboring rows.

    Errors: InputError for chains that are not one number for each row, or few.
    """
    if chain is None:
        return np.arange(len(s)) * min(GROUPS, len(s) // 2) // len(s)
    group = np.unique(data.as_array(chain, "chain"), return_inverse=True)[1].reshape(-1)
    if len(group) != len(s):
        raise InputError("one chain for each row", f"{len(group)} for {len(s)} rows", "give both the same length")
    if group.max() + 1 < FEWEST_GROUPS:
        raise InputError(f"{FEWEST_GROUPS} chains or more, for errors", f"{group.max() + 1}", "leave chain out")
    return group if group.max() < 4 * GROUPS else group % GROUPS


def model_samples(key: Any, J: np.ndarray, h: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """s [chains, draws, N] of the model: of all states where these are few, else by chains, half of them from rows.

    Also, of chains, what they are followed by: [chains, draws, spins and energy].
    """
    import jax
    import jax.numpy as jnp

    from isinglass.inference.inverse.chains import heat_bath_chains

    N = len(h)
    rng = np.random.default_rng(np.asarray(jax.random.key_data(key)))
    if N <= ENUMERATED:
        s = 1 - 2 * ((np.arange(2**N, dtype=np.int64)[:, None] >> np.arange(N)) & 1).astype(np.int8)
        log_w = np.concatenate([0.5 * ((part @ J) * part).sum(axis=1) + part @ h for part in np.array_split(s, 64)])
        total = np.cumsum(np.exp(log_w - log_w.max()))
        return s[np.searchsorted(total, rng.random(MODEL) * total[-1])].reshape(GROUPS, -1, N).astype(float), None
    start = np.concatenate([rng.choice([-1.0, 1.0], (CHAINS // 2, N)), rows[rng.choice(len(rows), CHAINS // 2)]])
    single = (jnp.asarray(a, jnp.float32) for a in (J, h, start))
    s = np.asarray(heat_bath_chains(key, *single, warmup=500, draws=50, thin=10), float).swapaxes(0, 1)
    return s, np.concatenate([s, (((s @ J) * s).sum(axis=-1) / 2 + s @ h)[..., None]], axis=-1)


def judged(
    found: "Couplings", s: np.ndarray, group: np.ndarray, model: np.ndarray | None, followed: np.ndarray | None, *,
    known: bool,
) -> list[Check]:  # fmt: skip
    """Rows, equations, errors, both sides, chains, moments."""
    of, N = checks.couplings, s.shape[1]
    independent = checks.density.rows_independent(s, 0.0, known=known)
    made = [of.equations_solved(found.left), of.determined(found.J_error, found.h_error)]
    tests = []
    if found.asymmetry is not None:
        tests.append(of.symmetric(found.asymmetry, N * (N - 1) // 2, int(group.max()) + 1))
    if model is None:
        tests.append(Check("couplings are finite", None, None, None, "fail"))
    else:
        tests += [of.moments_reproduced(s, group, model, order=k) for k in ((2, 3) if N > 2 else (2,))]  # noqa: PLR2004
    mixed = None if followed is None else checks.boltzmann_machine.chains_mixed(*np.array_split(followed, 2))
    made += [mixed] if mixed else []
    if (independent.verdict != "pass" and not known) or (mixed and mixed.verdict != "pass"):
        tests = [c.doubted(UNDECIDED) for c in tests]
    return [independent, *made, *tests]


def told(found: "Couplings") -> dict[str, Estimate]:
    """In few numbers; all are in the arrays."""
    i, j = np.triu_indices(len(found.h), 1)
    J, error = found.J[i, j], found.J_error[i, j]
    k = int(np.nanargmax(np.abs(J)))
    rms = lambda a: float(np.sqrt(np.mean(a * a)))  # noqa: E731
    return {
        "strongest_coupling": Estimate(float(J[k]), float(error[k])),
        "rms_coupling": Estimate(rms(J)), "rms_coupling/error": Estimate(rms(error)),
        "couplings_seen": Estimate(float((np.abs(J) > SEEN * error).sum())), "couplings": Estimate(float(len(J))),
        "rms_field": Estimate(rms(found.h)),
    }  # fmt: skip


def arrays(found: "Couplings", s: np.ndarray, model: np.ndarray | None, sides: tuple[int, ...]) -> "xr.Dataset":
    """Couplings, fields, errors, and products of pairs of the samples and of the model."""
    import xarray as xr

    i, j = np.triu_indices(s.shape[1], 1)
    some = np.random.default_rng(0).choice(len(i), min(len(i), 2000), replace=False)
    pair = lambda v: (v[:, i[some]] * v[:, j[some]]).mean(axis=0)  # noqa: E731
    ours = np.full(len(some), np.nan) if model is None else pair(model.reshape(-1, s.shape[1]))
    return xr.Dataset(
        {
            "coupling": (("spin", "other"), found.J), "coupling_error": (("spin", "other"), found.J_error),
            "field": ("spin", found.h), "field_error": ("spin", found.h_error),
            "sample_pair": ("pair", pair(s)), "model_pair": ("pair", ours),
        }, attrs={"sides": list(sides)},
    )  # fmt: skip
