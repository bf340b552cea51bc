# SPDX-License-Identifier: Apache-2.0
"""The lab: seconds to its first frame, frames and flips a second at 256 x 256, memory with eight tabs at once.

usage: lab.py [--seconds 20] [--minutes 10]

The command `isinglass lab` as users start it; tabs are clients of its WebSocket that answer every frame, as the page
does, and move the temperature every 20 s.  Memory: resident MiB of the server, `growth` between the middle and the end.
"""

import argparse
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager

from websockets.sync.client import connect

FIRST, FRAMES, FLIPS, GROWTH = 3.0, 30.0, 1e8, 0.02  # s, a second, a second, share of the memory
SPINS = {"view": "spins", "side": 256}
TABS = [*({**SPINS, "start": seed} for seed in range(6)), {"view": "quench"}, {"view": "diffusion"}]


@contextmanager
def lab():
    """The running server, and the address of its socket."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "isinglass", "lab", "--no-browser", "--port", "0"]
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True)
        try:
            yield process, process.stdout.readline().split()[1].replace("http", "ws") + "live"
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def frames(url, wish, end, count, most=float("inf"), after=0.0):
    """Answer frames until `end`, or `most` of them; of those from `after` on count[0] frames, count[1] flips."""
    with connect(url, max_size=None, compression=None) as socket:
        asked = turns = 0
        while time.perf_counter() < end and count[0] < most:
            if time.perf_counter() - asked > 20:
                asked, turns = time.perf_counter(), turns + 1
                told = {"temperature": 1.6 + 0.1 * (turns % 12)} if wish["view"] == "spins" else {}
                socket.send(json.dumps(wish | told))
            message = socket.recv(60)
            length = int.from_bytes(message[:4], "little")
            head = json.loads(message[4 : 4 + length])
            if time.perf_counter() >= after:
                count[0] += 1
                count[1] += head.get("flips") or 0
            socket.send(json.dumps({"view": "seen", "frame": head["frame"]}))


def first_frame():
    """Seconds from the command to the first frame."""
    begun = time.perf_counter()
    with lab() as (_, url):
        frames(url, TABS[0], begun + 60, [0, 0], most=1)
        return time.perf_counter() - begun


def speed(seconds):
    """Frames and flips a second of one tab, after the first three seconds."""
    with lab() as (_, url):
        count, begun = [0, 0], time.perf_counter() + 3
        frames(url, TABS[0], begun + seconds, count, after=begun)
        spent = time.perf_counter() - begun
        return count[0] / spent, count[1] / spent


def memory(minutes):
    """Resident MiB of the server with all tabs, every tenth of the time."""
    with lab() as (process, url):
        end = time.perf_counter() + 60 * minutes
        threads = [threading.Thread(target=frames, args=(url, wish, end, [0, 0])) for wish in TABS]
        for thread in threads:
            thread.start()
        seen = []
        while any(thread.is_alive() for thread in threads):
            time.sleep(6 * minutes)
            status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
            seen.append(int(status.partition("VmRSS:")[2].split()[0]) / 1024)
        return seen


def line(workload, value, unit, target, met, seconds, **more):
    """One line of JSON."""
    said = {"name": "isinglass", "workload": workload, "metric": value, "unit": unit, "seconds": seconds}
    said |= {"compile_seconds": 0.0, "accuracy": None, "target": target, "met": bool(met)}
    print(json.dumps(said | more), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--minutes", type=float, default=10.0)
    options = parser.parse_args()
    first = first_frame()
    line("lab: first frame", first, "s", f"{FIRST:g} s", first <= FIRST, first, load=os.getloadavg()[0])
    shown, flips = speed(options.seconds)
    load = os.getloadavg()[0]
    line("lab: frames, 256 x 256", shown, "1/s", f"{FRAMES:g}/s", shown >= 0.99 * FRAMES, options.seconds, load=load)
    line("lab: flips, 256 x 256", flips, "1/s", f"{FLIPS:g}/s", flips >= FLIPS, options.seconds, load=load)
    if options.minutes:
        seen = memory(options.minutes)
        growth = seen[-1] / seen[len(seen) // 2] - 1
        line(f"lab: memory, 8 tabs, {options.minutes:g} min", seen[-1], "MiB", f"growth at most {GROWTH:.0%}",
             growth <= GROWTH, 60 * options.minutes, growth=growth, every=[round(mib) for mib in seen])  # fmt: skip


if __name__ == "__main__":
    main()
