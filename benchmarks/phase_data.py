# SPDX-License-Identifier: Apache-2.0
"""Configurations whose transition is known, and some that only look as if there were one, by NumPy and SciPy alone.

Clusters of reflected spins (Swendsen and Wang 1987, doi:10.1103/PhysRevLett.58.86; Wolff 1989,
doi:10.1103/PhysRevLett.62.361) of all lattices of a scan at once.  `POSITIVES` and `NEGATIVES` map a kind to a function
of a random generator that returns arrays `configurations`, `temperature`, `chain` and, for positives, the known
`critical`.
"""

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

__all__ = ["NEGATIVES", "POSITIVES"]

ONSAGER = 2 / np.log(1 + np.sqrt(2))
TRIANGULAR = ((1, 0), (0, 1), (1, 1))


def bonds(shape, steps=None, *, periodic=True):
    """Pairs of sites (i, j), and the number of the step that joins them."""
    steps = steps or [tuple(row) for row in np.eye(len(shape), dtype=int)]
    site = np.arange(np.prod(shape)).reshape(shape)
    first, second, kind = [], [], []
    for number, step in enumerate(steps):
        there = np.roll(site, [-d for d in step], range(len(shape)))
        inside = np.ones(shape, bool)
        if not periodic:
            for axis, d in enumerate(step):
                edge = np.indices(shape)[axis] + d
                inside &= (edge >= 0) & (edge < shape[axis])
        first.append(site[inside])
        second.append(there[inside])
        kind.append(np.full(inside.sum(), number))
    return np.concatenate(first), np.concatenate(second), np.concatenate(kind)


def clusters(closed, i, j, n_sites):
    """Cluster number of every site of every lattice, from closed bonds [lattice, bond]."""
    lattice, bond = np.nonzero(closed)
    a, b = lattice * n_sites + i[bond], lattice * n_sites + j[bond]
    n = closed.shape[0] * n_sites
    return connected_components(coo_matrix((np.ones(len(a), bool), (a, b)), shape=(n, n)), directed=False)[1]


class Scan:
    """`chains` independent chains at every temperature; `draws` configurations of each, `thin` sweeps apart."""

    def __init__(self, rng, shape, T, *, chains=20, draws=6, burn=60, thin=4, **lattice):
        self.rng, self.shape, self.points = rng, tuple(shape), np.asarray(T, float)
        self.i, self.j, self.kind = bonds(self.shape, **lattice)
        self.T = np.repeat(self.points, chains)[:, None]
        self.chains, self.draws, self.burn, self.thin = chains, draws, burn, thin
        self.n_sites = int(np.prod(shape))

    def run(self, x, sweep):
        """Rows of the table, temperature by temperature and chain by chain."""
        kept = []
        for step in range(self.burn + self.draws * self.thin):
            x = sweep(x)
            if step >= self.burn and (step - self.burn) % self.thin == self.thin - 1:
                kept.append(x.copy())
        rows = np.stack(kept, axis=1).reshape(-1, *x.shape[1:])
        chain = np.tile(np.repeat(np.arange(self.chains), self.draws), len(self.points))
        T = np.repeat(self.points, self.chains * self.draws)
        return {"configurations": rows.reshape(len(rows), *self.shape, *x.shape[2:]), "temperature": T, "chain": chain}

    def spins(self, n=1, J=1.0, field=0.0, q=0):
        """E = -Σ J s_i·s_j - h Σ s_i for unit vectors of n components (n = 2 with q: a clock of q directions)."""
        rng, J = self.rng, np.broadcast_to(J, (int(self.kind.max()) + 1,))[self.kind]
        x = rng.normal(size=(len(self.T), self.n_sites, n))
        x /= np.linalg.norm(x, axis=-1, keepdims=True)
        if q:
            angle = 2 * np.pi * rng.integers(q, size=x.shape[:2]) / q
            x = np.stack([np.cos(angle), np.sin(angle)], axis=-1)

        def sweep(x):
            axis = rng.normal(size=(len(x), 1, n))
            if q:
                turn = np.pi * rng.integers(q, size=(len(x), 1)) / q + np.pi / 2
                axis = np.stack([np.cos(turn), np.sin(turn)], axis=-1)
            axis /= np.linalg.norm(axis, axis=-1, keepdims=True)
            along = (x * axis).sum(axis=-1)
            gain = 2 * J / self.T * along[:, self.i] * along[:, self.j]
            closed = rng.random(gain.shape) < -np.expm1(-np.maximum(gain, 0))
            label = clusters(closed, self.i, self.j, self.n_sites)
            moment = np.bincount(label, (field / self.T * along * axis[..., 0]).ravel())
            flip = rng.random(len(moment)) < 1 / (1 + np.exp(np.clip(2 * moment, -50, 50)))
            return x - 2 * (flip[label].reshape(along.shape) * along)[..., None] * axis

        return self.run(x, sweep)

    def potts(self, q):
        """E = -Σ δ(s_i, s_j)."""
        rng = self.rng

        def sweep(x):
            same = x[:, self.i] == x[:, self.j]
            closed = same & (rng.random(same.shape) < -np.expm1(-1 / self.T))
            label = clusters(closed, self.i, self.j, self.n_sites)
            return rng.integers(q, size=label.max() + 1).astype(np.int8)[label].reshape(x.shape)

        return self.run(rng.integers(q, size=(len(self.T), self.n_sites)).astype(np.int8), sweep)

    def blume_capel(self, D):
        """E = -Σ s_i s_j + D Σ s_i², s = -1, 0, 1: clusters of the occupied sites, then a heat bath by color."""
        rng, color = self.rng, np.indices(self.shape).sum(axis=0).ravel() % 2 == 0
        wide = lambda x: x.reshape(len(x), *self.shape)  # noqa: E731

        def sweep(x):
            gain = 2 / self.T * (x[:, self.i] * x[:, self.j])
            label = clusters(rng.random(gain.shape) < -np.expm1(-np.maximum(gain, 0)), self.i, self.j, self.n_sites)
            x = x * (2 * rng.integers(2, size=label.max() + 1) - 1)[label].reshape(x.shape)
            for part in (color, ~color):
                near = sum(np.roll(wide(x), d, a) for a in (1, 2) for d in (1, -1)).reshape(x.shape) / self.T
                up, down = np.exp(near - D / self.T), np.exp(-near - D / self.T)
                u = rng.random(x.shape) * (1 + up + down)
                x = np.where(part, np.where(u < up, 1, np.where(u < up + down, -1, 0)), x)
            return x

        return self.run(rng.integers(-1, 2, size=(len(self.T), self.n_sites)), sweep)


