# SPDX-License-Identifier: Apache-2.0
"""Whether a function is a simulator of JAX: traced, pure, and one array of real numbers."""

import re
from collections.abc import Callable
from typing import Any

import jax
import numpy as np
from jaxtyping import Key

from isinglass.errors import InputError

__all__ = ["traced"]

WRAP = "write it with jax.numpy, or wrap a function of NumPy: isinglass.systems.simulator.PythonSimulator(simulate), "
WRAP += "called as simulate(rng, theta)"


def theta_of(theta: Any) -> str:
    """What theta is, in words."""
    shape = getattr(theta, "shape", ())
    return f"theta an array of shape {list(shape)} in the order of the prior" if shape else "theta a number"


def traced(simulate: Callable, key: Key[Any, ""], theta: Any) -> jax.ShapeDtypeStruct:
    """The shape of simulate(key, θ).

    Errors: InputError for a function that JAX cannot trace, that draws its noise from elsewhere, or that does not
    return one array of real numbers.
    """
    simulate = getattr(simulate, "__wrapped__") if isinstance(simulate, jax.stages.Wrapped) else simulate  # noqa: B009
    try:
        first, made = jax.make_jaxpr(lambda *given: simulate(*given), return_shape=True)(key, theta)
    except (jax.errors.JAXTypeError, TypeError, AttributeError) as error:
        found = str(error).splitlines()[0][:200]
        raise InputError(f"simulate(key, theta), a function of JAX, {theta_of(theta)}", found, WRAP) from error
    if not hasattr(made, "shape") or made.dtype.kind not in "biuf":
        raise InputError("a simulator that returns one array of real numbers", str(made)[:100], "join what it returns")
    again = jax.make_jaxpr(lambda *given: simulate(*given))(key, theta)  # another function, which JAX has not kept
    if program_text(first) != program_text(again):
        found = "one whose program changes from call to call: its noise is not that of the key"
        raise InputError("a simulator that draws from jax.random with its key", found, WRAP)
    return made


def program_text(program: Any) -> list[Any]:
    """The operations with their constants, without addresses."""
    text = re.sub(r"0x[0-9a-f]+", "", str(program.jaxpr))
    return [text, *(np.asarray(c).tobytes() for c in program.consts if not is_key(c))]


def is_key(constant: Any) -> bool:
    """Random keys have no bytes."""
    return jax.numpy.issubdtype(getattr(constant, "dtype", float), jax.dtypes.prng_key)
