# SPDX-License-Identifier: Apache-2.0
"""The table from what is known beforehand to the network that holds it: prior, its mathematics, architecture."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from jaxtyping import Array, Key

from isinglass.errors import InputError
from isinglass.nets.classifier.periodic_cnn import PeriodicCNN
from isinglass.nets.flow.autoregressive_splines import AutoregressiveSplines
from isinglass.nets.mechanics.motion_network import motion_network
from isinglass.nets.mechanics.phase_space import PhaseSpace
from isinglass.nets.prior.determinant_net import DeterminantNet
from isinglass.nets.prior.euclidean_graph import EuclideanGraph
from isinglass.nets.prior.graph_network import GraphNetwork
from isinglass.nets.prior.group_cnn import GroupCNN
from isinglass.nets.prior.plaquette_net import PlaquetteNet
from isinglass.symmetry.euclidean import Euclidean
from isinglass.symmetry.gauge import PhaseGauge, SignGauge
from isinglass.symmetry.lattice import PointGroup, Translation
from isinglass.symmetry.law import EnergyConservation, Normalization
from isinglass.symmetry.permutation import Permutation

__all__ = ["PRIORS", "Asked", "PriorRow", "net_for", "table_of_priors"]


class Asked(NamedTuple):
    """What a network is wanted for."""

    key: Key[Array, ""]
    symmetry: Any
    shape: tuple[int, ...]  # of one x
    out: int
    output: str
    width: int


class PriorRow(NamedTuple):
    """One row of the table."""

    name: str
    kinds: tuple[type, ...]  # of the symmetry
    outputs: tuple[str, ...]  # how f(x) may transform
    mathematics: str
    network: str
    make: Callable[[Asked], Any]


def cnn(a: Asked) -> PeriodicCNN:
    """Of fields [*lattice]."""
    d = len(a.symmetry.steps[0])
    return PeriodicCNN(key=a.key, dimension=d, channels=(a.width, a.width), out=a.out, activation="silu")


def group_cnn(a: Asked) -> GroupCNN:
    """Of fields [*lattice] or [*lattice, channels]; a quarter of the width, for each of 8 elements."""
    d = len(a.symmetry.shape)
    channels = a.shape[d] if len(a.shape) > d else 1
    return GroupCNN(key=a.key, dimension=d, in_channels=channels, out=a.out, output=a.output,  # pyright: ignore
                    features=max(2, a.width // 4))  # fmt: skip


def graph(a: Asked) -> GraphNetwork:
    """Of rows [n, entries]."""
    entries = a.shape[1] if len(a.shape) > 1 else 1
    return GraphNetwork(key=a.key, entries=entries, out=a.out, output=a.output, hidden=a.width)  # pyright: ignore


def fermions(a: Asked) -> DeterminantNet:
    """Of rows [n, entries]."""
    return DeterminantNet(key=a.key, n=a.symmetry.n, entries=a.shape[1] if len(a.shape) > 1 else 1, hidden=a.width)


def points(a: Asked) -> EuclideanGraph:
    """Of equal points [n, d]."""
    species = (0,) * a.shape[0]
    return EuclideanGraph(key=a.key, species=species, out=a.out, output=a.output, hidden=a.width)  # pyright: ignore


def gauge(a: Asked) -> PlaquetteNet:
    """Of links [Lx, Ly, 2]."""
    kind = "sign" if isinstance(a.symmetry, SignGauge) else "phase"
    return PlaquetteNet(key=a.key, kind=kind, channels=(a.width, a.width), out=a.out)


def motion(a: Asked) -> Any:
    """Of states (q, p) or (q, v), of order one."""
    space = PhaseSpace((0.0,) * 2 * a.symmetry.degrees, (1.0,) * 2 * a.symmetry.degrees, 1.0)
    name = "lagrangian" if a.symmetry.velocities else "hamiltonian"
    return motion_network(a.key, name, space, (a.width, a.width))


def flow(a: Asked) -> AutoregressiveSplines:
    """Of x [n]."""
    return AutoregressiveSplines(key=a.key, shape=a.shape, hidden=(a.width, a.width))


SCALAR = ("scalar",)
PRIORS = (
    PriorRow("translation", (Translation,), SCALAR, "f(x(r - a)) = f(x): weights shared by all sites", "CNN", cnn),
    PriorRow("permutation", (Permutation,), ("scalar", "same"), "f(P x) = f(x), or P f(x): sums over pairs",
          "graph network", graph),
    PriorRow("antisymmetry", (Permutation,), ("sign",), "ψ(P x) = sgn(P) ψ(x)", "determinant", fermions),
    PriorRow("rotation and reflection", (Euclidean,), ("scalar", "vector"),
          "f(R x + a) = f(x), or R f(x): distances, differences", "equivariant graph network", points),
    PriorRow("lattice point group", (PointGroup,), ("scalar", "same", "vector"), "f(g x) = g f(x): one kernel, rotated",
          "group convolution", group_cnn),
    PriorRow("gauge", (PhaseGauge, SignGauge), SCALAR, "f(θ^α) = f(θ): closed loops", "plaquettes, then a CNN", gauge),
    PriorRow("energy conservation", (EnergyConservation,), ("motion",), "dy/dt = J ∇H: symplectic",
          "Hamiltonian or Lagrangian network", motion),
    PriorRow("normalization", (Normalization,), ("density",), "∫ p = 1: p(x) = q(f(x)) |∂f|", "flow", flow),
)  # fmt: skip


def net_for(
    key: Key[Array, ""], symmetry: Any, shape: Sequence[int] = (), *, out: int = 1, output: str = "", width: int = 32
) -> Any:
    """The untrained network that holds a symmetry or law exactly, of one x of this shape.

        net_for(key, Translation(((1, 0), (0, 1))), (16, 16))             an invariant of spins
        net_for(key, Euclidean(3), (5, 3), output="vector")               forces on five atoms
        net_for(key, Permutation(4), (4, 3), output="sign")                  a wavefunction of four fermions
        net_for(key, EnergyConservation(2))                               a motion (q, p) -> d(q, p)/dt

    `output`: how f(g x) differs from f(x): by default not at all, "scalar".  `table_of_priors()` shows what there is.
    Errors: InputError for what the table does not hold: train with `training.augmented` instead.
    """
    rows = [row for row in PRIORS if isinstance(symmetry, row.kinds)]
    if not rows:
        known = ", ".join(kind.__name__ for row in PRIORS for kind in row.kinds)
        fix = "train any network with training.augmented(loss, group) instead"
        raise InputError(f"a symmetry among {known}", type(symmetry).__name__, fix)
    word = output or rows[0].outputs[0]
    for row in rows:
        if word in row.outputs:
            return row.make(Asked(key, symmetry, tuple(shape), out, word, width))
    choices = ", ".join(one for row in rows for one in row.outputs)
    raise InputError(f"output among {choices} for {type(symmetry).__name__}", repr(word), "choose one of them")


def table_of_priors() -> str:
    """The table as text."""
    kinds = lambda row: " or ".join(kind.__name__ for kind in row.kinds)  # noqa: E731
    rows = [("prior", "symmetry", "mathematics", "network")]
    rows += [(row.name, kinds(row), row.mathematics, row.network) for row in PRIORS]
    wide = [max(len(row[i]) for row in rows) for i in range(4)]
    return "\n".join("  ".join(text.ljust(n) for text, n in zip(row, wide, strict=True)).rstrip() for row in rows)
