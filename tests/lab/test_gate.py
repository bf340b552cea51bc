# SPDX-License-Identifier: Apache-2.0
"""Who gets in: the token, the Host and Origin headers, paths that lead elsewhere."""

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from isinglass.lab.gate import Address


def test_the_page_is_served_and_keeps_to_itself(lab):
    status, headers, body = lab.ask("/")
    assert status == 200
    assert b"isinglass" in body
    assert "script-src 'self'" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer"
    for name in ("lab.js", "lab.css", "chart.js"):
        assert lab.ask(f"/{name}")[0] == 200, name


@pytest.mark.parametrize("token", ["", "wrong", "a-token-of-the-test", "a-token-of-the-tests%20", "%F0%9F%92%A5"])
def test_a_wrong_token_gets_one_line(lab, token):
    status, _, body = lab.ask("/", token=token)
    assert status == 403
    assert body.decode().startswith("isinglass: expected")
    assert body.count(b"\n") == 1


@pytest.mark.parametrize(
    "host", ["evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:{port}", ""]
)
def test_another_host_gets_nothing(lab, host):
    """DNS rebinding: a name of somebody else that leads to this machine."""
    status, _, body = lab.ask("/", Host=host.format(port=lab.port))
    assert (status, b"Host" in body) in {(403, True), (400, False)}


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1:{port}.evil.example"])
def test_a_page_of_another_site_gets_nothing(lab, origin):
    origin = origin.format(port=lab.port)
    assert lab.ask("/jobs?name=x.npz", "POST", b"x", Origin=origin)[0] == 403
    with pytest.raises(InvalidStatus), connect(lab.live, origin=origin):  # pyright: ignore[reportArgumentType]
        pass
    assert not (lab.root / "lab").exists()


def test_its_own_page_gets_in_by_either_name(lab):
    for name in ("127.0.0.1", "localhost"):
        origin = f"http://{name}:{lab.port}"
        assert lab.ask("/runs", Host=f"{name}:{lab.port}", Origin=origin)[0] == 200


@pytest.mark.parametrize(
    "path",
    ["/../lab.js", "/..%2f..%2fgate.py", "/%2e%2e/gate.py", "/runs/../../gate.py", "/runs/%2e%2e/%2e%2e/report.html",
     "/runs/..%2f..%2f..%2fetc/passwd/report.html", "/runs/phases/x/..%2f..%2fsecret", "//etc/passwd", "/gate.py"],
)  # fmt: skip
def test_no_path_leads_out(lab, path):
    (lab.root / "phases" / "x").mkdir(parents=True, exist_ok=True)
    (lab.root / "phases" / "secret").write_text("secret")
    status, _, body = lab.ask(path)
    assert status in (400, 403, 404)
    assert b"secret\n" not in body
    assert b"import " not in body


def test_a_link_out_of_the_folder_is_no_run(lab, tmp_path):
    (tmp_path / "result.json").write_text("{}")
    (lab.root / "elsewhere").mkdir(parents=True, exist_ok=True)
    (lab.root / "elsewhere" / "run").symlink_to(tmp_path)
    status, found = lab.json("/runs/elsewhere/run")
    assert status == 400
    assert "expected a run" in found["error"]


def test_names_of_all_addresses_are_numbers():
    """Listening at 0.0.0.0, any number may be in Host; a name may have been rebound."""
    everywhere = Address("0.0.0.0", 80, "t")
    assert everywhere.serves("192.168.1.7:80")
    assert everywhere.serves("[fe80::1]:80")
    assert not everywhere.serves("evil.example:80")
    assert not Address("127.0.0.1", 80, "t").serves("192.168.1.7:80")
    assert Address("::1", 80, "t").url == "http://[::1]:80/t/"
