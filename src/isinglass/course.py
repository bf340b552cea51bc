# SPDX-License-Identifier: Apache-2.0
"""Exercises that grade themselves, for the notebooks of docs/course."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Exercise", "near"]


def near(expected: float, within: float) -> Callable[[Any], bool]:
    """The law |answer - expected| <= within."""
    return lambda answer: math.isfinite(float(answer)) and abs(float(answer) - expected) <= within


@dataclass
class Exercise:
    """A question whose answer is held against a law, not against a stored answer.

    Called with an answer (`...` as long as there is none) it prints what it thinks of it.  `wrong` are answers that the
    law must refuse: those of the mistakes that are made most often.
    """

    number: int
    law: Callable[[Any], bool]
    hint: str
    wrong: tuple[Any, ...] = field(default=(), repr=False)
    solved: bool = field(default=False, init=False)

    def __call__(self, answer: Any) -> None:
        """Print whether the answer keeps the law; never raise."""
        if answer is ...:
            print(f"Exercise {self.number}: no answer yet.")
            return
        try:
            self.solved, said = bool(self.law(answer)), ""
        except Exception as error:
            self.solved, said = False, f" It could not be tried: {type(error).__name__}: {error}."
        print(f"Exercise {self.number}: " + ("right." if self.solved else f"not yet.{said} Hint: {self.hint}"))
