# SPDX-License-Identifier: Apache-2.0
"""Several models of one observation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from isinglass.errors import InputError

__all__ = ["RivalModels"]


@dataclass(frozen=True)
class RivalModels:
    """Simulators, or likelihoods, of which one made the observation: by name, or in order.

        infer(0, RivalModels({"line": line, "curve": curve}), prior={"line": {...}, "curve": {...}}, observation=x)

    `weights`: the probability of each before the observation, up to a factor; equal if not given.
    """

    of: Any
    weights: Any = None

    def named(self) -> dict[str, Any]:
        """The models by name.  Errors: InputError for fewer than two."""
        given = self.of
        if isinstance(given, Sequence) and not isinstance(given, str):
            given = {f"model_{i}": one for i, one in enumerate(given)}
        if not isinstance(given, Mapping) or len(given) < 2:
            found = f"{len(given)}" if isinstance(given, Mapping) else type(given).__name__
            raise InputError("two models or more, by name or in a list", found, 'give {"a": simulator, "b": simulator}')
        return {str(name): one for name, one in given.items()}

    def for_each(self, given: Any, what: str) -> dict[str, Any]:
        """What was given for the models, by their names.  Errors: InputError where it is not one for each."""
        names = list(self.named())
        if isinstance(given, Sequence) and not isinstance(given, str) and len(given) == len(names):
            return dict(zip(names, given, strict=True))
        if not isinstance(given, Mapping) or {str(name) for name in given} != set(names):
            found = ", ".join(map(str, given)) if isinstance(given, Mapping) else type(given).__name__
            raise InputError(f"{what} for {', '.join(names)}", found, "give one for each by its name")
        return {str(name): one for name, one in given.items()}

    def probabilities(self) -> dict[str, float]:
        """Of the models before the observation, of sum 1.  Errors: InputError for what is not positive."""
        if self.weights is None:
            names = list(self.named())
            return dict.fromkeys(names, 1 / len(names))
        found = {name: float(w) for name, w in self.for_each(self.weights, "weights").items()}
        if not all(0 < w < float("inf") for w in found.values()):
            raise InputError("positive weights of the models", f"{list(found.values())}", "leave out what cannot be")
        return {name: w / sum(found.values()) for name, w in found.items()}
