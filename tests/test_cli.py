# SPDX-License-Identifier: Apache-2.0
"""The command line: exit codes, one line for bad input, one JSON document, a clean end after a signal."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from isinglass.cli import ended_by_signals, main, task_lines
from isinglass.errors import Interrupted
from isinglass.experiments.catalogue import Entry, catalogue, find
from isinglass.result import Check, Estimate, Result
from isinglass.tasks.setting.temperature import parse_temperature

TOY = Entry("tests.toy:Toy", "sample", "π by throwing points")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """A folder of its own, and the toy in the catalogue."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(catalogue(), "toy", TOY)
    return tmp_path


@pytest.fixture
def call(capsys):
    """Run the command line here; returns (code, stdout, stderr)."""

    def run(*arguments):
        with pytest.raises(SystemExit) as end:
            main([str(a) for a in arguments])
        out, err = capsys.readouterr()
        return end.value.code, out, err

    return run


def bad_input(answer, *words):
    """Exit code 2, one line on stderr, no traceback, nothing on stdout."""
    code, out, err = answer
    lines = err.strip().splitlines()
    assert (code, out, len(lines)) == (2, "", 1), answer
    assert re.search("found |got ", err)
    for word in words:
        assert word in err, err
    return True


def test_run_prints_saves_and_says_where(call, here):
    code, out, err = call("run", "toy", "--seed", 3)
    assert code == 0
    assert "verdict: pass (1 of 1 check passed)" in out
    (folder,) = (here / "runs" / "toy").iterdir()
    assert re.fullmatch(r"\d{8}T\d{6}Z-[0-9a-f]{6}", folder.name)
    assert out.strip().endswith(f"runs/toy/{folder.name}/report.html")
    result = Result.load(folder)
    assert (result.name, result.seed, result.preset, result.settings["points"]) == ("toy", 3, "laptop", 1000)
    assert "throwing: 4/4" in err


def test_json_is_one_document_and_equal_to_the_saved_one(call, here):
    code, out, _ = call("run", "toy", "--json", "--out", here / "new")
    assert code == 0
    assert json.loads(out) == json.loads((here / "new" / "result.json").read_text())


def test_every_setting_is_a_flag_and_a_preset_sets_them(call):
    settings = json.loads(call("run", "toy", "--preset", "smoke", "--sides", 3, 4, "--json")[1])["settings"]
    assert settings == {"points": 100, "blocks": 4, "tolerance": 0.2, "alarm": 0, "sides": [3, 4]}
    assert json.loads(call("run", "toy", "--preset=smoke", "--points", 7, "--json")[1])["settings"]["points"] == 7
    _, out, _ = call("run", "toy", "--help")
    for word in ("--points", "Points in a block", "--preset", "--out", "π is 3.14159"):
        assert word in out


def test_a_failed_check_is_exit_code_1(call):
    assert call("run", "toy", "--tolerance", 1e-9)[0] == 1


def test_same_seed_same_numbers(call):
    a, b, c = (json.loads(call("run", "toy", "--seed", s, "--json")[1])["estimates"] for s in (1, 1, 2))
    assert a == b != c


def test_list_show_compare_verify(call, here):
    assert "π by throwing points" in call("list")[1]
    assert json.loads(call("list", "--json")[1])[-1]["name"] == "toy"
    call("run", "toy", "--out", here / "a")
    call("run", "toy", "--out", here / "b", "--seed", 1)
    assert call("show", here / "a")[1].startswith("toy")
    code, out, _ = call("compare", here / "a", here / "b")
    assert code == 0
    assert re.search(r"^pi .*σ$", out, re.M)
    code, out, _ = call("verify", "toy", "--preset", "smoke", "--json")
    (result,) = json.loads(out)["results"]
    assert (code, result["verdict"], result["checks"][0]["source"]) == (0, "pass", "Archimedes")
    assert "π is 3.14159" in call("verify", "toy", "--preset", "smoke")[1]
    code, out, _ = call("verify", "toy", "--preset", "smoke", "--seed", 5, "--seeds", 3, "--json")
    assert [one["seed"] for one in json.loads(out)["results"]] == [5, 6, 7]
    assert re.search(r"^toy +3 +0 +0$", call("verify", "toy", "--preset", "smoke", "--seeds", 3)[1], re.M)
    assert call("show", "latest")[0] == 0
    assert call("show", "toy")[0] == 0


