# SPDX-License-Identifier: Apache-2.0
"""A network's opinion of an Ising picture: ordered or not?  Trained once, far from the transition on both sides.

It is that of the experiment ising-phases (Carrasquilla and Melko 2017, arXiv:1605.01735): a convolution whose features
are odd in the spins, their mean over the lattice, a perceptron.  It was shown T <= 1.85 and T >= 2.75 alone.
"""

import hashlib
import threading
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Shaped

from isinglass.lab.network_file import read_network, store_network
from isinglass.lab.picture import spins_of

__all__ = ["DISORDERED", "ORDERED", "Opinion"]

ORDERED, DISORDERED = (1.3, 1.5, 1.7, 1.85), (2.75, 2.95, 3.1, 3.3)  # temperatures it is shown
SIDE, SAMPLES, SEED = 32, 256, 0
RECIPE = f"PooledCNN odd, L = {SIDE}, {SAMPLES} samples at {ORDERED + DISORDERED}, seed {SEED}, version 1"


class Opinion:
    """The network of all tabs: read from its file or trained in the background, in one thread."""

    def __init__(self, cache: Path):
        """`cache`: a folder that is kept from one lab to the next."""
        name = f"ising-cnn-{hashlib.sha256(RECIPE.encode()).hexdigest()[:12]}"
        self.folder, self.network, self.state = cache / name, None, "not asked for"
        self.lock = threading.Lock()

    def learn(self) -> None:
        """Read or train the network; what goes wrong is said in `state`, and costs the lab nothing else."""
        with self.lock:
            if self.network is not None:
                return
            try:
                self.state = "is being trained"
                self.network = read_network(self.folder) or self.trained()
                self.state = "ready"
            except (OSError, ValueError) as error:
                self.state = f"could not be made: {error}"

    def trained(self) -> Any:
        """The network, trained on samples of the two phases, and put into the cache."""
        import jax

        from isinglass.data.files import from_dataset
        from isinglass.inference.phases.supervised import Supervised, train_at_the_ends
        from isinglass.systems.lattice.ising import Ising
        from isinglass.verbs import sample

        key_sample, key_train = jax.random.split(jax.random.key(SEED))
        data = sample(
            key_sample, Ising((SIDE, SIDE)), np.array(ORDERED + DISORDERED), method="metropolis", samples=SAMPLES,
            chains=32, thin=20, warmup=2000, effective_samples=None, progress=False,
        )  # fmt: skip
        shown = from_dataset(data.arrays)
        settings = Supervised(network="cnn", odd=True, members=1, train_size=SIDE)
        network = train_at_the_ends(key_train, {SIDE: shown}, settings)[SIDE]
        store_network(self.folder, network)
        return network

    def of(self, picture: Shaped[np.ndarray, " bytes"], side: int) -> dict[str, Any]:
        """P(ordered) of one picture, and in what state the network is."""
        if self.network is None:
            return {"state": self.state}
        from isinglass.inference.phases.classifier import logits

        z = float(logits(self.network, spins_of(picture, side)[None])[0, 0])
        return {"state": self.state, "ordered": 1 / (1 + np.exp(-np.clip(z, -50, 50)))}
