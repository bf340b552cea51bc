# SPDX-License-Identifier: Apache-2.0
"""The scene of Ising, Potts and XY spins: pictures, traces with errors, exact values, and what a network says."""

import time
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Shaped

from isinglass.lab.frame import Frame
from isinglass.lab.networks import Networks
from isinglass.lab.picture import picture_of, spins_of
from isinglass.lab.scene import AbstractScene
from isinglass.lab.wish import SpinsWish

if TYPE_CHECKING:
    from isinglass.lab.lattice_chain import LatticeChain
    from isinglass.lab.trace import Trace

__all__ = ["SpinsScene", "starting_configuration"]

STATES = 3  # of the Potts model
BETWEEN = 0.4  # seconds between two estimates, at least
SPEECH = 0.3  # of a tab's time may be spent on estimates and the network
SLOWER = 1.05  # how fast the estimate of a sweep's time may grow, from frame to frame
FAR = 20  # (T_c - T) L beyond which the size of a lattice does not matter for |m|: L is then 50 correlation lengths


class SpinsScene(AbstractScene):
    """One chain, its traces since the temperature was last changed, and the network's opinion of the picture."""

    chain: "LatticeChain"
    order: "Trace"
    energy: "Trace"

    def __init__(self, wish: SpinsWish, networks: Networks):
        """A chain as the wish asks; `networks`: those of all tabs."""
        self.made_for, self.networks = identity(wish), networks
        self.x, self.sweeps, self.temperature = starting_configuration(wish), 0, 0.0
        self.per_sweep, self.speaks, self.said = 1e-3, 0.0, {}

    def serves(self, wish: Any) -> bool:
        return isinstance(wish, SpinsWish) and identity(wish) == self.made_for

    def first(self, wish: SpinsWish) -> Frame:
        return self.frame(wish, picture_of(wish.model, self.x), flips=0.0, seconds=1.0)

    def prepare(self, wish: SpinsWish) -> None:
        from isinglass.lab.lattice_chain import LatticeChain

        self.chain = LatticeChain(wish.model, wish.method, self.x, wish.start)
        self.settle(wish.temperature)
        self.chain.advance(wish.temperature, 1)
        begun = time.perf_counter()
        self.chain.advance(wish.temperature, 2)
        self.per_sweep = (time.perf_counter() - begun) / 2

    def advance(self, wish: SpinsWish, seconds: float) -> Frame:
        if wish.temperature != self.temperature:
            self.settle(wish.temperature)
        n = int(np.clip(seconds / self.per_sweep, 1, wish.sweeps))
        begun = time.perf_counter()
        block = self.chain.advance(wish.temperature, n)
        took = time.perf_counter() - begun
        self.per_sweep = min(took / n, SLOWER * self.per_sweep)  # the best of late: other work comes and goes
        self.sweeps += n
        self.order.extend(np.abs(block.order))
        self.energy.extend(block.energy)
        if begun > self.speaks:
            self.said = self.spoken_of(wish, block.picture)
            cost = time.perf_counter() - begun - took
            self.speaks = begun + max(BETWEEN, cost / (SPEECH * seconds * wish.rate))
        series = {"order": block.order[-1], "energy": block.energy[-1], **self.said}
        return self.frame(wish, block.picture, flips=block.flips, seconds=took, sweeps=n, **series)

    def settle(self, temperature: float) -> None:
        """Begin new traces."""
        from isinglass.lab.trace import Trace

        self.temperature, self.order, self.energy, self.said = temperature, Trace(), Trace(), {}

    def spoken_of(self, wish: SpinsWish, picture: np.ndarray) -> dict[str, Any]:
        """Estimates of the traces, exact values, and the network's opinion."""
        from isinglass.lab.trace import estimate

        said: dict[str, Any] = {"exact": exact_values(wish.model, wish.side, wish.temperature)}
        for name, trace in (("order", self.order), ("energy", self.energy)):
            found = estimate(trace)
            said[f"{name}_estimate"] = None if found is None else found._asdict()
        if wish.model == "ising":
            said["opinion"] = self.opinion(spins_of(picture, wish.side))
        return said

    def opinion(self, x: Shaped[np.ndarray, "L L"]) -> dict[str, Any]:
        """P(ordered) of a configuration by the network that was trained far from T_c, once it is trained."""
        network, state = self.networks.look("ising-cnn")
        if network is None:
            return {"state": state}
        from isinglass.inference.phases.classifier import logits

        z = float(logits(network, x[None])[0, 0])
        return {"state": state, "ordered": 1 / (1 + np.exp(-np.clip(z, -50, 50)))}

    def frame(self, wish: SpinsWish, picture: np.ndarray, **numbers: Any) -> Frame:
        """A picture with the settings that it was made by."""
        shown = {"model": wish.model, "method": wish.method, "temperature": wish.temperature, "start": wish.start}
        form = "bits" if wish.model == "ising" else "bytes"
        header = {"view": "spins", "form": form, "shape": [wish.side, wish.side], **shown, "done": self.sweeps}
        return Frame(header | numbers, picture)


def identity(wish: SpinsWish) -> tuple[Any, ...]:
    """What a chain cannot change."""
    return wish.model, wish.side, wish.method, wish.cold, wish.start


def starting_configuration(wish: SpinsWish) -> Shaped[np.ndarray, "L L"]:
    """Aligned spins, or independent ones."""
    shape, rng = (wish.side, wish.side), np.random.default_rng(wish.start)
    if wish.model == "ising":
        return np.ones(shape, np.int8) if wish.cold else rng.choice(np.array([-1, 1], np.int8), shape)
    if wish.model == "potts":
        return np.zeros(shape, np.int8) if wish.cold else rng.integers(0, STATES, shape, np.int8)
    return np.full(shape, np.pi / 2) if wish.cold else rng.uniform(0, 2 * np.pi, shape)


def exact_values(model: str, side: int, temperature: float) -> dict[str, Any]:
    """What is known exactly, by name: of the infinite lattice, but for the energy of Ising, which is of this torus.

    `order_holds`: is this lattice so large, and T so far below T_c, that its |m| is that of the infinite one?
    """
    from isinglass.exact.lattice import kaufman, onsager
    from isinglass.exact.lattice.critical import critical_temperature

    known: dict[str, Any] = {"critical_temperature": critical_temperature(model, q=STATES).value}
    if model == "ising":
        known["order"] = float(onsager.magnetization(temperature))
        known["order_holds"] = side * (known["critical_temperature"] - temperature) > FAR
        known["energy"] = float(kaufman.energy(temperature, side))
    return known
