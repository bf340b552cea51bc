# SPDX-License-Identifier: Apache-2.0
"""One thread of BLAS and LAPACK around work with small matrices.

Their threads spin while they wait for one another.  Where other programs take the cores, they wait for a core as well:
a Cholesky factor of 128 rows took 0.2 ms in one thread and 148 ms in two, on two cores with other work.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from threadpoolctl import ThreadpoolController

__all__ = ["one_blas_thread"]


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """As a context or a decorator; threads of XLA, which make products of matrices, are not touched.

    Cost: where the machine is idle, n cores and matrices of thousands of rows, a factor is up to n times slower.
    """
    with libraries().limit(limits=1, user_api="blas"):
        yield


@cache
def libraries() -> ThreadpoolController:
    """The libraries that are loaded; jax calls LAPACK in that of SciPy."""
    import scipy.linalg  # noqa: F401 - loads it

    return ThreadpoolController()
