# SPDX-License-Identifier: Apache-2.0
"""Interatomic potentials: ours, mace-torch and nequip on the same frames, epochs and dynamics.

usage: potentials.py [--only mace nequip moments sizes memory] [--epochs 3 15 100] [--seeds 1]

The peers run in environments of their own under $ISINGLASS_PEERS (default .peers):
    python3 -m venv .peers/mace && .peers/mace/bin/pip install torch mace-torch==0.3.16
    python3 -m venv .peers/nequip && .peers/nequip/bin/pip install torch nequip==0.19.1
Frames: 200 to train on and 50 to test, 32 atoms Cu16Al16, cells strained by up to 3 %, atoms moved by 0.1 Å, energies
and forces of EMT.  Cutoff 5 Å, five frames a step, float32, two cores; 190 to train, 10 to validate.  Optimizers:
the peers' Adam at 0.01 as their scripts have it, ours the default, Muon.  MACE: 64x0e+64x1o, two layers,
l_max 3, correlation 3.  NequIP: 64 features, l_max 1, two layers.
`seconds` is the median epoch, `compile_seconds` what the first takes more; `accuracy` the mean absolute error of
forces in meV/Å. Dynamics: 256 atoms, 1 fs; ours in blocks on the device, the peers through ASE. `sizes` and `memory`
are ours alone, of untrained models: seconds of a step from 108 to 10,976 atoms, and the most memory of the process.
Ours and the peer's alternate; every training is a process of its own, ours without a cache of compiled programs.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
PEERS = pathlib.Path(os.environ.get("ISINGLASS_PEERS", HERE.parent / ".peers"))
EPOCHS = {"mace": 3, "nequip": 15, "moments": 100}
LIGHT = {"energy_weight": 100.0}
SPEED = {"mace": 3.0, "nequip": 1.5}  # times the peer's epochs
MOTION = {"mace": 5.0, "nequip": 1.0, "moments": 10.0}  # times the peer's steps; of moments compiled nequip's
STEPS = {"mace": 100, "nequip": 500, "moments": 2000}
SIZES = (108, 500, 1372, 4000, 10_976)  # atoms
EXPONENT = 1.1
MEMORY = 16  # GiB


def rattled(rng, repeats, strain, moved):
    """Cu and Al at random on the sites of an fcc crystal of 3.8 Å."""
    from ase.build import bulk

    atoms = bulk("Cu", "fcc", a=3.8, cubic=True).repeat(repeats)
    half = len(atoms) // 2
    atoms.numbers[:] = rng.permutation([29] * (len(atoms) - half) + [13] * half)
    atoms.set_cell(atoms.cell[:] @ (np.eye(3) + rng.uniform(-strain, strain, (3, 3))), scale_atoms=True)
    atoms.positions += rng.normal(0, moved, atoms.positions.shape)
    return atoms


def write_frames(folder):
    """train.xyz, test.xyz with names of their own, *_c.xyz with ASE's; start.xyz of 256 atoms."""
    from ase.calculators.emt import EMT
    from ase.calculators.singlepoint import SinglePointCalculator
    from ase.io import write

    rng, named, plain = np.random.default_rng(0), [], []
    for _ in range(250):
        atoms = rattled(rng, 2, 0.03, 0.1)
        labelled = atoms.copy()
        labelled.calc = EMT()
        energy, forces = labelled.get_potential_energy(), labelled.get_forces()
        plain.append(atoms.copy())
        plain[-1].calc = SinglePointCalculator(plain[-1], energy=energy, forces=forces)
        atoms.info["REF_energy"], atoms.arrays["REF_forces"] = energy, forces
        named.append(atoms)
    for name, frames in (("", named), ("_c", plain)):
        write(folder / f"train{name}.xyz", frames[:200])
        write(folder / f"test{name}.xyz", frames[200:])
    write(folder / "start.xyz", rattled(np.random.default_rng(1), 4, 0.0, 0.05))


