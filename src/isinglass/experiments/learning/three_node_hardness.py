# SPDX-License-Identifier: Apache-2.0
"""Training three nodes is as hard as splitting sets: the reduction both ways, its cost, and descent beside it."""

from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
import optax
import xarray as xr
from jaxtyping import Array, Bool, Float

from isinglass.exact.learning import three_node
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent

__all__ = ["ThreeNodeHardness", "descend"]

BLUM = "Blum and Rivest 1992, doi:10.1016/S0893-6080(05)80010-3"
COUNTS = {1: 4, 2: 14, 3: 104, 4: 1882}  # threshold functions
SIZE = 3  # of a subset


@dataclass(frozen=True)
class ThreeNodeHardness(AbstractExperiment):
    """Random sets of three elements at growing numbers: is there a split, do three nodes fit its examples, and does
    gradient descent find them?
    """

    name: ClassVar[str] = "three-node-hardness"
    task: ClassVar[str] = "infer"
    summary: ClassVar[str] = "training three nodes is splitting sets: both ways, its cost, descent"
    rows: ClassVar[tuple[int, ...]] = (127,)
    paper: ClassVar[str] = BLUM
    claim: ClassVar[str] = (
        "two planes fit the examples of a family of sets if and only if it has a split, which they show; 14, 104 and "
        "1882 threshold functions of 2, 3 and 4 bits; descent never fits what cannot be fitted"
    )
    guide: ClassVar[str] = "docs/generalization.md"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"elements": (6, 8), "families": 10, "starts": 8, "steps": 1000},
        "laptop": {},
        "paper": {"elements": (6, 8, 10, 12, 14), "families": 100, "starts": 64, "steps": 10_000},
    }

    elements: tuple[int, ...] = (6, 8, 10)
    """Elements n of the set."""
    families: int = 30
    """Random families of subsets for each n."""
    density: float = 3.0
    """Subsets for each element; a split is as likely as not at about 2.1 of large sets."""
    starts: int = 32
    """Random starts of descent for each family."""
    steps: int = 3000
    """Steps of descent."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Count functions, then solve each family by trying splits, by trying planes, and by descent."""
        result = Result(self.name, settings=asdict(self), figures=["hardness"])
        self.add_functions(result)
        table = []
        for k, n in enumerate(self.elements):
            progress(k, len(self.elements), f"{n} elements")
            table.append(self.solved(jax.random.fold_in(key, n), n, result))
        split, programs, fitted = np.array(table).T
        growth = np.polyfit(self.elements, np.log2(programs), 1)[0] if len(table) > 1 else np.nan
        result.estimates["doublings_per_element"] = Estimate(float(growth))
        names = ("split_share", "linear_programs", "descent_share")
        columns = dict(zip(names, (split, programs, fitted), strict=True))
        result.arrays = xr.Dataset(
            {name: ("elements", y) for name, y in columns.items()}, {"elements": list(self.elements)}
        )
        return result

    def add_functions(self, result: Result) -> None:
        """All functions of few bits; every one of 3 bits by planes, too."""
        for n, known in COUNTS.items():
            found = len(three_node.threshold_functions(n))
            law, source = f"threshold functions of {n} bits", "OEIS A000609"
            result.checks.append(Check.within(law, found, known, 0.0, source=source))
        three = {tuple(row) for row in three_node.three_node_functions(3)}
        X = three_node.corners(3).astype(float)
        every = [(number >> np.arange(8) & 1).astype(bool) for number in range(256)]
        wrong = sum((three_node.fit_three_nodes(X, y).planes is not None) != (tuple(y) in three) for y in every)
        law = "functions of 3 bits of which planes and products of threshold functions tell another answer"
        result.checks.append(Check.within(law, wrong, 0.0, 0.0, source="all 256 functions"))
        result.estimates |= {
            f"three_node_functions/{n}": Estimate(len(three_node.three_node_functions(n))) for n in COUNTS
        }

    def solved(self, key: Any, n: int, result: Result) -> tuple[float, float, float]:
        """Share of families with a split, programs of those without one, share of the split ones that descent fits."""
        rng = np.random.default_rng(np.asarray(jax.random.key_data(key)))
        families = [[rng.choice(n, SIZE, replace=False) for _ in range(round(self.density * n))]
                    for _ in range(self.families)]  # fmt: skip
        examples = [three_node.set_splitting_examples(family, n) for family in families]
        has = np.array([next(three_node.splits(family, n), None) is not None for family in families])
        fits = [three_node.fit_three_nodes(*one) for one in examples]
        disagree = sum((fit.planes is not None) != split for fit, split in zip(fits, has, strict=True))
        broken = sum(
            not is_split(fit, family, n) for fit, family in zip(fits, families, strict=True) if fit.planes is not None
        )
        X, y = (np.stack(part) for part in zip(*examples, strict=True))
        descended = np.asarray(descend(key, jnp.asarray(X), jnp.asarray(y), self.starts, self.steps))
        counts = {"families of which planes and splits tell another answer": disagree,
                  "fitted networks whose first plane shows no split": broken,
                  "families without a split that descent fits": int((descended & ~has).sum())}  # fmt: skip
        result.checks += [
            Check.within(f"{law}, {n} elements", found, 0.0, 0.0, source=BLUM) for law, found in counts.items()
        ]
        programs = [fit.programs for fit, split in zip(fits, has, strict=True) if not split]
        share = float(descended[has].mean()) if has.any() else float("nan")
        most = float(np.mean(programs)) if programs else float(max(fit.programs for fit in fits))
        result.estimates |= {f"split_share/n={n}": Estimate(float(has.mean())), f"descent_share/n={n}": Estimate(share)}
        return float(has.mean()), most, share


def is_split(fit: three_node.ThreeNodes, family: list[np.ndarray], n: int) -> bool:
    """Whether the elements cut off by the first plane split every subset of the family."""
    assert fit.planes is not None
    cut = fit.planes[0, :-1] + fit.planes[0, -1] < 0
    return all(0 < cut[one].sum() < len(one) for one in family)


@partial(jax.jit, static_argnames=("starts", "steps"))
def descend(
    key, X: Float[Array, "family k n"], y: Bool[Array, "family k"], starts: int, steps: int
) -> Bool[Array, " family"]:
    """Whether one of the starts fits all examples: Adam on -ln likelihood of σ(x·w1 + b1) σ(x·w2 + b2)."""
    optimizer = optax.adam(0.05)

    def one(key, X, y):
        inputs = jnp.concatenate([X, jnp.ones((len(X), 1))], axis=1)

        def loss(w):
            log_p = jax.nn.log_sigmoid(inputs @ w.T).sum(axis=1)
            return -jnp.where(y, log_p, jnp.log(-jnp.expm1(jnp.minimum(log_p, -1e-7)))).mean()

        def step(carry, _):
            w, state = carry
            change, state = optimizer.update(jax.grad(loss)(w), state)
            return (w + change, state), None

        w = jax.random.normal(key, (2, inputs.shape[1]))
        w = jax.lax.scan(step, (w, optimizer.init(w)), length=steps)[0][0]
        return jnp.all((inputs @ w.T > 0).all(axis=1) == y)

    keys = jax.random.split(key, (len(X), starts))
    return jax.vmap(lambda k, X, y: jax.vmap(one, (0, None, None))(k, X, y).any())(keys, X, y)