def test_bad_input_is_one_line(call, here):
    (here / "file").write_text("x")
    assert bad_input(call("nonsense"), "list, run")
    assert bad_input(call("run"), "toy")
    assert bad_input(call("run", "toi"), "'toy'")
    assert bad_input(call("run", "toy", "--points", "many"), "--points")
    assert bad_input(call("run", "toy", "--pionts", 3), "--pionts")
    assert bad_input(call("run", "toy", "--preset", "huge"), "smoke")
    assert bad_input(call("run", "toy", "--out", here), "does not exist")
    assert bad_input(call("run", "toy", "--out", here / "file"), "exists")
    assert bad_input(call("run", "toy", "--out", here / "missing" / "run"), "mkdir -p")
    assert bad_input(call("run", "toy", "--resume", here / "file"), ".partial")
    assert bad_input(call("run", "toy", "--seed", 10**20), "64 bits")
    assert bad_input(call("ground-state", here / "no.toml"), "no such file")
    huge = ("sample", "ising", "--shape", 10**6, 10**6, "--temperature", 2.0, "--out", here / "huge.nc")
    assert bad_input(call(*huge), "within the memory")
    assert bad_input(call("show", "nothing"), "run directory")
    assert bad_input(call("compare", "a", "b"))
    assert bad_input(call("phases", here / "none.npz"), "none.npz")
    assert bad_input(call("phases", here / "file"), ".npz")
    assert bad_input(call("verify", "toy", "nonsense"), "nonsense")
    assert bad_input(call("verify", "toy", "--seeds", 0), "1 to 10000 seeds")
    sample = ("sample", "ising", "--shape", 4, 4)
    assert bad_input(call(*sample, "--temperature", "1:2", "--out", "a.nc"), "1:2")
    assert bad_input(call(*sample, "--temperature=-1", "--out", "a.nc"), "positive")
    assert bad_input(call(*sample, "--temperature", "2", "--out", "a.txt"), ".nc")
    assert bad_input(call(*sample, "--temperature", "2", "--out", "a.nc", "--q", 3), "--q")
    assert bad_input(call("sample", "ising", "--shape", 1, 4, "--temperature", "2", "--out", "a.nc"))
    assert bad_input(call("sample", "isng"), "ising")
    assert sorted(p.name for p in here.iterdir()) == ["file"]


def test_a_bug_is_no_bad_input(call, monkeypatch):
    monkeypatch.setattr("tests.toy.Toy.run", lambda *args, **kwargs: np.zeros(2).reshape(3))
    with pytest.raises(ValueError, match="reshape"):
        main(["run", "toy"])


def test_a_missing_extra_gives_the_line_to_install_it(call, monkeypatch):
    def run(*args, **kwargs):
        raise ImportError('this needs ArviZ: pip install "isinglass[arviz]"')

    monkeypatch.setattr("tests.toy.Toy.run", run)
    code, out, err = call("run", "toy")
    assert (code, err.strip()) == (2, 'isinglass: this needs ArviZ: pip install "isinglass[arviz]"')


def test_a_full_disk_keeps_the_checkpoint(call, here, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("isinglass.run.job.fill", full)
        code, _, err = call("run", "toy", "--out", here / "a")
    assert (code, "No space" in err) == (2, True)
    assert (here / "a.partial" / "checkpoint" / "toy.json").exists()
    assert call("run", "toy", "--out", here / "a")[0] == 0
    assert not (here / "a.partial").exists()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["1.5:3.5:41"], np.linspace(1.5, 3.5, 41)),
        (["2.0", "2.2", "2.4"], [2.0, 2.2, 2.4]),
        (["2.0,2.2", "3:4:3"], [2.0, 2.2, 3.0, 3.5, 4.0]),
        (["2:9:1"], [2.0]),
    ],
)
def test_temperatures(words, expected):
    np.testing.assert_allclose(parse_temperature(words), expected, rtol=1e-14)


@pytest.fixture
def called(monkeypatch):
    """Stands for the tasks: what each was called with."""
    seen = {}

    def sampled(self, key, problem, **options):
        import xarray as xr

        seen.update(vars(self), system=problem)
        rng = np.random.default_rng(0)
        n = len(self.temperature) * self.samples
        x = rng.choice(np.array(problem.variable.values or [0.1, 0.2]), (n, *problem.shape))
        arrays = {"configurations": (("sample", *"abc"[: x.ndim - 1]), x)}
        arrays["temperature"] = ("sample", np.repeat(self.temperature, self.samples))
        return Result("sample", estimates={"n": Estimate(float(n))}, arrays=xr.Dataset(arrays))

    def inferred(self, key, problem, **options):
        seen.update(data=problem)
        return Result("infer", estimates={"critical_temperature": Estimate(2.27, 0.01)}, checks=[])

    monkeypatch.setattr("isinglass.tasks.sample_system.SampleSystem.run", sampled)
    monkeypatch.setattr("isinglass.tasks.infer_phases.InferPhases.run", inferred)
    return seen


