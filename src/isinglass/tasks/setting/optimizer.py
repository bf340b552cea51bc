# SPDX-License-Identifier: Apache-2.0
"""What may be given as an optimizer and as a sampler of a neural state: a word, or an object of one's own."""

from typing import TYPE_CHECKING, Any

from isinglass import approximation
from isinglass.errors import InputError
from isinglass.tasks.task import described

if TYPE_CHECKING:
    import optax

    from isinglass.approximation.variational.born_sampling import AbstractBornSampler
    from isinglass.approximation.variational.markov_chain import AbstractMove
    from isinglass.approximation.variational.update_rule import AbstractOptimizer

    Optimizer = str | AbstractOptimizer | optax.GradientTransformation | None
    Sampler = str | AbstractBornSampler | AbstractMove | None
else:
    Optimizer = Sampler = Any

__all__ = ["Optimizer", "Sampler", "born_sampler", "optimizer_words", "sampler_words", "update_rule"]


def optimizer_words() -> list[str]:
    """auto; natural gradients: sr, minsr, spring, heavy-ball; plain ones: adam, sgd."""
    return ["auto", "sr", "minsr", "spring", "heavy-ball", "adam", "sgd"]


def sampler_words() -> list[str]:
    """auto; Markov chains by their moves: local, exchange, hop, hamiltonian, tempered; direct; full-sum."""
    return ["auto", "local", "exchange", "hop", "hamiltonian", "tempered", "direct", "full-sum"]


def update_rule(given: Any, rate: float | None, shift: float | None) -> Any:
    """A word as it is, else an optimizer; a transformation of optax becomes one.

    Errors: InputError for anything else, or for a rate beside an object that has its own.
    """
    rule = approximation.variational.update_rule
    if given is None or isinstance(given, str):
        return given or "auto"
    if hasattr(given, "init") and hasattr(given, "update") and isinstance(given, tuple):
        require_gradient_alone(given)
        given = rule.GradientDescent(given)
    if not isinstance(given, rule.AbstractOptimizer):
        expected = "for optimizer a word, an AbstractOptimizer, or a GradientTransformation of optax"
        raise InputError(expected, described(given), "write optimizer='adam', for example")
    if rate is not None or shift is not None:
        raise InputError("rate and shift, or an optimizer of your own", "both", "give them to the optimizer")
    return given


def require_gradient_alone(transformation: Any) -> None:
    """Errors: InputError for a transformation that needs the parameters, as weight decay does, or that fails."""
    import jax.numpy as jnp

    theta = jnp.zeros(2)
    try:
        transformation.update(theta, transformation.init(theta))
    except Exception as error:  # whatever a transformation may raise
        why = (str(error).splitlines() or [""])[0][:120] or type(error).__name__
        expected = "a transformation of optax that needs gradients alone"
        raise InputError(expected, f"one that raises: {why}", "use one without weight decay") from error


def born_sampler(name: str, given: Any) -> Any:
    """A word, a sampler or a move as it is.

    Errors: InputError for anything else.
    """
    methods = approximation.variational
    kinds = (methods.born_sampling.AbstractBornSampler, methods.markov_chain.AbstractMove)
    if given is None or isinstance(given, str):
        return given or "auto"
    if not isinstance(given, kinds):
        expected = f"for {name} a word, an AbstractBornSampler, or an AbstractMove"
        raise InputError(expected, described(given), "derive it from one of these classes")
    return given
