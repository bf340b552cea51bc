# SPDX-License-Identifier: Apache-2.0
"""32 bit or 64: what is computed in single precision says so."""

from isinglass.errors import InputError

__all__ = ["SINGLE", "is_single", "require_double"]

SINGLE = "computed in 32 bit, for JAX_ENABLE_X64 is off: numbers hold six digits at best; unset it for 64 bit"


def is_single() -> bool:
    """Whether JAX computes in 32 bit."""
    import jax

    return not jax.config.jax_enable_x64  # pyright: ignore[reportAttributeAccessIssue]


def require_double(what: str) -> None:
    """Errors: InputError where JAX computes in 32 bit, in which codes of states and small deviations are lost."""
    if is_single():
        raise InputError(f"64-bit numbers for {what}", "32 bit, for JAX_ENABLE_X64 is off", "unset it, or set it to 1")