def test_sample_then_phases(call, here, called):
    arguments = ("--shape", 4, 6, "--temperature", "1.5:3.5:5", "--samples", 7, "--thin", 3, "--J", 2)
    arguments = (*arguments, "--effective-samples", 5)
    code, out, _ = call("sample", "ising", *arguments, "--out", here / "data.nc")
    assert (code, "samples: " in out, f"report: {here / 'data.nc.html'}" in out) == (0, True, True)
    assert "isinglass sample ising" in (here / "data.nc.html").read_text()
    assert sorted(path.name for path in here.glob("data.nc*")) == ["data.nc", "data.nc.html"]
    assert called["temperature"] == [1.5, 2.0, 2.5, 3.0, 3.5]
    assert (called["thin"], called["effective_samples"], called["method"]) == (3, 5.0, "auto")
    assert float(called["system"].J) == 2.0
    assert bad_input(call("sample", "ising", *arguments, "--out", here / "data.nc"), "exists")
    (here / "old.nc.html").write_text("the page of a file that was moved away")
    called.clear()
    assert bad_input(call("sample", "ising", *arguments, "--out", here / "old.nc"), "exists")
    assert not called  # before the work
    code, out, _ = call("phases", here / "data.nc", "--json")
    assert (code, json.loads(out)["estimates"]["critical_temperature"]["value"]) == (0, 2.27)
    assert (called["data"].n, called["data"].shape) == (35, (4, 6))


@pytest.mark.parametrize("system", ["potts", "xy", "gauge", "square-ice"])
def test_every_system_can_be_sampled(system, call, here, called):
    assert (
        call("sample", system, "--shape", 4, 4, "--temperature", 2, 3, "--out", here / "a.nc", "--samples", 2)[0] == 0
    )


def test_entries_agree_with_their_classes():
    for name, entry in catalogue().items():
        experiment = find(name)
        assert (experiment.name, experiment.task) == (name, entry.task)
        for preset in ("smoke", "laptop", "paper"):
            experiment.preset(preset)


def call_process(here: Path, *arguments: str) -> tuple[int, str]:
    """The command line with the toy, in a process of its own; returns (code, stderr)."""
    code = "from isinglass.experiments.catalogue import catalogue, Entry; from isinglass.cli import main; "
    code += f"catalogue()['toy'] = Entry{tuple(TOY)}; main({list(arguments)})"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])}
    done = subprocess.run([sys.executable, "-c", code], cwd=here, env=environment, capture_output=True, text=True)
    return done.returncode, done.stderr


SIGNALS = {"TERM": 75, "USR1": 75, "INT": 130, "KILL": -9}


@pytest.mark.parametrize("name", SIGNALS)
def test_a_signal_ends_the_run_and_it_goes_on_to_the_same_numbers(name, here, call):
    number = signal.Signals[f"SIG{name}"]
    options = ["--points", "5", "--tolerance", "2"]
    arguments = ["run", "toy", *options, "--alarm", str(int(number)), "--out", "slow"]
    if name in ("KILL", "TERM"):
        code, err = call_process(here, *arguments)
    else:
        code, _, err = call(*arguments)
    assert code == SIGNALS[name], err
    assert "Traceback" not in err
    saved = here / "slow.partial" / "checkpoint" / "toy.json"
    assert len(json.loads(saved.read_text())) == 2  # of four blocks
    assert not (here / "slow").exists()
    assert bad_input(call("run", "toy", "--out", here / "slow"), "another run stopped")
    assert call("run", "toy", "--resume", here / "slow.partial")[0] == 0
    whole = json.loads(call("run", "toy", *options, "--json")[1])
    assert Result.load(here / "slow").to_json()["estimates"] == whole["estimates"]


def test_a_run_that_ignores_signals_is_ended_between_blocks(call, here, monkeypatch):
    def run(self, key, *, progress, checkpoint):
        os.kill(os.getpid(), signal.SIGTERM)
        for block in range(1000):
            progress(block, 1000, "deaf")
        return Result("toy")

    monkeypatch.setattr("tests.toy.Toy.run", run)
    assert call("run", "toy", "--out", here / "a")[0] == 75
    assert not (here / "a").exists()


