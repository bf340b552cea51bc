# SPDX-License-Identifier: Apache-2.0
"""Logarithmic derivatives O_bk = ∂ ln ψ(x_b)/∂θ_k of many samples, as much of them as is needed.

What uses them needs four products of A_bk = √w_b (O_bk - Ō_k), Ō = Σ_b w_b O_b: A†A, AA†, A δ and A†v.
"""

from abc import abstractmethod
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, Shaped

from isinglass.nets.wavefunction.quantum_state import AbstractOuterState, AbstractQuantumState

__all__ = [
    "AbstractDerivatives",
    "Dense",
    "Outer",
    "as_real",
    "from_real",
    "jacobian",
    "log_derivatives",
    "params_like",
]


class AbstractDerivatives(eqx.Module):
    """A, of B samples and P parameters, real or complex.  Law: every form gives the same four products."""

    w: eqx.AbstractVar[Float[Array, " samples"]]

    @property
    @abstractmethod
    def shape(self) -> tuple[int, int]:
        """Rows and columns of A."""

    @abstractmethod
    def covariance(self) -> Shaped[Array, "P P"]:
        """S = A†A, the quantum geometric tensor."""

    @abstractmethod
    def kernel(self) -> Shaped[Array, "B B"]:
        """T = AA†, the neural tangent kernel of ln ψ."""

    @abstractmethod
    def push(self, delta: Shaped[Array, " P"]) -> Shaped[Array, " B"]:
        """A δ: the change of ln ψ at each sample."""

    @abstractmethod
    def pull(self, v: Shaped[Array, " B"]) -> Shaped[Array, " P"]:
        """A†v: the force on each parameter."""

    @abstractmethod
    def centered(self, values: Shaped[Array, " samples"]) -> Shaped[Array, " B"]:
        """√w (f - f̄) of a function of the samples, in the form of A's rows."""


class Dense(AbstractDerivatives):
    """A as a real matrix; for a complex ln ψ of real parameters real parts above imaginary ones."""

    A: Float[Array, "B P"]
    w: Float[Array, " samples"]
    groups: int = eqx.field(static=True, default=1)  # of equal size, each centered by itself

    @property
    def shape(self):
        """Twice the samples where ln ψ is complex."""
        return self.A.shape

    def covariance(self):
        return self.A.T @ self.A

    def kernel(self):
        return self.A @ self.A.T

    def push(self, delta):
        return self.A @ delta

    def pull(self, v):
        return v @ self.A

    def centered(self, values):
        """Real parts, and imaginary ones below."""
        values = centered(values.reshape(self.groups, -1), self.w.reshape(self.groups, -1)).ravel()
        parts = [values.real] if len(self.A) == len(self.w) else [values.real, values.imag]
        return jnp.concatenate(parts).astype(self.A.dtype)


class Outer(AbstractDerivatives):
    """O_b = l_b ⊗ r_b, as for a dense layer: A†A from products of pairs, AA† from two small Gram matrices.

        (A†A)_ij,kl = Σ_b w l_i l_k r_j^* r_l - Ō_ij^* Ō_kl,      OO† = (l lᵀ) ∘ (r r†)

    Cost: B m² n² / 2 and B² (m + n), without ever making the B m n numbers of O.  l is real, r real or complex.
    """

    left: Float[Array, "B m"]
    right: Shaped[Array, "B n"]
    w: Float[Array, " B"]

    @property
    def shape(self):
        """B samples and m n parameters."""
        return len(self.left), self.left.shape[1] * self.right.shape[1]

    def mean(self) -> Shaped[Array, "m n"]:
        """Ō = Σ_b w_b l_b ⊗ r_b."""
        return (self.left * self.w[:, None]).T.astype(self.right.dtype) @ self.right

    def covariance(self):
        """A†A from l_i l_k and r_j^* r_l, each for half of the pairs; the others are the same, or their conjugates."""
        l_pairs, l_index, _ = pairs(self.left * jnp.sqrt(self.w)[:, None])
        r_pairs, r_index, lower = pairs(self.right)
        M = l_pairs.astype(r_pairs.dtype) @ r_pairs.T
        at = l_index[:, None, :, None] * len(r_pairs) + r_index[None, :, None, :]
        S = M.ravel().at[at].get(mode="promise_in_bounds")
        if jnp.iscomplexobj(S):
            S = jnp.where(lower[None, :, None], S.conj(), S)
        mean = self.mean().ravel()
        P = self.shape[1]
        return S.reshape(P, P) - mean.conj()[:, None] * mean[None]

    def kernel(self):
        """√(w w') of (l lᵀ) ∘ (r r†), centered from both sides."""
        T = (self.left @ self.left.T).astype(self.right.dtype) * (self.right @ self.right.conj().T)
        row_mean = T @ self.w.astype(T.dtype)
        T = T - row_mean[:, None] - row_mean.conj()[None] + (self.w.astype(T.dtype) @ row_mean)[None, None]
        root = jnp.sqrt(self.w)
        return T * (root[:, None] * root[None]).astype(T.dtype)

    def push(self, delta):
        """Σ_ij l_i r_j δ_ij, centered."""
        delta = delta.reshape(self.left.shape[1], self.right.shape[1])
        return self.centered(((self.left.astype(delta.dtype) @ delta) * self.right).sum(-1))

    def pull(self, v):
        """Σ_b √w l_i r_j^* (v - its component along √w)."""
        root = jnp.sqrt(self.w).astype(v.dtype)
        v = root * (v - root * (root @ v))
        return (self.left.astype(v.dtype).T @ (v[:, None] * self.right.conj())).ravel()

    def centered(self, values):
        """√w (f - f̄), in the number type of r."""
        values = values if jnp.iscomplexobj(self.right) else values.real
        return centered(values.astype(self.right.dtype)[None], self.w[None])[0]


