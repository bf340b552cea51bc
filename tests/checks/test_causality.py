# SPDX-License-Identifier: Apache-2.0
"""One bit of a later variable is seen; sums of earlier ones pass."""

import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.checks.causality import causality, dependence

A = jnp.asarray(np.random.default_rng(0).integers(0, 3, (5, 4)))


def logits(leak, at):
    """[N, 3] of sums over earlier variables, and a leak of variable 3 into logit `at`."""

    def of(a):
        earlier = (jnp.cumsum(a) - a).astype(float)
        return jnp.outer(1 + earlier, jnp.arange(3.0)).at[at, 0].add(leak * a[3].astype(float))

    return of


@pytest.mark.parametrize(
    ("leak", "at", "verdict"), [(0.0, 0, "pass"), (1e-300, 1, "fail"), (1e-300, 3, "fail"), (1.0, 0, "fail")]
)
def test_no_bit_of_a_later_variable_is_seen(leak, at, verdict):
    """Tolerance zero: the least number that there is fails; so does a variable that sees itself."""
    check = causality(logits(leak, at), A, 3)
    assert check.verdict == verdict
    assert ("number" in check.law) == (leak > 0)


def test_dependence_is_the_largest_change():
    """Logit 2 of variable i changes by twice the largest change of x_j, 2, for every j < i."""
    np.testing.assert_array_equal(dependence(logits(0.0, 0), A, 3), 4.0 * np.tri(4, k=-1))
