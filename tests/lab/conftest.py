# SPDX-License-Identifier: Apache-2.0
"""A lab that serves in a thread, and requests as any program may send them."""

import http.client
import json
import threading
import time
from contextlib import contextmanager

import pytest
import uvicorn

from isinglass.lab.gate import Address
from isinglass.lab.server import Lab, listening, settings_of

TOKEN = "a-token-of-the-tests"


class Served:
    """A lab at work, and how to ask it."""

    def __init__(self, lab):
        self.lab, self.port, self.root = lab, lab.address.port, lab.root

    @property
    def live(self):
        """The address of the WebSocket."""
        return f"ws://127.0.0.1:{self.port}/{TOKEN}/live"

    def ask(self, path, method="GET", body=None, token=TOKEN, **headers):
        """(status, headers, body) of a request; `path` is sent as it is."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.putrequest(method, f"/{token}{path}", skip_host="Host" in headers)
        if body is not None and "Content-Length" not in headers:
            headers["Content-Length"] = str(len(body))
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        found = answer.status, dict(answer.getheaders()), answer.read()
        connection.close()
        return found

    def json(self, path, method="GET", body=None):
        """(status, value) of a request for JSON."""
        status, _, text = self.ask(path, method, body)
        return status, json.loads(text)


@contextmanager
def served(folder):
    """A lab of this folder."""
    listener = listening("127.0.0.1", 0)
    lab = Lab(Address("127.0.0.1", listener.getsockname()[1], TOKEN), folder / "runs", folder / "cache")
    server = uvicorn.Server(settings_of(lab))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield Served(lab)
    finally:
        server.should_exit = True
        thread.join(30)
        listener.close()


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """One lab for the tests of a file."""
    folder = tmp_path_factory.mktemp("lab")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("isinglass.lab.server.warm_up", lambda: None)
        patch.setattr("isinglass.lab.networks.Networks.look", lambda *_: (None, "is not trained in tests"))
        with served(folder) as found:
            yield found
