# SPDX-License-Identifier: Apache-2.0
"""Peer: RealNVP of normflows, reverse KL training for the phi^4 field, L = 8, kappa = 0.2, lambda = 0.5.

16 masked affine couplings on a checkerboard, s and t each a perceptron 64-128-128-64, batch 512, Adam 1e-3.
Prints seconds a step (best block of 25), and the seconds of training until the
ESS fraction of 8192 fresh draws is one half, or null where the limit came first.
usage: normflows_phi4.py STEPS LIMIT_SECONDS
"""

import json
import sys
import time

import normflows as nf
import torch

L, KAPPA, LAM, BATCH, BLOCK = 8, 0.2, 0.5, 512, 25


def action(x):
    """S of each row."""
    p = x.view(-1, L, L)
    neighbors = p.roll(1, 1) + p.roll(1, 2)
    return (-2 * KAPPA * p * neighbors + (1 - 2 * LAM) * p**2 + LAM * p**4).sum((1, 2))


def model():
    """RealNVP."""
    N = L * L
    mask = torch.tensor([(i + j) % 2 for i in range(L) for j in range(L)], dtype=torch.float32)
    layers = [
        nf.flows.MaskedAffineFlow(
            mask if i % 2 else 1 - mask,
            nf.nets.MLP([N, 128, 128, N], leaky=0.01, init_zeros=True),
            nf.nets.MLP([N, 128, 128, N], leaky=0.01, init_zeros=True, output_fn="tanh"),
        )
        for i in range(16)
    ]
    return nf.NormalizingFlow(nf.distributions.DiagGaussian(N, trainable=False), layers)


def share(flow):
    """ESS / n of 8192 draws."""
    with torch.no_grad():
        x, log_q = flow.sample(8192)
        log_w = -action(x) - log_q
        return float(torch.exp(2 * torch.logsumexp(log_w, 0) - torch.logsumexp(2 * log_w, 0)) / 8192)


def main():
    steps, limit = int(sys.argv[1]), float(sys.argv[2])
    torch.manual_seed(0)
    flow = model()
    optimizer = torch.optim.Adam(flow.parameters(), 1e-3)
    best, trained, reached, done, ess = float("inf"), 0.0, None, 0, 0.0
    while done < steps or (reached is None and trained < limit):
        begun = time.perf_counter()
        for _ in range(BLOCK):
            optimizer.zero_grad()
            x, log_q = flow.sample(BATCH)
            (log_q + action(x)).mean().backward()
            optimizer.step()
        seconds = time.perf_counter() - begun
        trained, best, done = trained + seconds, min(best, seconds / BLOCK), done + BLOCK
        ess = share(flow)
        if ess >= 0.5 and reached is None:
            reached = trained
    print(
        json.dumps(
            {"seconds": best, "steps": done, "trained_seconds": trained, "seconds_to_half": reached, "accuracy": ess}
        )
    )


if __name__ == "__main__":
    main()
