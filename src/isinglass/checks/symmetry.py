# SPDX-License-Identifier: Apache-2.0
"""Does a function respect a symmetry?  max over g and x of |f(g x) - g f(x)|; and is it continuous?"""

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Shaped

from isinglass.errors import InputError
from isinglass.result import Check, none_or_float
from isinglass.symmetry.representation import GroupProduct, On, action
from isinglass.symmetry.symmetry import AbstractSymmetry

__all__ = ["Violation", "continuity", "equivariance", "invariance", "measured_violation", "violation"]

TOLERANCE = {4: 1e-4, 8: 1e-9}  # by the bytes of a number: far above round-off, far below what breaks a law
AMPLIFIED = 1e-3  # of the spread of f: round-off that a function makes larger than this hides a violation
HALVINGS = 30

Group = AbstractSymmetry | Sequence[AbstractSymmetry]


def violation(f: Callable, x: Shaped[np.ndarray, "n *site"], actions: Sequence[Callable]) -> float:
    """max_{g, x} |f(g x) - f(x)| for f of one configuration and group elements g: x -> g x."""
    over_x = jax.vmap(f)
    here = over_x(jnp.asarray(x))
    return max(float(jnp.max(jnp.abs(over_x(jax.vmap(g)(jnp.asarray(x))) - here))) for g in actions)


def invariance(
    f: Callable, x: Shaped[np.ndarray, "n *site"], actions: Sequence[Callable], *, name: str, tolerance: float = 1e-5
) -> Check:
    """f(g x) = f(x) to round-off: 1e-5 relative to the largest |f|, right for float32.

    Deterministic: no false alarm but round-off.  Resolution: any violation above the tolerance on the given x.
    """
    scale = max(1.0, float(jnp.max(jnp.abs(jax.vmap(f)(jnp.asarray(x))))))
    measured = violation(f, x, actions) / scale
    return Check.at_most(f"output is invariant under {name}", measured, 0.0, tolerance=tolerance, source="symmetry")


class Violation(NamedTuple):
    """What |f(g x) - g f(x)| was found to be."""

    relative: float  # by the spread of f
    scale: float  # that spread: the root mean square of f, of a scalar about its mean
    round_off: float  # what the last digit of x changes, relative
    repeated: float  # what f changes when it is called again, relative
    width: int  # bytes of a number that f returns


def equivariance(
    f: Callable, group: Group, x: Any, *, output: On = "scalar", inputs: str | Sequence[On] = "same",
    elements: int = 16, tolerance: float | None = None, seed: int = 0, name: str = "",
) -> Check:  # fmt: skip
    """f(g x) = g f(x) for `elements` random g of the group at each x, for any function, of JAX or not.

        checks.equivariance(energy, Euclidean(3), x)                            x [n, atoms, 3]
        checks.equivariance(forces, Euclidean(3), x, output="vector")
        checks.equivariance(forces, (Euclidean(3), Permutation(5)), x, output=("vector", "same"))
        checks.equivariance(energy, Permutation(5), (h, bonds), inputs=("same", "pair"))

    `output`, `inputs`: how g acts on f(x) and on each argument: "scalar", "same", a word of the group, or an action; of
    several groups also a tuple, one for each.
    Deterministic given `seed`: no false alarm but round-off, which is measured.  Resolution: any violation above the
    tolerance at the given x and g.  `unknown` where f differs from call to call, is not finite, or amplifies round-off.
    """
    found = measured_violation(f, group, x, output=output, inputs=inputs, elements=elements, seed=seed)
    allowed = TOLERANCE[found.width] if tolerance is None else tolerance
    law = f"f(g x) = g f(x) under {name or described(group)} (largest violation, by the spread of f)"
    why = undecided(found, allowed)
    if why:
        measured = none_or_float(found.relative)
        return Check(f"{law}; {why}", measured, 0.0, allowed, "unknown", source="symmetry", relation="<=")
    return Check.at_most(law, found.relative, 0.0, tolerance=max(allowed, 16 * found.round_off), source="symmetry")


def undecided(found: Violation, allowed: float) -> str:
    """Why a violation says nothing; empty where it does."""
    if not math.isfinite(found.relative):
        return "f is not finite at these x: give others"
    if found.repeated > allowed:
        return "f differs from call to call: fix its random numbers"
    if found.round_off > AMPLIFIED:
        return "f changes with the last digit of x: give x of double precision"
    return ""


def described(group: Group) -> str:
    """The name of a group."""
    return " and ".join(type(one).__name__ for one in group) if isinstance(group, Sequence) else type(group).__name__