def ours(model, epochs, seed, folder):
    """The child: `approximate`, then `sample` with the potential."""
    import equinox as eqx
    import jax

    from isinglass import approximate, sample
    from isinglass.data.atoms import read_atoms

    atoms, test = read_atoms(folder / "train.xyz"), read_atoms(folder / "test.xyz")
    marks = []
    tell = lambda done, total, message: marks.append((time.perf_counter(), message))  # noqa: E731
    found = approximate(
        seed, atoms.kept(np.arange(190)), model=model, valid=atoms.kept(np.arange(190, 200)), test=test, epochs=epochs,
        progress=tell, **(LIGHT if model == "moments" else {}),
    )  # fmt: skip
    times = np.array([t for t, message in marks if not message.startswith("measuring")])
    potential = found.models["potential"]
    moved = sample(
        seed, starting(folder, potential), ensemble="nve", temperature=300.0, time_step=1.0, every=10,
        steps=STEPS[model], precision="single", progress=False,
    )  # fmt: skip
    return {"epoch_seconds": np.diff(times).tolist(), "forces_mae": found.estimates["forces_mae"].value / 1000,
            "parameters": sum(a.size for a in jax.tree.leaves(eqx.filter(potential.net, eqx.is_inexact_array))),
            "steps_per_second": moved.metrics[0]["steps_per_second"], "verdict": str(found.verdict)}  # fmt: skip


def starting(folder, potential):
    """256 atoms at rest in the potential."""
    from isinglass import data, systems

    return systems.AtomsInPotential(potential, data.atoms.read_structure(folder / "start.xyz"))


def child(command, folder):
    """The last JSON line of a process, None where its program is not there."""
    if not pathlib.Path(command[0]).exists():
        print(f"no {command[0]}: the first lines of {__file__} tell how to make it", file=sys.stderr)
        return None
    cold = os.environ | {"JAX_ENABLE_COMPILATION_CACHE": "false"}
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=cold, cwd=folder)
    return json.loads(next(line for line in reversed(done.stdout.splitlines()) if line.startswith("{")))


def trained(model, epochs, seed, folder):
    """Ours, then the peer's."""
    own = [sys.executable, pathlib.Path(__file__).resolve(), "--child", model, str(epochs), str(seed), folder]
    told = {"isinglass": child(own, folder)}
    if model != "moments":
        python = PEERS.absolute() / model / "bin" / "python"
        peer = [python, HERE / "peers" / f"potential_{model}.py", str(epochs), str(seed), folder]
        told["mace-torch" if model == "mace" else "nequip"] = child(peer, folder)
    return {name: one | {"seed": seed} for name, one in told.items() if one}


def mean(runs, name, key):
    """Over seeds; of epochs the median of those after the first."""
    values = [run[name][key] for run in runs]
    return float(np.mean([np.median(v[1:] or v) if isinstance(v, list) else v for v in values]))


def lines(model, epochs, runs, compiled_nequip):
    """An epoch and dynamics, of each side."""
    names, peer = list(runs[0]), next((name for name in runs[0] if name != "isinglass"), None)
    for name in names:
        epoch = mean(runs, name, "epoch_seconds")
        first = float(np.mean([run[name]["epoch_seconds"][0] for run in runs]))
        line = {"name": name, "workload": f"{model} potential, Cu16Al16, {epochs} epochs", "metric": 60 / epoch,
                "unit": "epochs/min", "seconds": epoch, "compile_seconds": first - epoch,
                "accuracy": 1000 * mean(runs, name, "forces_mae"),
                "parameters": runs[0][name]["parameters"]}  # fmt: skip
        if name == "isinglass" and peer:
            line["target"] = f"{SPEED[model]:g} x {peer}, error no worse"
            fast = SPEED[model] * epoch <= mean(runs, peer, "epoch_seconds")
            line["met"] = fast and line["accuracy"] <= 1000 * mean(runs, peer, "forces_mae")
        yield line
        steps = mean(runs, name, "steps_per_second")
        line = {"name": name, "workload": f"dynamics of 256 atoms, {model}", "metric": steps, "unit": "steps/s",
                "seconds": 1 / steps}  # fmt: skip
        other = compiled_nequip if model == "moments" else peer and mean(runs, peer, "steps_per_second")
        if name == "isinglass" and other:
            line["target"] = f"{MOTION[model]:g} x {'nequip compiled' if model == 'moments' else peer}"
            line["met"] = steps >= MOTION[model] * other
        yield line


