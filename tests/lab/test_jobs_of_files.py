# SPDX-License-Identifier: Apache-2.0
"""Dropped files: their names, bounds, progress, cancel, and the end of a lab with a job at work."""

import asyncio
import json
import sys
import time

import pytest

from isinglass.errors import InputError
from isinglass.lab import jobs_of_files
from isinglass.lab.jobs_of_files import FileJobs, receive_file

COMMAND = """
import json, pathlib, signal, sys, time
file, out = sys.argv[2], pathlib.Path(sys.argv[4])
def stop(number, frame):
    print("isinglass: stopped at block 3; go on with: isinglass phases", file, file=sys.stderr, flush=True)
    sys.exit(75)
signal.signal(signal.SIGTERM, stop)
text = open(file).read()
if text == "bad":
    print("isinglass: expected configurations; found a word; give an array.", file=sys.stderr)
    sys.exit(2)
for k in range(1, 4):
    print(f"training: {k}/3", file=sys.stderr, flush=True)
    time.sleep(60 if text == "long" and k == 3 else 0)
out.mkdir()
(out / "result.json").write_text(json.dumps({}))
"""


@pytest.fixture
def jobs(tmp_path):
    """Jobs whose command is a small program that behaves as `isinglass phases` does."""
    return FileJobs(tmp_path / "runs", (sys.executable, "-c", COMMAND))


def begun(jobs, text):
    """A job on a file of this text."""
    path = jobs.path_for("data.csv")
    path.write_text(text)
    return jobs.begin(path, "data.csv")


async def until(true):
    """Wait for it."""
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


def test_a_good_and_a_bad_file(jobs):
    async def work():
        good, bad = begun(jobs, "good"), begun(jobs, "bad")
        await until(lambda: {good.state, bad.state} <= {"done", "failed"})
        return good.told(), bad.told()

    good, bad = asyncio.run(work())
    assert (good["state"], good["message"], good["done"], good["total"]) == ("done", "training", 3, 3)
    assert good["run"] == ["phases", good["run"][1]]
    assert (bad["state"], bad["run"]) == ("failed", None)
    assert bad["line"].startswith("isinglass: expected configurations")


def test_cancel_one_that_runs_and_one_that_waits(jobs):
    async def work():
        first, second, third = (begun(jobs, text) for text in ("long", "good", "good"))
        await until(lambda: first.done == 3)
        assert second.state == "waits"
        jobs.stop(second)
        jobs.stop(first)
        await until(lambda: third.state == "done")
        return first.told(), second.told()

    first, second = asyncio.run(work())
    assert (first["state"], second["state"]) == ("stopped", "stopped")
    assert "go on with: isinglass phases" in first["line"]


def test_a_lab_that_closes_stops_its_jobs_and_says_how_to_go_on(jobs):
    async def work():
        job = begun(jobs, "long")
        await until(lambda: job.done == 3)
        lines = await jobs.close()
        return job.process.returncode, lines

    code, (line,) = asyncio.run(work())
    assert code == 75
    assert "go on with" in line


@pytest.mark.parametrize(
    ("name", "kept"),
    [("data.npz", "data.npz"), ("../../etc/passwd", "passwd"), ("..\\..\\x.csv", "x.csv"), ("--out", "out"),
     (".hidden", "hidden"), ("", "file"), ("..", "file"), ("a b\n;rm.npz", "a_b__rm.npz"), ("é" * 300, "é" * 80)],
)  # fmt: skip
def test_names_stay_in_their_folder(jobs, name, kept):
    path = jobs.path_for(name)
    assert path.name == kept
    assert path.parent.parent == jobs.root / "lab"
    path.write_text("x")


async def parts(*chunks):
    """A body that comes in parts."""
    for chunk in chunks:
        yield chunk


@pytest.mark.parametrize(("chunks", "words"), [((b"12", b"345"), "at most 0 MiB"), ((), "an empty one")])
def test_too_long_and_empty_files_leave_nothing(tmp_path, chunks, words):
    folder = tmp_path / "one"
    folder.mkdir()
    with pytest.raises(InputError, match=words):
        asyncio.run(receive_file(parts(*chunks), folder / "x", most=4))
    assert not folder.exists()
    folder.mkdir()
    assert asyncio.run(receive_file(parts(b"12", b"34"), folder / "x", most=4)) == 4


def test_a_file_that_says_it_is_too_long_is_not_read(lab):
    length = str(jobs_of_files.MOST_BYTES + 1)
    status, _, body = lab.ask("/jobs?name=x.npz", "POST", **{"Content-Length": length})
    assert status == 413
    assert json.loads(body)["error"].startswith("expected a file of at most 512 MiB")
    assert not list(lab.root.glob("lab/*/*"))


def test_a_job_that_is_not_there(lab):
    status, found = lab.json("/jobs/none", "DELETE")
    assert status == 400
    assert "a job of this lab" in found["error"]


@pytest.mark.slow
def test_the_command_itself_refuses_a_bad_file(lab):
    status, job = lab.json("/jobs?name=bad.csv", "POST", b"a,b\n1,2\n")
    assert status == 200
    deadline = time.monotonic() + 60
    while job["state"] in ("waits", "runs") and time.monotonic() < deadline:
        time.sleep(0.1)
        (job,) = [one for one in lab.json("/jobs")[1] if one["number"] == job["number"]]
    assert job["state"] == "failed"
    assert job["line"].startswith("isinglass: expected")
