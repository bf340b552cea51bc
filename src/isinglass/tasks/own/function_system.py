# SPDX-License-Identifier: Apache-2.0
"""A user's function, start and constraints as a system; each is tried once, so that what cannot work is one line."""

from collections.abc import Callable, Mapping
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from isinglass.errors import InputError
from isinglass.systems.constraint import AbstractConstraint, constraint_of
from isinglass.systems.own_energy import OwnEnergy, well_width
from isinglass.tasks.task import described

__all__ = ["function_system", "rows_of_starts"]

TRACE = (
    jax.errors.TracerArrayConversionError,
    jax.errors.TracerBoolConversionError,
    jax.errors.TracerIntegerConversionError,
    jax.errors.ConcretizationTypeError,
    jax.errors.UnexpectedTracerError,
)
TRIES = 32  # starts at which energy and gradient are tried


def function_system(
    function: Callable, start: Any, constraints: Any, modes: Any, temperature: float, *, gradient: bool
) -> OwnEnergy:
    """The system of E(x), checked.

    Errors: InputError for a start that is none or outside of the support, constraints that do not fit, a function that
    JAX cannot trace, that is not one real number, or has no gradient (where `gradient`).
    """
    random = start if callable(start) else None
    first = start if random is None else called(random)
    x = as_configuration(first, "start")
    leaves, tree = jax.tree.flatten(x)
    names = names_of(x)
    given = [constraint_of(one, leaf.shape, name)
             for one, leaf, name in zip(said_of(constraints, tree, names), leaves, names, strict=True)]  # fmt: skip
    held = [x, *(as_like(one, tree, leaves) for one in modes_of(modes))]
    for one in held:
        check_inside(given, jax.tree.leaves(one), names)
    numbers, rule = eqx.partition(function, eqx.is_array)
    rule = rule if is_hashable(rule) else lambda x: function(x)
    blank, beta = jnp.zeros((1, 1)), jnp.asarray(1.0 / temperature)
    system = OwnEnergy(
        beta=beta, T=jnp.asarray(temperature, float), numbers=numbers, constraints=tuple(given), starts=blank,
        width=blank[0], rule=rule, tree=tree, names=tuple(names), random=random,
    )  # fmt: skip
    if not sum(system.shape):
        raise InputError("a start with one number or more", "none", "start from a configuration")
    starts = jnp.stack([system.free(one) for one in held])
    system = eqx.tree_at(lambda s: (s.starts, s.width), system, (starts, jnp.ones(system.shape)))
    check_energy(function, x, system, held)
    if random is None and gradient:
        system = eqx.tree_at(lambda s: s.width, system, well_width(system))
    check_starts(system, gradient=gradient)
    return system


def rows_of_starts(function: Callable, start: Any, modes: Any) -> tuple[Any, Any, list[str]]:
    """Start, modes and notes: rows [k, d] of which the function takes one at a time are k starts."""
    if not isinstance(start, np.ndarray | jax.Array) or start.ndim != 2 or not len(start):
        return start, modes, []
    k, d = start.shape
    whole, row = (is_energy(function, x) for x in (start, start[0]))
    if row and not whole:
        return start[0], [*start, *modes_of(modes)], []
    told = f"The start of shape [{k}, {d}] was taken as one configuration of {k * d} numbers; for {k} starts of {d} "
    return start, modes, [f"{told}numbers, write start=x[0], modes=x."] if row else []


def is_energy(function: Callable, x: Any) -> bool:
    """Whether it is one real number of x."""
    try:
        found = eqx.filter_eval_shape(function, jnp.asarray(x, float))
    except Exception:  # whatever a user's function may raise
        return False
    return getattr(found, "shape", None) == () and jnp.issubdtype(getattr(found, "dtype", int), jnp.floating)


def called(random: Callable) -> Any:
    """A start from a function of a key.  Errors: InputError where it cannot be had."""
    try:
        return random(jax.random.key(0))
    except Exception as error:  # whatever a user's function may raise
        fix = "write start=lambda key: jax.random.normal(key, (3,))"
        raise InputError("start as a function of a JAX key", said(error), fix) from None


def as_configuration(given: Any, name: str) -> Any:
    """A tree of real arrays, in double precision.  Errors: InputError for anything else."""
    if given is None or not jax.tree.leaves(given):
        found = "none" if given is None else described(given)
        raise InputError(f"a {name}, one configuration x of the energy E(x)", found, "write start=jnp.zeros(3)")
    try:
        leaves = [np.asarray(leaf) for leaf in jax.tree.leaves(given)]
    except Exception as error:  # whatever a user's class may raise
        raise InputError(f"a {name} of numbers", said(error), "give an array, or a dict of arrays") from None
    for leaf in leaves:
        if leaf.dtype.kind not in "biuf":
            raise InputError(f"a {name} of real numbers", f"{leaf.dtype}", "give an array of floats")
    is_numbers = isinstance(given, list) and all(isinstance(one, int | float) for one in given)
    if is_numbers:  # [0.0, 0.0] is a vector
        return np.asarray(given, float)
    return jax.tree.unflatten(jax.tree.structure(given), [leaf.astype(float) for leaf in leaves])


def names_of(x: Any) -> list[str]:
    """Names of the arrays in a configuration: x, or the keys that lead to it."""
    word = lambda step: str(next(getattr(step, a) for a in ("key", "idx", "name") if hasattr(step, a)))  # noqa: E731
    paths = [path for path, _ in jax.tree_util.tree_flatten_with_path(x)[0]]
    return ["_".join(word(step) for step in path) if path else "x" for path in paths]