def around(rng, critical, low=0.25, high=0.35):
    """A scan about a transition, not centred on it: 13 to 19 temperatures."""
    start, stop = critical * (1 - rng.uniform(0.6, 1) * low), critical * (1 + rng.uniform(0.6, 1) * high)
    return np.linspace(start, stop, rng.integers(13, 20))


def side(rng, sizes=(12, 16, 20, 24)):
    return int(rng.choice(sizes))


def sampling(rng):
    """4 to 25 chains, 40 to 160 rows a temperature."""
    chains = int(rng.choice([5, 8, 12, 25]))
    return {"chains": chains, "draws": max(2, int(rng.choice([60, 100, 150])) // chains)}


def small(data):
    """Ising spins as small integers."""
    return data | {"configurations": np.rint(data["configurations"][..., 0]).astype(np.int8)}


def known(data, critical):
    return data | {"critical": critical}


def ising(rng, L=None, T=None, critical=ONSAGER, shape=None, **lattice):
    shape = shape or (L or side(rng),) * 2
    return known(small(Scan(rng, shape, around(rng, critical), **sampling(rng), **lattice).spins()), critical)


def anisotropic(rng):
    """Couplings J along one axis and 1 along the other: sinh(2/T) sinh(2J/T) = 1."""
    from scipy.optimize import brentq

    J = rng.uniform(0.5, 0.9)
    critical = brentq(lambda T: np.sinh(2 / T) * np.sinh(2 * J / T) - 1, 0.5, 4)
    scan = Scan(rng, (side(rng),) * 2, around(rng, critical), **sampling(rng))
    return known(small(scan.spins(J=np.array([1.0, J]))), critical)


def antiferromagnet(rng):
    data = ising(rng)
    sign = 1 - 2 * (np.indices(data["configurations"].shape[1:]).sum(axis=0) % 2)
    return data | {"configurations": (data["configurations"] * sign).astype(np.int8)}


def uneven(rng):
    """Numbers of rows that differ by a factor of up to four, and no chains known."""
    data = ising(rng)
    T = data["temperature"]
    share = dict(zip(np.unique(T), rng.uniform(0.25, 1, len(np.unique(T))), strict=True))
    kept = rng.random(len(T)) < np.array([share[t] for t in T])
    return {name: value if name == "critical" else value[kept] for name, value in data.items() if name != "chain"}


def potts(q):
    """Clusters of four states live several times as long as Ising's."""
    critical = 1 / np.log(1 + np.sqrt(q))
    span = {3: (0.15, 0.18), 4: (0.12, 0.14)}[q]
    return lambda rng: known(
        Scan(rng, (side(rng),) * 2, around(rng, critical, *span), burn=80 * q - 120, **sampling(rng)).potts(q), critical
    )


def blume_capel(rng):
    D, critical = [(0.0, 1.6938), (1.0, 1.3986)][rng.integers(2)]
    return known(Scan(rng, (side(rng),) * 2, around(rng, critical), **sampling(rng)).blume_capel(D), critical) | {
        "kind": "real"
    }


def planar(rng):
    data = Scan(rng, (side(rng),) * 2, around(rng, 0.8929, 0.4, 0.5), **sampling(rng)).spins(2)
    v = data["configurations"]
    return known(data | {"configurations": np.arctan2(v[..., 1], v[..., 0])}, 0.8929)


def clock(rng):
    """Six directions: the upper transition, to a disordered phase."""
    data = Scan(rng, (side(rng),) * 2, around(rng, 0.9008, 0.15, 0.5), **sampling(rng)).spins(2, q=6)
    v = data["configurations"]
    state = np.rint(np.arctan2(v[..., 1], v[..., 0]) * 6 / (2 * np.pi)).astype(int) % 6
    return known(data | {"configurations": state.astype(np.int8)}, 0.9008)


def cubic(rng):
    return known(
        small(Scan(rng, (side(rng, (6, 8, 10)),) * 3, around(rng, 4.5115, 0.25, 0.35), **sampling(rng)).spins()), 4.5115
    )


def heisenberg_cubic(rng):
    shape = (side(rng, (6, 8)),) * 3
    return known(Scan(rng, shape, around(rng, 1.44293, 0.3, 0.35), **sampling(rng)).spins(3), 1.44293) | {
        "kind": "vector"
    }


POSITIVES = {
    "ising": ising,
    "triangular": lambda rng: ising(rng, critical=4 / np.log(3), steps=TRIANGULAR),
    "antiferromagnet": antiferromagnet,
    "open": lambda rng: ising(rng, L=side(rng, (16, 20, 24, 32)), periodic=False),
    "rectangular": lambda rng: ising(rng, shape=[(12, 24), (16, 24), (24, 16)][rng.integers(3)]),
    "anisotropic": anisotropic,
    "uneven": uneven,
    "potts3": potts(3),
    "potts4": potts(4),
    "blume_capel": blume_capel,
    "planar": planar,
    "clock6": clock,
    "cubic": cubic,
    "heisenberg_cubic": heisenberg_cubic,
}


def table(rng, points, make, rows=100, chains=5):
    """Independent rows: make(rng, point, rows) at every point."""
    x = np.concatenate([make(rng, p, rows) for p in points])
    chain = np.tile(np.arange(rows) * chains // rows, len(points))
    return {"configurations": x, "temperature": np.repeat(points, rows), "chain": chain}


def signs(rng, mean, shape):
    return np.where(rng.random(shape) < (1 + mean) / 2, 1, -1).astype(np.int8)


def massive(rng, length, rows, L):
    """Gaussian fields of variance about one with S(k) ∝ 1/(k̂² + 1/length²)."""
    k = 2 * np.sin(np.pi * np.fft.fftfreq(L))
    power = 1 / (k[:, None] ** 2 + k**2 + length**-2)
    white = np.fft.fft2(rng.normal(size=(rows, L, L)))
    return np.fft.ifft2(white * np.sqrt(power / power.mean())).real


def lengths(L):
    return lambda p: L * 0.05 * (40**p)


def random_bias(rng):
    L, middle, width = side(rng), rng.uniform(0.3, 0.7), rng.uniform(0.03, 0.2)
    bias = lambda p: 1 / (1 + np.exp((p - middle) / width))  # noqa: E731
    return table(rng, np.linspace(0, 1, 20), lambda rng, p, n: signs(rng, bias(p), (n, L, L)))


def paramagnet(rng):
    L, most = side(rng), rng.uniform(0.3, 3)
    return table(rng, np.linspace(0, most, 20), lambda rng, h, n: signs(rng, np.tanh(h), (n, L, L)))


def ising_in_field(rng):
    h = rng.uniform(0.03, 0.4)
    scan = Scan(rng, (side(rng),) * 2, np.linspace(rng.uniform(1.2, 1.8), rng.uniform(4, 6), 18), **sampling(rng))
    return small(scan.spins(field=h))


def drifting_mean(rng):
    L, slope = side(rng), rng.uniform(0.3, 3)
    return table(rng, np.linspace(0, 1, 20), lambda rng, p, n: rng.normal(slope * p, 1, (n, L, L)))


def drifting_variance(rng):
    L = side(rng)
    return table(rng, np.linspace(0.5, 3, 20), lambda rng, p, n: rng.normal(0, p, (n, L, L)))


def drifting_length(rng):
    L = side(rng)
    length = lengths(L)
    return table(rng, np.linspace(0, 1, 20), lambda rng, p, n: massive(rng, length(1 - p), n, L))


def drifting_domains(rng):
    """Signs of Gaussian fields whose correlation length grows beyond the lattice."""
    L = side(rng)
    length = lengths(L)
    return table(
        rng, np.linspace(0, 1, 20), lambda rng, p, n: np.sign(massive(rng, length(1 - p), n, L)).astype(np.int8)
    )


def lognormal(rng):
    L, spread = side(rng), rng.uniform(0.5, 1.5)
    length = lengths(L)
    return table(rng, np.linspace(0, 1, 20), lambda rng, p, n: np.exp(spread * massive(rng, length(1 - p), n, L)))


def threshold(rng):
    """A smooth field above a moving threshold: a crossover of coverage."""
    L, length = side(rng), rng.uniform(1, 4)
    return table(
        rng,
        np.linspace(-1.5, 1.5, 20),
        lambda rng, p, n: np.where(massive(rng, length, n, L) > p, 1, -1).astype(np.int8),
    )


def percolation(rng):
    low, high = [(0.05, 0.5), (0.62, 0.98), (0.4, 0.8), (0.5, 0.95)][rng.integers(4)]
    L = side(rng)
    return table(rng, np.linspace(low, high, 20), lambda rng, p, n: signs(rng, 2 * p - 1, (n, L, L)))


def heisenberg_plane(rng):
    return Scan(rng, (side(rng),) * 2, np.linspace(rng.uniform(0.2, 0.4), 2, 16), **sampling(rng)).spins(3) | {
        "kind": "vector"
    }


def frustrated(rng):
    scan = Scan(
        rng, (side(rng, (12, 18, 24)),) * 2, np.linspace(0.5, 4, 16), burn=150, steps=TRIANGULAR, **sampling(rng)
    )
    return small(scan.spins(J=-1.0))


def chain(rng):
    """One-dimensional Ising: domain walls of probability 1/(1 + e^(2/T)), closed to a ring."""
    L = int(rng.choice([64, 128, 256]))

    def make(rng, T, n):
        wall = rng.random((n, L)) < 1 / (1 + np.exp(2 / T))
        wall[:, 0] ^= wall.sum(axis=1) % 2 == 1
        return (np.where(np.cumsum(wall, axis=1) % 2, -1, 1) * np.where(rng.random((n, 1)) < 0.5, 1, -1)).astype(
            np.int8
        )

    return table(rng, np.linspace(0.3, 3, 20), make)


def shuffled(rng):
    data = ising(rng)
    del data["critical"]
    return data | {"temperature": rng.permutation(data["temperature"])}


def elsewhere(rng):
    """A range without the transition."""
    T = [np.linspace(2.7, 5, 15), np.linspace(0.8, 1.9, 15)][rng.integers(2)]
    return small(Scan(rng, (side(rng),) * 2, T, **sampling(rng)).spins())


def digits(rng):
    from sklearn.datasets import load_digits

    images, label = load_digits(return_X_y=True)
    rows = rng.permutation(len(label))[:1500]
    pixels = images[rows].reshape(-1, 8, 8)
    order = rng.permutation(10)
    pixels = pixels if rng.random() < 0.5 else (pixels > 7).astype(np.int8)
    return {"configurations": pixels, "temperature": order[label[rows]].astype(float)}


NEGATIVES = {
    "random_bias": random_bias,
    "paramagnet": paramagnet,
    "ising_in_field": ising_in_field,
    "drifting_mean": drifting_mean,
    "drifting_variance": drifting_variance,
    "drifting_length": drifting_length,
    "drifting_domains": drifting_domains,
    "lognormal": lognormal,
    "threshold": threshold,
    "percolation": percolation,
    "heisenberg_plane": heisenberg_plane,
    "frustrated": frustrated,
    "chain": chain,
    "shuffled": shuffled,
    "elsewhere": elsewhere,
    "digits": digits,
}
