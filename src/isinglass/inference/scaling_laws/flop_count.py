# SPDX-License-Identifier: Apache-2.0
"""What training costs: C = 6 N D, and the operations of a transformer counted matrix by matrix.

A matrix of N numbers costs 2 N operations for a token forward (a multiplication and an addition each) and twice as many
backward: once for the gradient of its input, once for its own.
Ref: Kaplan et al. 2020, arXiv:2001.08361, section 2.1; Hoffmann et al. 2022, arXiv:2203.15556, appendix F.
"""

from collections.abc import Callable
from math import prod
from typing import Any, NamedTuple, TypeVar

import jax

__all__ = ["FLOP", "TransformerShape", "matrix_flops", "training_compute"]

FLOP = 6.0  # for each parameter and token
Size = TypeVar("Size")


def training_compute(parameters: Size, tokens: Size, flop: float = FLOP) -> Size:
    """C = 6 N D, FLOP.  DeepSeek V3, 37e9 of 671e9 parameters in use and 14.8e12 tokens (arXiv:2412.19437): 3.29e24."""
    return flop * parameters * tokens  # pyright: ignore[reportOperatorIssue]


class TransformerShape(NamedTuple):
    """Causal transformer over T symbols of `tokens` kinds: `nets.autoregressive.CausalTransformer`."""

    layers: int
    width: int
    context: int  # T
    tokens: int
    wide: int = 0  # of the perceptron, 4 width if not given

    @property
    def matrices(self) -> int:
        """Numbers that a token is multiplied by: Q, K, V, output and perceptron of each layer, and the last."""
        w, wide = self.width, self.wide or 4 * self.width
        return self.layers * (4 * w * w + 2 * w * wide) + self.tokens * w

    @property
    def parameters(self) -> int:
        """All numbers: with embeddings, a constant for each place and symbol, gains and biases."""
        w, wide = self.width, self.wide or 4 * self.width
        embeddings = (self.tokens + 1 + self.context) * w
        return self.matrices + embeddings + self.context * self.tokens + self.layers * (2 * w + wide) + w

    def forward_flops(self) -> int:
        """Of one sequence: 2 T matrices + 4 layers T² width, the second of attention: Q K^T and its product with V."""
        T = self.context
        return 2 * T * self.matrices + 4 * self.layers * T * T * self.width

    def training_flops(self, tokens: float = 0) -> float:
        """Forward and backward, three times as many; of so many tokens, or of one sequence."""
        return 3 * self.forward_flops() * (tokens / self.context if tokens else 1)

    @property
    def flop(self) -> float:
        """κ of C = κ N D, N all parameters: give it to `isinglass scaling --flop` in place of 6.

        Law: 6 for width >> T and layers width >> tokens; above it by attention, below it by embeddings.
        """
        return self.training_flops() / self.context / self.parameters


def matrix_flops(function: Callable, *args: Any) -> int:
    """Operations of all matrix products of a function, read from its program: 2 n m k each, as often as loops go round.

    Errors: ValueError for a loop of unknown length.
    """
    return of_program(jax.make_jaxpr(function)(*args).jaxpr)


def of_program(program: Any) -> int:
    """Products, and those of the programs within."""
    total = 0
    for line in program.eqns:
        if line.primitive.name == "dot_general":
            (contracted, _), _ = line.params["dimension_numbers"]
            left = line.invars[0].aval.shape
            total += 2 * prod(line.outvars[0].aval.shape) * prod(left[i] for i in contracted)
        elif line.primitive.name == "while":
            if inner := sum(of_program(line.params[name].jaxpr) for name in ("body_jaxpr", "cond_jaxpr")):
                raise ValueError(f"loops of known length, got one of unknown length with {inner} operations inside.")
        else:
            times = line.params["length"] if line.primitive.name == "scan" else 1
            several = [value if isinstance(value, tuple | list) else [value] for value in line.params.values()]
            inner = [getattr(p, "jaxpr", p) for values in several for p in values if is_program(p)]
            total += times * sum(map(of_program, inner))
    return total


def is_program(value: Any) -> bool:
    """A program within a program, with its constants or without."""
    return hasattr(getattr(value, "jaxpr", value), "eqns")