def said_of(constraints: Any, tree: Any, names: list[str]) -> list[Any]:
    """The constraint of each array.  Errors: InputError for a name that no array has."""
    if names == ["x"] and not isinstance(constraints, Mapping):
        return [constraints]
    if constraints is None:
        return [None] * len(names)
    if not isinstance(constraints, Mapping):
        raise InputError(f"constraints by name, for {', '.join(names)}", described(constraints),
                         f"write {{'{names[0]}': 'positive'}}")  # fmt: skip
    if wrong := [str(name) for name in constraints if str(name) not in names]:
        raise InputError(f"constraints of {', '.join(names)}", f"of {', '.join(wrong)}", "use these names")
    return [{str(k): v for k, v in constraints.items()}.get(name) for name in names]


def modes_of(modes: Any) -> list[Any]:
    """Configurations one by one, of a list or of an array with one in a row."""
    if modes is None:
        return []
    if not isinstance(modes, list | tuple | np.ndarray | jax.Array) or not np.ndim(modes) and not len(modes):
        raise InputError("modes as a list of configurations", described(modes), "write modes=[x0, x1]")
    return list(modes)


def as_like(one: Any, tree: Any, leaves: list[Any]) -> Any:
    """A mode in the structure of the start.  Errors: InputError for another one."""
    x = as_configuration(one, "mode")
    shapes = [leaf.shape for leaf in jax.tree.leaves(x)]
    if jax.tree.structure(x) != tree or shapes != [leaf.shape for leaf in leaves]:
        wanted = ", ".join(str(list(leaf.shape)) for leaf in leaves)
        raise InputError(f"modes like the start, of shape {wanted}", ", ".join(str(list(s)) for s in shapes) or "none",
                         "give one configuration for each mode")  # fmt: skip
    return x


def check_inside(constraints: list[AbstractConstraint], leaves: list[Any], names: list[str]) -> None:
    """Errors: InputError for a start that is not in the range of its constraint."""
    for c, leaf, name in zip(constraints, leaves, names, strict=True):
        if not c.inside(np.asarray(leaf)):
            shown = np.array2string(np.asarray(leaf).reshape(-1)[:4], precision=4).strip("[]")
            word = {"Free": "real numbers", "Interval": "between low and high"}.get(type(c).__name__, type(c).__name__)
            raise InputError(f"a start of {name} inside its range ({word})", shown, "start within it")


def check_energy(function: Callable, x: Any, system: OwnEnergy, held: list[Any]) -> None:
    """Errors: InputError for a function that JAX cannot trace, is not one real number, or not finite at a start."""
    wide = jax.tree.map(jnp.asarray, x)
    try:
        found = eqx.filter_eval_shape(function, wide)
    except TRACE as error:
        fix = "write it with jax.numpy (jnp.exp in place of math.exp and np.exp, jnp.where in place of if)"
        raise InputError("an energy that JAX can trace and differentiate", type(error).__name__, fix) from None
    except Exception as error:  # whatever a user's function may raise
        shapes = ", ".join(str(list(np.shape(leaf))) for leaf in jax.tree.leaves(x))
        fix = "change the function, or start from a configuration as it expects"
        raise InputError(f"an energy of one configuration like the start {shapes}", said(error), fix) from None
    dtype, shape = getattr(found, "dtype", None), getattr(found, "shape", None)
    if shape != () or dtype is None or not jnp.issubdtype(dtype, jnp.floating):
        shown = type(found).__name__ if shape is None else f"{dtype}{list(shape)}"
        raise InputError("an energy that is one real number, -ln p but for a constant", shown, "sum over the entries")
    for one in held:
        E = float(system.own_energy(system.free(one)))
        if not np.isfinite(E):
            fix = "start where p > 0, or keep x in its range by constraints='positive', (low, high) or others"
            raise InputError("a finite energy at the start", f"{E}", fix)


def check_starts(system: OwnEnergy, *, gradient: bool) -> None:
    """Errors: InputError where a random start has no finite energy, or hardly any start a finite gradient."""
    keys = jax.random.split(jax.random.key(1), TRIES)
    z = jax.jit(jax.vmap(system.random_configuration))(keys)
    E, slope = jax.jit(jax.vmap(jax.value_and_grad(system.energy)))(z)
    if not (good := np.isfinite(np.asarray(E))).all():
        found = f"nan or inf at {1 - good.mean():.0%} of {TRIES}"
        raise InputError("a finite energy at every start", found, "let start(key) be inside the support")
    lost = 1 - np.isfinite(np.asarray(slope)).all(axis=1).mean()
    if gradient and lost > 0.5:
        fix = "see that jnp.where and sqrt have finite slopes, or say method='random_walk'"
        raise InputError("an energy with a finite gradient", f"nan or inf at {lost:.0%} of {TRIES} starts", fix)


def is_hashable(rule: Any) -> bool:
    """Whether a function can be a key of the programs that are compiled."""
    try:
        hash(rule)
    except TypeError:
        return False
    return True


def said(error: Exception) -> str:
    """An error in a few words."""
    line = (str(error).splitlines() or [""])[0]
    return f"{type(error).__name__}: {line[:90]}".rstrip(": ")
