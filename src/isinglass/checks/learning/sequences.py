# SPDX-License-Identifier: Apache-2.0
"""Is a predictor of symbols as good as counting, and is a low loss no leak?"""

import numpy as np
from jaxtyping import Float

from isinglass.result import Check, Estimate

__all__ = [
    "as_good_as_counting",
    "better_than_chance",
    "no_copies",
    "not_below_entropy",
    "same_symbols",
    "steady",
    "varied",
]

SIGMAS = 4.0  # false alarm 3e-5
CLOSE = 0.005  # of the loss
FEWEST = 10  # windows that differ
SOURCE = "Cover & Thomas, Elements of Information Theory, ch. 5"


def as_good_as_counting(gain: Estimate, loss: float, order: int) -> Check:
    """Loss of counting words less that of the predictor, on the same symbols: not below -0.5 % of the loss.

    `unknown` where it is: what counts words knows more, so that the loss is no bound worth having.
    """
    law = f"loss of counting words of {order + 1} symbols less that of the network, by the latter"
    value, error = gain.value / loss, (gain.error or 0.0) / loss
    found = Check.at_least(law, value, 0.0, tolerance=CLOSE + SIGMAS * error, error=error)
    return found.doubted("counting is better: more steps, a wider network, or words are all there is")


def not_below_entropy(loss: Estimate, entropy: float) -> Check:
    """No predictor of new symbols has a loss below the entropy of their source: else something leaks."""
    law = "loss on held-out symbols and the entropy rate given: nothing leaks"
    return Check.at_least(law, loss.value, entropy, tolerance=SIGMAS * (loss.error or 0.0), error=loss.error,
                          source=SOURCE, of="loss")  # fmt: skip


def no_copies(copied: Float[np.ndarray, " n"], expected: Float[np.ndarray, " n"]) -> Check:
    """Share of held-out sequences that are in the training too, and what chance makes of it, 1 - (1 - q(x))^m.

    `fail` above it by four errors: rows are on both sides.  A thousandth and two sequences are let pass.
    """
    n = len(copied)
    measured, chance = float(copied.mean()), float(expected.mean())
    error = max(float((expected * (1 - expected)).sum()) ** 0.5 / n, float((copied - expected).std()) / n**0.5)
    law = "share of held-out sequences that are in the training, and the share by chance"
    return Check.at_most(law, measured, chance, tolerance=SIGMAS * error + 1e-3 + 2 / n, error=error,
                         source="1 - (1 - q(x))^m")  # fmt: skip


def better_than_chance(loss: Estimate, k: int) -> Check:
    """A guess among k symbols has the loss ln k: what exceeds it is no bound worth having, `unknown`."""
    law, error, guess = "loss, and ln k of a guess among k symbols", loss.error or 0.0, float(np.log(k))
    found = Check.at_most(law, loss.value, guess, tolerance=SIGMAS * error + CLOSE * guess, error=error, of="loss")
    return found.doubted("a guess is better: more symbols, or a source that does not change")


def steady(early: Estimate, late: Estimate) -> Check:
    """Losses on the first and the last half of the held-out symbols agree: else the source changes, `unknown`."""
    return unchanged("loss on the later half of the held-out symbols less that on the earlier half", early, late)


def same_symbols(trained: Estimate, held: Estimate) -> Check:
    """Held-out symbols are as frequent as in the training, by -ln of their frequency there: else `unknown`."""
    return unchanged("loss of counting symbols, held-out ones less those of the training", trained, held)


def unchanged(law: str, early: Estimate, late: Estimate) -> Check:
    """Of two parts of one sequence."""
    gap, error = late.value - early.value, float(np.hypot(early.error or 0.0, late.error or 0.0))
    found = Check.within(law, gap, 0.0, SIGMAS * error + CLOSE * early.value, error=error)
    return found.doubted("the source changes, so that no one entropy rate is there")


def varied(different: int) -> Check:
    """Ten windows that differ: else a sequence repeats with the window, and one word was learned by heart."""
    found = Check.at_least("held-out windows that differ, number", float(different), float(FEWEST))
    return found.doubted("the sequence repeats with the window: another context decides")