def test_doctor(call):
    code, out, _ = call("doctor", "--json")
    record = json.loads(out)
    assert code == 0
    assert record["checks"][0]["verdict"] == "pass"
    assert "devices" in record["settings"]
    assert "jax" in call("doctor")[1]


def test_doctor_sees_a_wrong_number(call, monkeypatch):
    # Planted: a coupling that is 1 % off moves ln Z by 0.08, the check sees 1e-9.
    import isinglass.systems.lattice.ising as ising

    real = ising.Ising
    monkeypatch.setattr(ising, "Ising", lambda shape, temperature: real(shape, temperature=temperature, J=1.01))
    assert call("doctor")[0] == 1


def test_checks_have_the_last_word():
    assert Result("r", checks=[Check("a", None, None, None, "unknown")]).verdict == "unknown"


def test_beta_and_temperature_together_are_refused(call, here):
    """They are one number: 2 and 1 contradict each other."""
    code, _, error = call("sample", "u1", "--shape", "4", "4", "--beta", "2", "--temperature", "1", "--out", "c.nc")
    assert code == 2
    assert "beta = 2 and temperature 1" in error


def test_more_seeds_than_anybody_waits_for(call):
    assert bad_input(call("verify", "toy", "--seeds", 10**20), "1 to 10000 seeds")


@pytest.mark.parametrize(("platform", "found"), [("cuda", "cuda"), ("nonsense", "nonsense")])
def test_a_platform_that_is_not_there(platform, found, here):
    """JAX says one by an AssertionError, the other by a RuntimeError; here both are one line."""
    words = "sample ising --shape 4 4 --temperature 2 --samples 64 --out a.nc".split()
    done = subprocess.run(
        [sys.executable, "-m", "isinglass", *words], env={**os.environ, "JAX_PLATFORMS": platform},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert bad_input((done.returncode, done.stdout, done.stderr), "expected a device", found, "unset JAX_PLATFORMS")
    assert not any(here.iterdir())


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_an_unknown_flag_is_named_in_terminals_with_frames_and_without(encoding):
    words = ["sample", "ising", "--shape", "4", "4", "--temperatur", "2", "--out", "o.nc"]
    command = [sys.executable, "-m", "isinglass", *words]
    ended = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"PYTHONIOENCODING": encoding})
    found = "found unrecognized options: --temperatur, 2; see isinglass sample ising --help."
    assert ended.stderr == f"isinglass: expected arguments as in --help; {found}\n"


def test_streams_that_cannot_be_written_lead_nowhere(here):
    """Standard error open for reading alone, as the script of a shell that was begun without one."""
    words = "sample ising --shape 4 4 --temperature 2 --samples 64 --out a.nc".split()
    with open(os.devnull) as readable:
        ended = subprocess.run([sys.executable, "-m", "isinglass", *words], stderr=readable, stdout=subprocess.PIPE)
    assert ended.returncode in (0, 1)
    assert (here / "a.nc").exists()


def test_help_ends_on_the_narrowest_of_terminals():
    """In less than eight columns the lines of a table of flags never end."""
    command = [sys.executable, "-m", "isinglass", "run", "ising-phases", "--help"]
    environment = os.environ | {"COLUMNS": "1"}
    ended = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=200, check=False)
    assert ended.returncode == 0
    assert max(map(len, ended.stdout.splitlines()[1:])) > 8


def test_lines_of_help_are_whole():
    """A line that ends inside of [n, ...] is seen."""
    for command, said in task_lines():
        assert said.count("[") == said.count("]"), command
        assert not said.endswith((",", " ")), command


HELPED = ("ground-state", "density", "evaluate", "phases", "sample ising", "run tfim-ground-state")


@pytest.mark.parametrize("words", HELPED)
def test_help_is_for_the_command_line(words, call):
    """No exceptions, no lines of Python, no type that only Python has."""
    out = call(*words.split(), "--help")[1]
    for word in ("Errors:", "InputError", "result = ", "{None}", "NoneType"):
        assert word not in out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_within_a_destructor_is_not_lost(number):
    """Python drops what is raised there: the signal comes again."""

    class Dropped:
        def __del__(self):
            signal.raise_signal(number)

    def waited():
        Dropped()
        time.sleep(5)

    with pytest.raises(Interrupted, match="before the work") as stopped, ended_by_signals(to_the_end=False):
        waited()
    assert stopped.value.signal == number