def centered(a: Shaped[Array, "groups B *shape"], w: Float[Array, "groups B"]) -> Shaped[Array, "groups B *shape"]:
    """√w (a - ā), ā the mean of the group: by a product, for a sum over rows is far slower where they are long."""
    w = w.astype(a.dtype)
    mean = jnp.einsum("gb,gb...->g...", w / w.sum(1, keepdims=True), a)
    return jnp.sqrt(w).reshape(*w.shape, *(1,) * (a.ndim - 2)) * (a - mean[:, None])


def pairs(a: Shaped[Array, "B m"]) -> tuple[Shaped[Array, "pairs B"], Int[Array, "m m"], Bool[Array, "m m"]]:
    """a_i^* a_k for i <= k; where (i, k) is found among them; and whether it is found conjugated."""
    m = a.shape[1]
    i, k = np.triu_indices(m)
    index = np.zeros((m, m), np.int32)
    index[i, k] = index[k, i] = np.arange(len(i))
    return a.T[i].conj() * a.T[k], jnp.asarray(index), jnp.asarray(np.tril(np.ones((m, m), bool), -1))


def log_derivatives(
    state: AbstractQuantumState, x: Float[Array, "B N"], weights: Float[Array, " B"] | None = None,
    chunk: int | None = None,
) -> AbstractDerivatives:  # fmt: skip
    """The form of A that suits the state; `weights` sum to 1, by default all equal."""
    w = jnp.full(len(x), 1 / len(x)) if weights is None else weights
    if isinstance(state, AbstractOuterState):
        left, right = jax.vmap(state.factors)(x)
        return Outer(left, right, w.astype(left.dtype))
    real, imaginary = jacobian(state, x, chunk)
    w = w.astype(real.dtype)
    A = jnp.concatenate([centered(part[None], w[None])[0] for part in (real, imaginary) if part is not None])
    return Dense(A, w)


def params_like(state: AbstractQuantumState, delta: Shaped[Array, " P"]) -> Any:
    """A vector of parameters in the order of A's columns, in the form of the state's parameters."""
    if isinstance(state, AbstractOuterState):
        return eqx.filter(state.assembled(delta), eqx.is_inexact_array)
    return from_real(delta, as_real(eqx.filter(state, eqx.is_inexact_array))[1])


def as_real(params: Any) -> tuple[Float[Array, " P"], Any]:
    """All parameters as one real vector, and the form that undoes it; a complex one counts as two."""
    leaves, tree = jax.tree.flatten(params)
    parts = [p for leaf in leaves for p in ([leaf.real, leaf.imag] if jnp.iscomplexobj(leaf) else [leaf])]
    shapes = [(leaf.shape, bool(jnp.iscomplexobj(leaf))) for leaf in leaves]
    return jnp.concatenate([p.ravel() for p in parts]), (tree, shapes)


def from_real(theta: Float[Array, " P"], form: Any) -> Any:
    """The inverse of `as_real`: a real vector as the tree of parameters."""
    tree, shapes = form
    leaves, at = [], 0
    for shape, is_complex in shapes:
        size = int(np.prod(shape))
        parts = [theta[at + k * size : at + (k + 1) * size].reshape(shape) for k in range(2 if is_complex else 1)]
        leaves.append(jax.lax.complex(*parts) if is_complex else parts[0])
        at += len(parts) * size
    return jax.tree.unflatten(tree, leaves)


def jacobian(
    state: AbstractQuantumState, x: Float[Array, "B N"], chunk: int | None = None
) -> tuple[Float[Array, "B P"], Float[Array, "B P"] | None]:
    """O of each sample for real parameters, real and imaginary part; None where ln ψ is real.

    `chunk` samples at a time.
    """
    params, static = eqx.partition(state, eqx.is_inexact_array)
    theta, form = as_real(params)
    log_psi = lambda theta, x: eqx.combine(from_real(theta, form), static).log_psi(x)  # noqa: E731
    is_complex = jnp.issubdtype(jax.eval_shape(log_psi, theta, x[0]).dtype, jnp.complexfloating)

    def one(x):
        if not is_complex:
            return jax.grad(log_psi)(theta, x), None
        parts = jax.jacrev(lambda theta: jnp.stack([(z := log_psi(theta, x)).real, z.imag]))(theta)
        return parts[0], parts[1]

    return jax.vmap(one)(x) if chunk is None else jax.lax.map(one, x, batch_size=chunk)
