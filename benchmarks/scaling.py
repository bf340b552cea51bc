# SPDX-License-Identifier: Apache-2.0
"""Cost of a draw, of its density and of a training step against the number of sites, 8 x 8 to 64 x 64, for every model.

usage: scaling.py [--batch 16] [--sizes 8 16 32 64] [--only NAME ...] [--figure scaling.svg] [--limit 20]

Each line is JSON: seconds per draw, best of several.  What has reached `--limit` seconds per call at one size is not
run at larger ones.  Another model is one more line of MODELS: a network, and the loss of one training step.
"""

import argparse
import json
import os

os.environ.setdefault("JAX_ENABLE_X64", "1")

import equinox as eqx
import jax

from curves import best, draw
from isinglass.nets.autoregressive.causal_transformer import CausalTransformer
from isinglass.nets.autoregressive.front import Front
from isinglass.nets.autoregressive.masked_dense import MaskedDense
from isinglass.nets.autoregressive.pixel_cnn import PixelCNN
from isinglass.nets.autoregressive.recurrent import Recurrent
from isinglass.nets.density import StandardNormal
from isinglass.nets.diffusion.diffusion import ProbabilityFlow
from isinglass.nets.flow.affine_coupling import real_nvp
from isinglass.nets.flow.autoregressive_flow import autoregressive_flow
from isinglass.nets.flow.glow import glow
from isinglass.nets.flow.spline_coupling import spline_flow
from isinglass.nets.transport.continuous_flow import ContinuousFlow, Transport
from isinglass.nets.transport.velocity import DenseVelocity
from isinglass.sampling.diffusion import field_denoiser
from isinglass.sampling.objective.denoising import Denoising
from isinglass.sampling.objective.flow_matching import FlowMatching
from isinglass.sampling.objective.likelihood import NegativeLogLikelihood
from isinglass.sampling.objective.reverse_kl import ReverseKL
from isinglass.sampling.objective.variational_autoregressive import VariationalFreeEnergy
from isinglass.systems import Ising
from isinglass.systems.field.phi4 import Phi4


def spins(shape, batch):
    """The variational free energy of the Ising model."""
    return VariationalFreeEnergy(Ising(shape, temperature=2.5), batch), ()


def field(shape, batch):
    """The reverse KL divergence of the phi^4 field."""
    return ReverseKL(Phi4(shape), batch), ()


def from_data(loss):
    """A loss on configurations; what they are costs nothing: white noise."""
    return lambda shape, batch: (loss, (white(shape, batch),))


def white(shape, batch):
    """Independent standard normal sites."""
    return jax.random.normal(jax.random.key(1), (batch, *shape), "float32")


MODELS = {
    "front network": (lambda key, shape: Front(key=key, shape=shape), spins),
    "masked dense": (lambda key, shape: MaskedDense(key=key, shape=shape, hidden=1), spins),
    "PixelCNN": (lambda key, shape: PixelCNN(key=key, shape=shape), spins),
    "GRU": (lambda key, shape: Recurrent(key=key, shape=shape), spins),
    "LSTM": (lambda key, shape: Recurrent(key=key, shape=shape, unit="lstm"), spins),
    "causal transformer": (lambda key, shape: CausalTransformer(key=key, shape=shape), spins),
    "spline couplings": (lambda key, shape: spline_flow(key, shape), field),
    "Glow": (lambda key, shape: glow(key, shape), field),
    "RealNVP": (lambda key, shape: real_nvp(key, shape, radius=2), field),
    "autoregressive flow": (lambda key, shape: autoregressive_flow(key, shape), from_data(NegativeLogLikelihood())),
    "continuous flow": (
        lambda key, shape: ContinuousFlow(StandardNormal(shape), Transport(DenseVelocity(key=key, shape=shape))),
        from_data(FlowMatching()),
    ),
    "diffusion": (
        lambda key, shape: ProbabilityFlow(field_denoiser(key, white(shape, 256)), steps=12),
        from_data(Denoising()),
    ),
}
WHAT = {"draw": "drawing", "density": "density", "step": "training step"}


def cost(name, L, batch, limit, skipped):
    """One line, without what is `skipped`."""
    make, training = MODELS[name]
    key, shape = jax.random.key(0), (L, L)
    net, (loss, data) = make(key, shape), training(shape, batch)
    sample = eqx.filter_jit(lambda net, key: net.sample(key, batch))
    density = eqx.filter_jit(lambda net, x: jax.vmap(net.log_prob)(x))
    step = eqx.filter_jit(lambda net, key: eqx.filter_grad(lambda net: loss(key, net, data)[0])(net))
    x = sample(net, key)
    calls = {"draw": (sample, key), "density": (density, x), "step": (step, key)}
    seconds = {
        what: best(f, net, argument, limit=limit) / batch
        for what, (f, argument) in calls.items()
        if what not in skipped
    }
    return {"name": name, "workload": "cost of a draw", "L": L, "sites": L * L, "metric": seconds, "unit": "s"}


def figure(lines, path):
    """Time against sites."""
    panels = []
    for what, words in WHAT.items():
        own = [line for line in lines if what in line["metric"]]
        names = dict.fromkeys(line["name"] for line in own)
        curves = {name: [(o["sites"], o["metric"][what]) for o in own if o["name"] == name] for name in names}
        panels.append(("sites", f"seconds per draw, {words}", curves))
    draw(path, panels)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--sizes", type=int, nargs="+", default=[8, 16, 32, 64])
    parser.add_argument("--only", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--limit", type=float, default=20.0)
    parser.add_argument("--figure")
    options = parser.parse_args()
    lines = []
    for name in options.only:
        for L in options.sizes:
            seen = [pair for line in lines if line["name"] == name for pair in line["metric"].items()]
            skipped = {what for what, seconds in seen if seconds * options.batch > options.limit}
            lines.append(cost(name, L, options.batch, options.limit, skipped))
            print(json.dumps(lines[-1]), flush=True)
    if options.figure:
        figure(lines, options.figure)


if __name__ == "__main__":
    main()
