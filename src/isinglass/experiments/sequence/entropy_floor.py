# SPDX-License-Identifier: Apache-2.0
"""Small transformers beside sources of known entropy: to the floor, chains learned in context, the floor by a fit."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from scipy.special import entr

from isinglass.errors import InputError
from isinglass.exact.sequence import dirichlet_chain, hidden_markov, markov_chain
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.experiments.sequence.data_curve import data_curve
from isinglass.experiments.sequence.predictor import (
    SymbolLosses,
    causal,
    floor_checks,
    measured,
    over_sequences,
    trained_transformer,
)
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.systems.sequence.dirichlet_chains import DirichletChains
from isinglass.systems.sequence.hidden_markov_source import HiddenMarkovSource
from isinglass.systems.sequence.markov_source import MarkovSource
from isinglass.systems.sequence.source import AbstractSource
from isinglass.verbs import infer

__all__ = ["EntropyFloor", "KnownEntropy", "known_sources"]

SHANNON = "Cover & Thomas, Elements of Information Theory, ch. 4"
BAYES = "Dirichlet-multinomial, exactly over all counts; arXiv:2402.11004"
CLOSE = 0.02  # relative, of the loss of every symbol in context
SHARE = 0.9  # of what pairs tell beyond single symbols
LARGEST = 40  # symbols of a sequence in context
FIT_CLOSE = 0.01


class KnownEntropy(NamedTuple):
    """A source with its entropy in nats for each symbol of a sequence."""

    source: AbstractSource
    entropy: np.ndarray  # H(x_t | x_1 ... x_(t-1)), t = 1 ... N
    rate: Estimate  # N -> ∞, between bounds


def known_sources(length: int) -> dict[str, KnownEntropy]:
    """A chain of two symbols, one of four, and two states seen through noise."""
    P = np.array([[0.9, 0.1], [0.3, 0.7]])
    cyclic = np.array([0.05, 0.7, 0.2, 0.05])
    four = np.stack([np.roll(cyclic, i) for i in range(4)])
    four[0] = [0.4, 0.3, 0.2, 0.1]  # not uniform
    A, B = np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([[0.9, 0.1], [0.2, 0.8]])
    low, high = hidden_markov.entropy_bounds(A, B, 16)
    hidden = np.diff(hidden_markov.block_entropies(A, B, min(length, 16)), prepend=0.0)
    hidden = np.append(hidden, np.full(max(length - 16, 0), (low + high) / 2))
    chains = {name: KnownEntropy(MarkovSource(P), of_chain(P, length), Estimate(markov_chain.entropy_rate(P), 0.0))
              for name, P in (("two symbols", P), ("four symbols", four))}  # fmt: skip
    return chains | {
        "hidden": KnownEntropy(HiddenMarkovSource(A, B), hidden, Estimate((low + high) / 2, (high - low) / 2))
    }


def of_chain(P: np.ndarray, length: int) -> np.ndarray:
    """H(π), then the rate."""
    first = entr(markov_chain.stationary_distribution(P)).sum()
    return np.append(first, np.full(length - 1, markov_chain.entropy_rate(P)))


@dataclass(frozen=True)
class EntropyFloor(AbstractExperiment):
    """A causal transformer predicts symbols; no predictor has a loss below the entropy of the source."""

    name: ClassVar[str] = "entropy-floor"
    task: ClassVar[str] = "approximate"
    summary: ClassVar[str] = "small transformers: loss down to the entropy, chains learned in context"
    rows: ClassVar[tuple[int, ...]] = (123, 124)
    paper: ClassVar[str] = "Shannon 1948, doi:10.1002/j.1538-7305.1948.tb01338.x; Edelman et al. 2024, arXiv:2402.11004"
    claim: ClassVar[str] = (
        "on new sequences the loss is within 0.5 % of the entropy rate of Markov chains and a hidden one, and not "
        "below; in context it is within 2 % of the Bayes predictor at every symbol, pairs counted and not single "
        "symbols, better with two layers than with one; the floor that a scaling fit tells from few data is the "
        "entropy, within 1 % and three errors"
    )
    guide: ClassVar[str] = "docs/sequences.md"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"sources": ("two symbols",), "steps": 200, "context_length": 16, "context_steps": 600,
                  "single_layer": False, "sequences": (), "test": 4000},
        "laptop": {},
        "paper": {"length": 64, "width": 64, "layers": 2, "steps": 4000, "batch": 256, "context_steps": 20_000,
                  "context_width": 64, "context_length": 40, "repeats": 10},
    }  # fmt: skip

    sources: tuple[str, ...] = ("two symbols", "four symbols", "hidden")
    """Sources: chains of two and of four symbols, and a hidden chain."""
    length: int = 16
    """Symbols N of a sequence."""
    width: int = 16
    """Width of their transformers."""
    layers: int = 1
    """Their layers."""
    steps: int = 1000
    """Steps of training, each on new sequences."""
    batch: int = 64
    """Sequences of a step."""
    test: int = 8000
    """Sequences of the test."""
    context_length: int = 32
    """Symbols of a sequence of a chain that is not known beforehand."""
    context_width: int = 32
    """Width of the transformer of two layers that learns them in context."""
    context_steps: int = 2000
    """Steps of its training."""
    single_layer: bool = True
    """Beside it one of a single layer, for which pairs are hard."""
    sequences: tuple[int, ...] = (8, 16, 32, 64, 128, 256, 512, 1024)
    """Numbers of training sequences of the data curve; none: no curve."""
    repeats: int = 4
    """Runs of each."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Train on every source, then in context, then on few data.

        Errors: InputError for unknown sources and sequences whose floor is not enumerated.
        """
        self.check_request()
        known = known_sources(self.length)
        total = len(self.sources) + 2 + self.single_layer
        told: dict[str, Estimate] = {}
        checks: list[Check] = []
        arrays: dict[str, Any] = {}
        models: dict[str, Any] = {}
        by_symbol: dict[str, np.ndarray] = {}
        for i, name in enumerate(self.sources):
            progress(i, total, name)
            models[name] = self.trained(jax.random.fold_in(key, i), known[name].source, progress)
            key_test = jax.random.fold_in(key, 100 + i)
            more, claims = self.at_the_floor(key_test, name, known[name], models[name], by_symbol)
            told, checks = told | more, checks + claims
        floors, losses = np.stack(list(by_symbol.values()), axis=1)
        arrays |= {"source": list(by_symbol), "symbol": np.arange(1, self.length + 1),
                   "source_floor": (("source", "symbol"), floors),
                   "source_loss": (("source", "symbol"), losses)}  # fmt: skip
        more, claims = self.in_context(jax.random.fold_in(key, 50), progress, arrays, models)
        told, checks = told | more, checks + claims
        notes = []
        if self.sequences:
            progress(total - 1, total, "few data")
            more, claims, said = self.by_data(jax.random.fold_in(key, 60), known["two symbols"], arrays)
            told, checks, notes = told | more, checks + claims, said
        figures = ["context_loss", *(["data_floor"] if self.sequences else [])]
        return Result(self.name, estimates=told, checks=checks, arrays=xr.Dataset(arrays), settings=asdict(self),
                      models={f"transformer/{name}": model for name, model in models.items()}, notes=notes,
                      figures=["symbol_loss", *figures])  # fmt: skip

    def check_request(self) -> None:
        """What is known exactly."""
        names = list(known_sources(2))
        if unknown := [name for name in self.sources if name not in names]:
            raise InputError(f"sources among {', '.join(names)}", ", ".join(unknown), "choose of these")
        if not self.sources:
            raise InputError("a source or more", "none", f"choose of {', '.join(names)}")
        if self.length < 4 or not 4 <= self.context_length <= LARGEST:  # noqa: PLR2004
            found = f"{self.length} and {self.context_length}"
            raise InputError(f"sequences of 4 symbols or more, in context at most {LARGEST}", found, "choose others")
        if self.width % 4 or self.context_width % 4:
            raise InputError("widths that four heads divide", f"{self.width}, {self.context_width}", "try 16 and 32")
        if self.test < 100:  # noqa: PLR2004
            raise InputError("100 test sequences or more", str(self.test), "choose more: errors are over sequences")

    def trained(self, key, source: AbstractSource, progress) -> Any:
        """The transformer of one source."""
        return trained_transformer(key, source, self.length, width=self.width, layers=self.layers, steps=self.steps,
                                   batch=self.batch).model  # fmt: skip

    def at_the_floor(
        self, key, name: str, known: KnownEntropy, model, by_symbol
    ) -> tuple[dict[str, Estimate], list[Check]]:
        """Loss by symbols and its floor; of the second half of them beside the entropy rate."""
        x = known.source.samples(key, self.test, self.length)
        found, word = measured(model, known.source, x), name.replace(" ", "_")
        half = self.length // 2
        floor, excess = float(known.entropy[half:].mean()), found.excess(half)
        loss = Estimate(floor + excess.value, excess.error, "nat")
        by_symbol[name] = np.stack([known.entropy, known.entropy + (found.loss - found.surprisal).mean(axis=0)])
        told = {f"entropy_rate/{word}": Estimate(known.rate.value, known.rate.error, "nat"), f"loss/{word}": loss,
                f"excess/{word}": Estimate(excess.value, excess.error, "nat")}  # fmt: skip
        surprisal = over_sequences(found.surprisal[:, half:])
        return told, [*floor_checks(name, f"loss/{word}", floor, excess, surprisal, SHANNON),
                      causal(model, x[:2], name)]  # fmt: skip

    def in_context(self, key, progress, arrays, models) -> tuple[dict[str, Estimate], list[Check]]:
        """Chains from Dirichlet rows: beside the Bayes predictor, and beside that of single symbols."""
        source, N = DirichletChains(2), self.context_length
        floor, total = dirichlet_chain.bayes_losses(N, 2), len(self.sources) + 2 + self.single_layer
        key_train, key_single, key_test = jax.random.split(key, 3)
        x = source.samples(key_test, self.test, N)
        bayes = jax.vmap(lambda x: dirichlet_chain.predictions(x, 2))(x)
        single = jax.vmap(lambda x: dirichlet_chain.single_symbol_predictions(x, 2))(x)
        fit = lambda key, layers: trained_transformer(key, source, N, width=self.context_width, layers=layers,  # noqa: E731
                                                      steps=self.context_steps, batch=self.batch).model  # fmt: skip
        progress(len(self.sources), total, "in context")
        models["context"] = model = fit(key_train, 2)
        found = measured(model, source, x, bayes)
        excess, of_single = found.excess(1), np.asarray((bayes * jnp.log(bayes / single)).sum(axis=2))
        told = self.context_estimates(floor, found, of_single)
        arrays |= context_arrays(floor, found, of_single)
        surprisal = over_sequences(found.surprisal[:, 1:])
        mean = float(floor[1:].mean())
        checks = [*floor_checks("in context", "loss/context", mean, excess, surprisal, BAYES),
                  worst_symbol(floor, found), induction(told["pair_share"]),
                  causal(model, x[:2], "in context")]  # fmt: skip
        if self.single_layer:
            progress(len(self.sources) + 1, total, "in context, one layer")
            one = measured(fit(key_single, 1), source, x, bayes).excess(1)
            told["excess/context_one_layer"] = Estimate(one.value, one.error, "nat")
            less = Estimate(one.value - excess.value, float(np.hypot(one.error or 0.0, excess.error or 0.0)), "nat")
            told["gain/second_layer"] = less
            checks.append(Check.at_least("excess of one layer less that of two, in context", less.value, 0.0,
                                         error=less.error, source="arXiv:2402.11004", of="gain/second_layer")
                          .resolved())  # fmt: skip
        return told, checks

    def context_estimates(self, floor, found: SymbolLosses, of_single) -> dict[str, Estimate]:
        """Losses, and the share of what pairs tell beyond single symbols that the transformer uses."""
        excess, mean = found.excess(1), float(floor[1:].mean())
        left, lost = over_sequences(found.divergence[:, 1:]), over_sequences(of_single[:, 1:])
        error = float(np.hypot(left.error or 0.0, (lost.error or 0.0) * left.value / lost.value) / lost.value)
        return {"bayes_loss/context": Estimate(mean, 0.0, "nat"),
                "loss/context": Estimate(mean + excess.value, excess.error, "nat"),
                "excess/context": Estimate(left.value, left.error, "nat"),
                "single_symbol_excess/context": Estimate(lost.value, lost.error, "nat"),
                "pair_share": Estimate(1 - left.value / lost.value, error)}  # fmt: skip

    def by_data(self, key, known: KnownEntropy, arrays) -> tuple[dict[str, Estimate], list[Check], list[str]]:
        """The floor of a fit L = E + B/D^β beside the entropy."""
        key_runs, key_fit = jax.random.split(key)
        floor = float(known.entropy.mean())
        runs = data_curve(key_runs, known.source, floor, self.sequences, self.repeats, length=self.length,
                          width=self.width, steps=600)  # fmt: skip
        found = infer(key_fit, runs, progress=False)
        E, beta = found.estimates["irreducible_loss"], found.estimates["exponent/tokens"]
        arrays |= {"run_loss": ("run", runs.loss), "run_symbols": ("run", runs.tokens), "run_floor": floor,
                   "fit_loss": E.value, "fit_error": E.error or np.nan, "fit_exponent": beta.value,
                   "fit_coefficient": found.estimates["coefficient/tokens"].value}  # fmt: skip
        told = {"irreducible_loss": Estimate(E.value, E.error, "nat"), "exponent/symbols": beta,
                "entropy_per_symbol": Estimate(floor, 0.0, "nat")}  # fmt: skip
        check = Check.within("irreducible loss of the scaling fit and the entropy of a symbol", E.value, floor,
                             max(3 * (E.error or 0.0), FIT_CLOSE * floor), error=E.error, source=SHANNON,
                             of="irreducible_loss").resolved()  # fmt: skip
        return told, [check], found.notes


def worst_symbol(floor: np.ndarray, found: SymbolLosses) -> Check:
    """KL to the Bayes predictor by its loss, the largest over symbols."""
    share = found.divergence.mean(axis=0) / floor
    error = found.divergence.std(axis=0, ddof=1) / len(found.loss) ** 0.5 / floor
    t = int(share.argmax())
    law = f"excess over the Bayes predictor at any symbol, relative (largest at symbol {t + 1})"
    return Check.at_most(law, share[t], CLOSE, error=error[t], source=BAYES).resolved()


def induction(share: Estimate) -> Check:
    """What followed the same symbol before is used, not only which symbols were there."""
    law = "share of what pairs of symbols tell beyond single ones that is used"
    return Check.at_least(law, share.value, SHARE, error=share.error, source=BAYES, of="pair_share").resolved()


def context_arrays(floor, found: SymbolLosses, of_single) -> dict[str, Any]:
    """By the number of the symbol."""
    by = lambda a: ("context_symbol", a)  # noqa: E731
    return {"context_symbol": np.arange(1, len(floor) + 1), "context_floor": by(floor),
            "context_loss": by(floor + found.divergence.mean(axis=0)),
            "single_symbol_loss": by(floor + of_single.mean(axis=0)),
            "known_rate": dirichlet_chain.true_rate(2)}  # fmt: skip