def sizes():
    """The exponent of the light model's cost for a step, from SIZES, by a straight line through logarithms."""
    seconds = [json.loads(size_child(n))["seconds"] for n in SIZES]
    slope = float(np.polyfit(np.log(SIZES), np.log(seconds), 1)[0])
    yield {"name": "isinglass", "workload": "light model, cost against atoms", "metric": slope, "unit": "exponent",
           "seconds": seconds[-1], "atoms": SIZES, "step_seconds": seconds, "target": f"at most {EXPONENT}",
           "met": slope <= EXPONENT}  # fmt: skip


def memory():
    """Of dynamics with the most atoms, of the light and of the MACE-type model with its layers in blocks of atoms."""
    for model in ("moments", "mace"):
        found = json.loads(size_child(SIZES[-1], model))
        yield {"name": "isinglass", "workload": f"memory, {found['atoms']} atoms, {model}",
               "metric": found["memory_gib"], "unit": "GiB", "seconds": found["seconds"],
               "target": f"at most {MEMORY} GiB", "met": found["memory_gib"] <= MEMORY}  # fmt: skip


def size_child(n, model="moments"):
    """What a process of its own measures."""
    command = [sys.executable, pathlib.Path(__file__).resolve(), "--size", str(n), model]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()[-1]


def step_of(n, model):
    """Seconds for a step of the untrained model with n atoms, and the memory of the process."""
    import resource

    import jax

    from isinglass import data, nets, sample, systems

    atoms = rattled(np.random.default_rng(2), round((n / 4) ** (1 / 3)), 0.0, 0.02)
    Net = {"moments": nets.equivariant.MomentPotential, "mace": nets.equivariant.Mace}[model]
    net = Net(key=jax.random.key(0), numbers=(13, 29), average=42.0)
    potential = nets.equivariant.ScaledPotential(net, 0.01, np.zeros(2))
    start = systems.AtomsInPotential(potential, data.atoms.atomic_structure(atoms))
    every, blocks = (10, 3 * max(10, round(1e4 / len(atoms)))) if model == "moments" else (1, 4)
    moved = sample(0, start, ensemble="nve", temperature=1.0, every=every, steps=every * blocks, precision="single",
                   progress=False)  # fmt: skip
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return {"atoms": len(atoms), "seconds": 1 / moved.metrics[0]["steps_per_second"], "memory_gib": peak}


ALONE = {"sizes": sizes, "memory": memory}  # ours, without a peer


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=[*EPOCHS, *ALONE], default=[*EPOCHS, *ALONE])
    parser.add_argument("--epochs", type=int, help="of all; by default 3 of mace, 15 of nequip, 100 of the light one")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--child", nargs=4, help=argparse.SUPPRESS)
    parser.add_argument("--size", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        model, epochs, seed, folder = options.child
        print(json.dumps(ours(model, int(epochs), int(seed), pathlib.Path(folder))))
    elif options.size:
        print(json.dumps(step_of(int(options.size[0]), options.size[1])))
    else:
        compare(options)


def compare(options):
    """Everything that was asked for, line by line."""
    compiled = None
    with tempfile.TemporaryDirectory() as made:
        folder = pathlib.Path(made)
        write_frames(folder)
        for model in (one for one in options.only if one not in ALONE):
            epochs = options.epochs or EPOCHS[model]
            runs = [trained(model, epochs, seed, folder) for seed in range(options.seeds)]
            print(json.dumps(runs), file=sys.stderr)
            if model == "nequip" and "nequip" in runs[0]:
                compiled = mean(runs, "nequip", "steps_per_second")
            for line in lines(model, epochs, runs, compiled):
                print(json.dumps(line), flush=True)
    for name in (one for one in options.only if one in ALONE):
        for line in ALONE[name]():
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