def measured_violation(
    f: Callable, group: Group, x: Any, *, output: On = "scalar", inputs: str | Sequence[On] = "same",
    elements: int = 16, seed: int = 0,
) -> Violation:  # fmt: skip
    """As `equivariance` measures it.  `x`: n configurations [n, ...], or a tuple of arrays, n rows each.

    Errors: InputError for no rows, or actions that are not one for each argument.
    """
    whole = GroupProduct(tuple(group)) if isinstance(group, Sequence) else group
    xs = tuple(jnp.asarray(a) for a in (x if isinstance(x, tuple) else (x,)))
    on = (inputs,) * len(xs) if isinstance(inputs, str) else tuple(inputs)
    if len(on) != len(xs) or len({len(a) for a in xs}) != 1 or not len(xs[0]):
        found = f"{len(on)} for arrays of {', '.join(str(len(a)) for a in xs)} rows"
        raise InputError("an action for each argument, and arrays of equally many rows", found, "give x [n, ...]")
    acts, act_out = [action(whole, one) for one in on], action(whole, output)
    over = evaluated(f, xs)
    here, worst = over(xs), 0.0
    for k in jax.random.split(jax.random.key(seed), elements):
        keys = jax.random.split(k, len(xs[0]))
        there = over(tuple(jax.vmap(act.act)(keys, a) for act, a in zip(acts, xs, strict=True)))
        expected = np.asarray(jax.vmap(act_out.act)(keys, jnp.asarray(here)))
        worst = max(worst, largest(there - expected))
    scale = spread(here, scalar=output == "scalar")
    shifted = over(tuple(nudged(seed, a) for a in xs))
    return Violation(worst / scale, scale, largest(shifted - here) / scale, largest(over(xs) - here) / scale,
                     4 if here.dtype.itemsize <= 4 else 8)  # fmt: skip


def evaluated(f: Callable, xs: tuple) -> Callable[[tuple], np.ndarray]:
    """f of every row: as one program where f is of JAX, else row by row."""
    together = jax.jit(jax.vmap(f))
    try:
        together(*xs)
    except (jax.errors.JAXTypeError, TypeError, AttributeError, ValueError) as error:
        each = lambda row: np.asarray(f(*(np.asarray(a) for a in row)))  # noqa: E731
        try:
            each([a[0] for a in xs])
        except Exception:
            raise error from None  # of a function of JAX with a mistake of its own
        return lambda xs: floats(np.stack([each(row) for row in zip(*xs, strict=True)]))
    return lambda xs: floats(np.asarray(together(*xs)))


def floats(y: np.ndarray) -> np.ndarray:
    """Whole numbers and truths as numbers with digits."""
    return y if y.dtype.kind in "fc" else y.astype(float)


def largest(a: np.ndarray) -> float:
    """max |a|; NaN and infinity count as infinite."""
    return float(np.abs(a).max()) if np.isfinite(a).all() else math.inf


def spread(y: np.ndarray, *, scalar: bool) -> float:
    """√⟨|y|²⟩ of fields and vectors, of several scalars about their mean; never below 1e-12 of max |y|."""
    about = y - y.mean(axis=0, keepdims=True) if scalar and len(y) > 1 else y
    with np.errstate(over="ignore", invalid="ignore"):
        wide = float(np.sqrt((np.abs(about) ** 2).mean()))
    return max(wide, 1e-12 * float(np.abs(y).max()), 1e-300)


def nudged(seed: int, x: Any) -> Any:
    """x with its last digit changed; whole numbers as they are."""
    if not jnp.issubdtype(x.dtype, jnp.inexact):
        return x
    sign = jax.random.rademacher(jax.random.fold_in(jax.random.key(seed), 1), x.shape, jnp.int8).astype(x.dtype)
    return x + sign * jnp.max(jnp.abs(x)) * jnp.asarray(jnp.finfo(x.dtype).eps, x.dtype)


def continuity(f: Callable, x: Shaped[np.ndarray, "n *site"], *, points: int = 64, tolerance: float = 1e-4) -> Check:
    """No jump of a scalar or an array f along the straight lines from each x to the next.

    Between the two of `points` along a line whose f differ most, the interval is halved 30 times, the half with the
    larger difference kept: a slope leaves 1e-9 of it, a jump stays.
    Deterministic.  Resolution: jumps above the tolerance, by the spread of f, that are the largest change on the grid.
    """
    xs = np.asarray(x, float)
    if len(xs) < 2:
        raise InputError("two configurations or more, to go from one to the next", f"{len(xs)}", "give x [n, ...]")
    over = evaluated(f, (jnp.asarray(xs),))
    of = lambda a, b, s: over((jnp.asarray(a + s.reshape(-1, *(1,) * a.ndim) * (b - a)),))  # noqa: E731
    jump, scale = 0.0, spread(over((jnp.asarray(xs),)), scalar=True)
    for a, b in zip(xs[:-1], xs[1:], strict=True):
        s = np.linspace(0.0, 1.0, points)
        steps = np.abs(np.diff(of(a, b, s), axis=0)).reshape(points - 1, -1).max(axis=1)
        at = int(np.argmax(np.where(np.isfinite(steps), steps, np.inf)))
        low, high = s[at], s[at + 1]
        for _ in range(HALVINGS):
            three = np.array([low, (low + high) / 2, high])
            first, second = np.abs(np.diff(of(a, b, three), axis=0)).reshape(2, -1).max(axis=1)
            low, high = (low, three[1]) if not first < second else (three[1], high)
        jump = max(jump, largest(np.diff(of(a, b, np.array([low, high])), axis=0)))
    law = "f is continuous along lines between configurations (largest jump, by the spread of f)"
    return Check.at_most(law, jump / scale, 0.0, tolerance=tolerance, source="continuity")
