# SPDX-License-Identifier: Apache-2.0
"""The benchmarks on a machine with other work: two processes that do nothing but take their share of the cores.

usage: run.py --busy [--quick] [--only ...]

A program whose threads wait for one another loses more than its share.  Each workload is measured alone and beside
them; its loss is the quotient.  Target: at most twice the loss of NetKet (neural_states, tfim20) in the same run.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

SPINNING = "while True: pass"
PROCESSES = 2
REFERENCE = "tfim20"  # the workload of NetKet whose loss is the measure
ALLOWED = 2.0  # times the loss of the reference


@contextmanager
def spinning() -> Iterator[None]:
    """Two processes beside, ended afterwards."""
    processes = [subprocess.Popen([sys.executable, "-c", SPINNING]) for _ in range(PROCESSES)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def losses(quiet: dict[str, float], busy: dict[str, float]) -> dict[str, float]:
    """Quiet over busy speed, for each workload measured in both."""
    return {name: quiet[name] / busy[name] for name in quiet if name in busy and busy[name] > 0}


def speeds(lines: list[dict], number) -> tuple[dict[str, float], dict[str, float]]:
    """Ours and the peers' speed by workload, as the table has them."""
    measured = [line for line in lines if "metric" in line]
    ours = {line["workload"]: number(line) for line in measured if line["name"] == "isinglass"}
    peers = {f"{line['peer']}, {line['workload']}": line["peer_metric"] for line in measured if "peer" in line}
    others = (line for line in measured if line["name"] not in ("isinglass", "ratio"))
    return ours, peers | {f"{line['name']}, {line['workload']}": number(line) for line in others}


def reference(peers: dict[str, float]) -> float | None:
    """The loss of NetKet; None where it was not measured."""
    return next((loss for name, loss in peers.items() if name.startswith("netket") and REFERENCE in name), None)


def table(quiet: list[dict], busy: list[dict], number) -> tuple[str, list[str]]:
    """Workload, both speeds, loss and verdict; and the workloads that lose more than is allowed."""
    (ours, peers), (ours_busy, peers_busy) = speeds(quiet, number), speeds(busy, number)
    lost, of_peers = losses(ours, ours_busy), losses(peers, peers_busy)
    bound = None if (loss := reference(of_peers)) is None else ALLOWED * loss
    rows, failed = [("workload", "quiet", "busy", "loss", "at most")], []
    for name, loss in (lost | of_peers).items():
        before, after = ours.get(name, peers.get(name, 0.0)), ours_busy.get(name, peers_busy.get(name, 0.0))
        limit = "" if bound is None or name not in lost else f"{bound:.2f}"
        rows.append((name, f"{before:.4g}", f"{after:.4g}", f"{loss:.2f}", limit))
        if limit and loss > bound:
            failed.append(name)
    widths = [max(len(row[i]) for row in rows) for i in range(5)]
    text = "\n".join("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows)
    return text, failed
