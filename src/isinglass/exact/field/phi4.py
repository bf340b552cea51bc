# SPDX-License-Identifier: Apache-2.0
"""The phi^4 field S = -J Σ_<xy> φ_x φ_y + Σ_x (r φ_x² + λ φ_x⁴) on chains and small tori, by transfer operators.

Weight exp(-S); at temperature T divide J, r and λ by T.  Chain: Z = Tr T^n, T(φ, φ') = exp(-½v(φ) + J φ φ' - ½v(φ')),
a symmetric kernel that equally spaced nodes resolve exponentially well.  Torus: the same with a row of L sites for φ,
each on n Gauss nodes of its own weight exp(-v); T is a product of L small matrices, applied one after the other.
Ref: Albergo et al. 2019, arXiv:1904.12072 (J = 2, r = m² + 2d).
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from threadpoolctl import threadpool_limits

from isinglass.errors import InputError

__all__ = ["FieldMoments", "RingAverages", "chain", "mean_action", "single_site", "torus"]

NODES, ROWS = (6, 8, 10, 12, 16, 20, 24), 12**4  # Gauss nodes of a site to try; the most states of a row


class FieldMoments(NamedTuple):
    """ln Z and exact averages over exp(-S)/Z."""

    log_Z: float  # ln ∫ Π dφ exp(-S)
    phi2: float  # <φ²>
    phi4: float  # <φ⁴>
    chi: float  # V <φ̄²>, φ̄ the mean over the lattice


class RingAverages(NamedTuple):
    """Exact averages of a ring."""

    moments: FieldMoments
    gap: float  # ln(λ_0/λ_1), the inverse correlation length of the infinite chain
    propagator: Float[np.ndarray, " n"]  # <φ_0 φ_x>


def action(phi: Float[np.ndarray, "*n"], r: float, lam: float) -> Float[np.ndarray, "*n"]:
    """v(φ) = r φ² + λ φ⁴."""
    return phi**2 * (r + lam * phi**2)


def extent(J: float, r: float, lam: float, neighbors: int, depth: float = 45.0) -> float:
    """The φ above which even a uniform field has S/V more than `depth` above its least value."""
    phi = np.geomspace(1e-3, 1e3, 20001)
    v = action(phi, r, lam) - abs(J) * neighbors / 2 * phi**2
    return float(phi[np.flatnonzero(v < v.min() + depth)[-1]])


def single_site(r: float, lam: float) -> FieldMoments:
    """One variable with weight exp(-rφ² - λφ⁴).  Law: Z = 2Γ(5/4) λ^(-1/4) at r = 0, √(π/r) at λ = 0."""
    edge = extent(0.0, r, lam, 0)
    phi, step = np.linspace(-edge, edge, 4001, retstep=True)
    v = action(phi, r, lam)
    weight = np.exp(v.min() - v)
    phi2, phi4 = (float(weight @ phi**k / weight.sum()) for k in (2, 4))
    return FieldMoments(float(np.log(weight.sum() * step) - v.min()), phi2, phi4, phi2)


@threadpool_limits.wrap(limits=1, user_api="blas")  # two threads spin where other work takes a core
def chain(n: int, *, J: float, r: float, lam: float, nodes: int = 300) -> RingAverages:
    """The ring of n sites.  Cost: nodes³.

    Law: <φ_0 φ_x> is even around the ring; at λ = 0 the free field.
    """
    edge = extent(J, r, lam, 2)
    phi, step = np.linspace(-edge, edge, nodes, retstep=True)
    v = action(phi, r, lam)
    exponent = J * np.outer(phi, phi) - (v[:, None] + v) / 2
    values, vectors = np.linalg.eigh(step * np.exp(exponent - exponent.max()))
    top = n * (np.log(values[-1]) + exponent.max())
    values, vectors = values[::-1] / values[-1], vectors[:, ::-1]
    kept = np.abs(values) > 1e-17
    values, vectors = values[kept], vectors[:, kept]
    weight = values**n
    Z = weight.sum()
    phi2, phi4 = (float(weight @ (vectors**2).T @ phi**k / Z) for k in (2, 4))
    elements = (vectors.T @ (phi[:, None] * vectors)) ** 2  # <k|φ|l>²
    G = np.array([values ** (n - x) @ elements @ values**x for x in range(n)]) / Z
    return RingAverages(FieldMoments(float(top + np.log(Z)), phi2, phi4, float(G.sum())), -float(np.log(values[1])), G)


def gauss_nodes(r: float, lam: float, n: int) -> tuple[Float[np.ndarray, " n"], Float[np.ndarray, " n"]]:
    """Nodes and ln of the weights of Gauss's rule for ∫ dφ exp(-rφ² - λφ⁴) f(φ): exact for polynomials of degree 2n-1.

    Orthogonal polynomials by Stieltjes' recursion, p_(k+1) = φ p_k - b_k p_(k-1); nodes are eigenvalues of their
    Jacobi matrix (Golub and Welsch 1969, doi:10.1090/S0025-5718-69-99647-1).
    """
    edge = extent(0.0, r, lam, 0, depth=300.0)
    phi, step = np.linspace(-edge, edge, 8001, retstep=True)
    v = action(phi, r, lam)
    weight = np.exp(v.min() - v) * step
    before, now = np.zeros_like(phi), np.full_like(phi, 1 / np.sqrt(weight.sum()))
    off_diagonal = np.zeros(n)
    for k in range(1, n):
        after = phi * now - off_diagonal[k - 1] * before
        off_diagonal[k] = np.sqrt(weight @ after**2)
        before, now = now, after / off_diagonal[k]
    nodes, vectors = np.linalg.eigh(np.diag(off_diagonal[1:], 1) + np.diag(off_diagonal[1:], -1))
    return nodes, np.log(vectors[0] ** 2 * weight.sum()) - v.min()


def torus(Lx: int, Ly: int, *, J: float, r: float, lam: float, nodes: int | None = None) -> FieldMoments:
    """The Lx x Ly torus, rows of Ly sites: Z = Tr T^Lx over nodes^Ly row states.

    `nodes` of each site: by default as many as it takes until two more change nothing beyond 1e-3 of ln Z, <φ²>, <φ⁴>
    and χ; rows of up to four sites.
    Cost: nodes^(2 Ly) Lx / 4 numbers, 4 x 4: a second with 8 nodes, ten with 12.
    Law: rows and columns are equal, torus(a, b) = torus(b, a); at λ = 0 the free field.
    Raises InputError where the largest number of nodes is not enough.
    """
    if nodes is not None:
        return by_nodes(Lx, Ly, J=J, r=r, lam=lam, nodes=nodes)
    coarse = None
    for n in (n for n in NODES if n**Ly <= ROWS):
        fine = by_nodes(Lx, Ly, J=J, r=r, lam=lam, nodes=n)
        if coarse is not None and agree(coarse, fine):
            return fine
        coarse = fine
    raise InputError(
        "a torus with rows of up to 4 sites and a field that Gauss nodes resolve",
        f"{Lx} x {Ly} with J = {J:g}, r = {r:g} and lam = {lam:g}",
        "take the shorter side as Ly, a smaller lattice or a higher temperature, or sample the field",
    )


def agree(a: FieldMoments, b: FieldMoments, tolerance: float = 1e-3) -> bool:
    """Z itself, <φ²>, <φ⁴> and χ are the same to this relative error."""
    off = [a.log_Z - b.log_Z, *(u / v - 1 for u, v in zip(a[1:], b[1:], strict=True))]
    return bool(np.max(np.abs(off)) < tolerance)  # NaN is not


def by_nodes(Lx: int, Ly: int, *, J: float, r: float, lam: float, nodes: int, chunk: int = 128) -> FieldMoments:
    """The torus with this number of Gauss nodes at each site, `chunk` rows at a time.

    Weight of the nodes: exp(-(r - |J|)φ² - λφ⁴), since exp(Jφφ') between rows is exp(½|J|(φ² + φ'²)) times a factor
    that is at most 1: where the field orders, nodes of exp(-v) alone lie too near 0.
    Only one row of each orbit of translations, reflections and φ -> -φ is propagated.
    """
    phi, log_w = gauss_nodes(r - abs(J), lam, nodes)
    rows = np.stack(np.meshgrid(*[np.arange(nodes)] * Ly, indexing="ij"), axis=-1).reshape(-1, Ly)
    field = phi[rows]
    inside = np.sum(J * field * np.roll(field, 1, axis=1) + log_w[rows], axis=1)
    scale = inside.max()
    half = np.exp((inside - scale) / 2)
    kernel = np.exp(J * np.outer(phi, phi) - abs(J) / 2 * (phi[:, None] ** 2 + phi**2))  # at most 1
    m, phi2, phi4 = field.sum(axis=1), np.mean(field**2, axis=1), np.mean(field**4, axis=1)
    sums, correlation = np.zeros(3), np.zeros(Lx)
    for start, multiplicity in orbits(rows, nodes, chunk):
        powers = [unit(start, len(rows))]
        for _ in range(Lx):
            powers.append(apply(powers[-1], half, kernel, Ly))
        diagonal = powers[Lx][np.arange(len(start)), start]
        sums += np.stack([np.ones(len(start)), phi2[start], phi4[start]]) @ (multiplicity * diagonal)
        for t in range(Lx):
            correlation[t] += (multiplicity * m[start]) @ (powers[t] * powers[Lx - t]) @ m
    Z, second, fourth = sums
    return FieldMoments(
        float(np.log(Z) + Lx * scale), float(second / Z), float(fourth / Z), float(correlation.sum() / Z / Ly)
    )


def orbits(rows: Int[np.ndarray, "N Ly"], nodes: int, chunk: int):
    """One row of each orbit, with the number of rows in it, `chunk` at a time."""
    place = nodes ** np.arange(rows.shape[1])[::-1]
    shifted = [np.roll(rows, k, axis=1) for k in range(rows.shape[1])]
    images = np.stack([g @ place for s in shifted for g in (s, s[:, ::-1], nodes - 1 - s, nodes - 1 - s[:, ::-1])])
    first, multiplicity = np.unique(images.min(axis=0), return_counts=True)
    for begin in range(0, len(first), chunk):
        yield first[begin : begin + chunk], multiplicity[begin : begin + chunk].astype(float)


def unit(start: Int[np.ndarray, " c"], N: int) -> Float[np.ndarray, "c N"]:
    """Rows e_start: the unit vectors of some of the N row states."""
    e = np.zeros((len(start), N))
    e[np.arange(len(start)), start] = 1
    return e


def apply(v: Float[np.ndarray, "c N"], half: Float[np.ndarray, " N"], kernel: Float[np.ndarray, "n n"], Ly: int):
    """T v, T = √D (K ⊗ ... ⊗ K) √D, one site of the row after the other.  Law: T is symmetric."""
    out = (v * half).reshape(-1, len(kernel))
    for _ in range(Ly):  # contract the last site and bring it to the front of the row
        out = (out @ kernel).reshape(len(v), -1, len(kernel)).swapaxes(1, 2).reshape(-1, len(kernel))
    return out.reshape(len(v), -1) * half


def mean_action(moments: FieldMoments, lam: float) -> float:
    """<S>/V = ½ - λ <φ⁴>, since <φ ∂S/∂φ> = 1 at each site."""
    return 0.5 - lam * moments.phi4
