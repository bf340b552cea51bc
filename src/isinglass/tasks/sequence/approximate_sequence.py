# SPDX-License-Identifier: Apache-2.0
"""Approximate a source of symbols by a causal transformer, beside counting, on symbols that it has not seen."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from isinglass import approximation, checks
from isinglass.errors import InputError
from isinglass.memory import require_memory
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.tasks.sequence.symbol_rows import SymbolRows, SymbolsFile, Windows, checked_symbols, split_windows
from isinglass.tasks.task import ARRAY, AbstractTask, Verb, setting

__all__ = ["ApproximateSequence"]

HIGHEST = 4  # order of counting
GROUPS = 20  # of windows of one sequence, for errors
BLOCK = 50  # steps between validations
PATIENCE = 8  # validations
CHUNK = 256
TRIED = 2  # windows for the check of causality


@dataclass(frozen=True)
class ApproximateSequence(AbstractTask):
    """A causal transformer of symbols, whose loss on those held out is a bound of their entropy.

    q(x) = Π_t q(x_t | x_1 ... x_(t-1)):

        result = approximate(0, x, method="transformer")     # x [T], or [n, N]: whole numbers or characters
        more = sample(1, result)

    Law: <-ln q> is at least the entropy rate of the source, and should not exceed that of counting words.
    Pass: no test of these symbols finds a leak, a change of the source, or a better prediction by counting.
    Ref: Shannon 1951, doi:10.1002/j.1538-7305.1951.tb01366.x; Vaswani et al. 2017, arXiv:1706.03762.
    """

    verb: ClassVar[Verb] = "approximate"
    problem: ClassVar[tuple[str, ...]] = (ARRAY, "builtins:list")
    guide: ClassVar[str] = "docs/sequences.md"
    what: ClassVar[str] = "symbols x [T] or [n, N], with method='transformer'"
    command: ClassVar[str] = "sequence"
    source: ClassVar[type] = SymbolsFile

    method: str = setting("transformer", choices=lambda: ["transformer"])
    """transformer: a causal transformer."""
    context: int = 32
    """Symbols of a window: each is predicted by those before it there."""
    width: int = 32
    """Width of the network, a multiple of 4."""
    layers: int = 2
    """Its layers."""
    steps: int = 3000
    """Steps of the training at most; it stops when validation does."""
    batch: int = 64
    """Windows of a step."""
    rate: float = 3e-3
    """Learning rate, which falls to 0."""
    held_out: float = 0.25
    """Share of the symbols that is not trained on: the end of a sequence, or any rows."""
    entropy: float | None = None
    """Entropy rate of the source in nats for each symbol, where it is known."""

    @classmethod
    def takes(cls, settings: Any) -> bool:
        """Where the method is a transformer."""
        return settings.get("method") == "transformer"

    def run(
        self, key: Any, problem: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None
    ) -> Result:
        """Cut, split, train, and compare."""
        import jax

        begun = time.perf_counter()
        rows = checked_symbols(problem, self.context)
        self.check_request(rows)
        key_split, key = jax.random.split(key)
        side = split_windows(np.random.default_rng(np.asarray(jax.random.key_data(key_split))), rows, self.held_out)
        found = self.trained(key, rows, side, progress, checkpoint)
        ours, some = (window_losses(found.model, x) for x in (side.held, side.trained[: len(side.held)]))
        counted = self.counted(rows, side)
        told, best = losses(ours, some, counted, rows)
        return Result(
            "sequence", estimates=told, checks=self.judged(found.model, rows, side, ours, told, best),
            arrays=arrays(ours, counted, rows), models={"transformer": found.model},
            settings=vars(self) | {"windows": len(rows.x), "symbols": " ".join(rows.kinds)[:300]},
            seconds=time.perf_counter() - begun, status=found.status, figures=["sequence_loss"],
            metrics=[{"step": int(s), "loss": float(a) / rows.x.shape[1], "validation_loss": float(b) / rows.x.shape[1]}
                     for s, a, b in zip(found.history.step, found.history.loss, found.history.validation, strict=True)],
            notes=["loss/order_r: by what followed the last r symbols in the training. The entropy rate of the source "
                   "is at most the smallest of all losses, if the source does not change."],
        )  # fmt: skip

    def check_request(self, rows: SymbolRows) -> None:
        """Errors: InputError for a width that four heads do not divide, and networks that memory does not hold."""
        if self.width % 4:
            raise InputError("a width that four heads divide", f"{self.width}", "try 32")
        if self.context < 2:  # noqa: PLR2004
            raise InputError("a context of 2 symbols or more", f"{self.context}", "try 32")
        N, k = rows.x.shape[1], len(rows.kinds)
        numbers = self.batch * N * (4 * N + self.layers * 24 * self.width + 4 * k) + 80 * self.layers * self.width**2
        require_memory("windows and weights", 4 * numbers, f"{self.batch} windows of {N}, width {self.width}")

    def trained(self, key: Any, rows: SymbolRows, side: Windows, progress, checkpoint: Path | None) -> Any:
        """By early stopping."""
        import jax
        import jax.numpy as jnp

        from isinglass.nets.autoregressive.causal_transformer import CausalTransformer
        from isinglass.sampling.objective.likelihood import NegativeLogLikelihood
        from isinglass.training.fit import fit
        from isinglass.training.optimizer import Optimizer
        from isinglass.training.setting import Training

        key_start, key = jax.random.split(key)
        model = CausalTransformer(key=key_start, shape=(rows.x.shape[1],), values=tuple(range(len(rows.kinds))),
                                  width=self.width, layers=self.layers)  # fmt: skip
        optimizer = Optimizer(learning_rate=self.rate, schedule="cosine", warmup=min(100, self.steps // 4), clip=1.0)
        settings = Training(optimizer=optimizer, steps=self.steps, batch_size=self.batch, block=min(BLOCK, self.steps),
                            patience=PATIENCE)  # fmt: skip
        given = [(jnp.asarray(x),) for x in (side.trained, side.validated)]
        file = None if checkpoint is None else checkpoint / "training"
        return fit(key, model, NegativeLogLikelihood(), given[0], settings=settings, validation=given[1],
                   checkpoint=file, progress=lambda record: progress(record.step, self.steps, "training"))  # fmt: skip

    def counted(self, rows: SymbolRows, side: Windows) -> dict[int, np.ndarray]:
        """Losses of counting, by order; what validates is counted too."""
        words, k = approximation.sequence.word_counts, len(rows.kinds)
        seen = np.concatenate([side.trained, side.validated])
        orders = [r for r in range(HIGHEST + 1) if k ** (r + 1) <= words.MOST_WORDS and r < rows.x.shape[1]]
        return {r: words.counted_losses(seen, side.held, k, r) for r in orders}

    def judged(self, model, rows: SymbolRows, side: Windows, ours, told: dict[str, Estimate], best: int) -> list[Check]:  # noqa: PLR0913
        """No leak, no copies, no change, no better prediction by counting."""
        import jax.numpy as jnp

        of = checks.sequences
        half = len(ours) // 2
        seen = {row.tobytes() for row in side.trained}
        copied = np.array([row.tobytes() in seen for row in side.held], float)
        chance = -np.expm1(len(side.trained) * np.log1p(-np.minimum(np.exp(-ours.sum(axis=1)), 1 - 1e-12)))
        found = [
            checks.causality.causality(model.logits, jnp.asarray(side.held[:TRIED]), len(rows.kinds)),
            of.no_copies(copied, chance),
            of.varied(len({row.tobytes() for row in side.held})),
            of.as_good_as_counting(told["gain"], told["loss"].value, best),
            of.better_than_chance(told["loss"], len(rows.kinds)),
        ]
        if rows.ordered:
            count, k = approximation.sequence.word_counts.counted_losses, len(rows.kinds)
            alone = [mean_over(count(side.trained, x, k, 0), rows) for x in (side.trained, side.held)]
            found += [of.steady(mean_over(ours[:half], rows), mean_over(ours[half:], rows)), of.same_symbols(*alone)]
        return found + ([] if self.entropy is None else [of.not_below_entropy(told["loss"], self.entropy)])


def window_losses(model: Any, x: np.ndarray) -> np.ndarray:
    """-ln q of each symbol [n, N]."""
    import equinox as eqx
    import jax
    import jax.numpy as jnp

    @eqx.filter_jit
    def all_of(model, x):
        def one(x):
            log_q = jax.nn.log_softmax(model.logits(x))
            return -jnp.take_along_axis(log_q, x[:, None], axis=1)[:, 0]

        return jax.lax.map(one, x, batch_size=CHUNK)

    return np.asarray(all_of(model, jnp.asarray(x)), float)


def losses(ours, some, counted: dict[int, np.ndarray], rows: SymbolRows) -> tuple[dict[str, Estimate], int]:
    """Mean losses in nats, what is gained over the best of counting, and the order of that."""
    by_order = {r: mean_over(each, rows) for r, each in counted.items()}
    best = min(by_order, key=lambda r: by_order[r].value)
    loss = mean_over(ours, rows)
    nat = lambda e: Estimate(e.value, e.error, "nat")  # noqa: E731
    bits = np.log(2)
    return {
        "loss": nat(loss),
        "bits_per_symbol": Estimate(loss.value / bits, (loss.error or 0.0) / bits, "bit"),
        "loss/training": nat(mean_over(some, rows)),
        **{f"loss/order_{r}": nat(each) for r, each in by_order.items()},
        "gain": nat(mean_over(counted[best] - ours, rows)),
    }, best


def mean_over(each: np.ndarray, rows: SymbolRows) -> Estimate:
    """Mean over symbols; its error over rows, or over groups of windows of one sequence, which are correlated."""
    mean = each.mean(axis=1)
    if rows.ordered:
        groups = min(GROUPS, len(mean) // 2)
        mean = np.array([part.mean() for part in np.array_split(mean, max(groups, 2))])
    return Estimate(float(each.mean()), float(mean.std(ddof=1) / len(mean) ** 0.5))


def arrays(ours, counted: dict[int, np.ndarray], rows: SymbolRows) -> Any:
    """Mean losses by the place in the window."""
    import xarray as xr

    return xr.Dataset(
        {"place_loss": ("place", ours.mean(axis=0)),
         "counted_loss": (("order", "place"), [each.mean(axis=0) for each in counted.values()])},
        {"place": np.arange(1, rows.x.shape[1] + 1), "order": list(counted)})  # fmt: skip
