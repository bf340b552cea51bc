# SPDX-License-Identifier: Apache-2.0
"""The server of the lab: its routes, and how it begins and ends.

/TOKEN/                    the page and its files          /TOKEN/live         WebSocket: wishes in, frames out
/TOKEN/runs[/NAME/ID ...]  saved runs, figures, curves     /TOKEN/jobs[/N]     files that were dropped
"""

import asyncio
import contextlib
import secrets
import socket
import sys
import threading
import webbrowser
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
import websockets  # noqa: F401 - uvicorn imports it when it is too late for a clear line
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route, WebSocketRoute

from isinglass.errors import InputError, Interrupted
from isinglass.lab import saved_runs
from isinglass.lab.gate import Address, Gate
from isinglass.lab.jobs_of_files import MOST_BYTES, FileJobs, receive_file, too_long
from isinglass.lab.networks import Networks
from isinglass.lab.scene import AbstractScene
from isinglass.lab.spins import SpinsScene
from isinglass.lab.tabs import Tabs
from isinglass.lab.wish import QuenchWish, SpinsWish

__all__ = ["Lab", "listening", "open_lab", "serve", "settings_of"]

PAGE = Path(__file__).parent / "page"
KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
CACHE = Path("~/.cache/isinglass/lab").expanduser()
ENDING = 5  # s that open connections have when the lab closes


@dataclass
class Lab:
    """One lab: the folder of its runs, its tabs and jobs."""

    address: Address
    root: Path = Path("runs")
    cache: Path = CACHE
    ready: Callable[[], None] = lambda: None  # called when the page can be opened

    def app(self) -> Gate:
        """The application."""
        self.jobs, self.networks = FileJobs(self.root), Networks(self.cache)
        self.tabs = Tabs(self.scene)
        routes = [Route(f"/{name}", page_file, name=name) for name in ("", *page_files())]
        routes += [
            Route("/runs", answered(self.runs)),
            Route("/runs/{name}/{number}", answered(self.run)),
            Route("/runs/{name}/{number}/curves", answered(self.curves)),
            Route("/runs/{name}/{number}/{file}", answered(self.file)),
            Route("/jobs", answered(self.all_jobs), methods=["GET"]),
            Route("/jobs", answered(self.new_job), methods=["POST"]),
            Route("/jobs/{number}", answered(self.stop_job), methods=["DELETE"]),
            WebSocketRoute("/live", self.tabs.serve),
        ]
        return Gate(Starlette(routes=routes, lifespan=self.lifespan), self.address)

    @contextlib.asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[None]:
        """JAX is imported while the page is already served; at the end commands are stopped so that they can go on."""
        self.ready()
        warm = asyncio.create_task(asyncio.to_thread(warm_up))
        yield
        await asyncio.to_thread(self.networks.close)
        await warm
        for line in await self.jobs.close():
            print(line, file=sys.stderr)

    def scene(self, wish: Any) -> AbstractScene:
        """A new scene for a wish."""
        if isinstance(wish, SpinsWish):
            return SpinsScene(wish, self.networks)
        if isinstance(wish, QuenchWish):
            from isinglass.lab.quench import QuenchScene

            return QuenchScene(wish)
        from isinglass.lab.diffusion import DiffusionScene

        return DiffusionScene(wish, self.networks)

    async def runs(self, request: Request) -> Any:
        """The list."""
        return await asyncio.to_thread(saved_runs.list_runs, self.root)

    async def run(self, request: Request) -> Any:
        """One run."""
        return await asyncio.to_thread(saved_runs.show_run, self.folder(request))

    async def curves(self, request: Request) -> Any:
        """One variable of a run as curves."""
        return await asyncio.to_thread(saved_runs.curves, self.folder(request), request.query_params.get("name", ""))

    async def file(self, request: Request) -> Response:
        """The report or a figure."""
        path = saved_runs.run_file(self.folder(request), request.path_params["file"])
        return FileResponse(path, media_type=KINDS[path.suffix])

    def folder(self, request: Request) -> Path:
        """The folder of the run that a path names."""
        return saved_runs.run_folder(self.root, request.path_params["name"], request.path_params["number"])

    async def all_jobs(self, request: Request) -> Any:
        """Every job, the latest first."""
        return [job.told() for job in reversed(self.jobs.jobs.values())]

    async def new_job(self, request: Request) -> Any:
        """Take a file and start its command."""
        length = request.headers.get("content-length", "")
        if length.isdecimal() and int(length) > MOST_BYTES:
            raise too_long(int(length))
        name = request.query_params.get("name", "file")
        path = self.jobs.path_for(name)
        await receive_file(request.stream(), path)
        return self.jobs.begin(path, name).told()

    async def stop_job(self, request: Request) -> Any:
        """Cancel a job."""
        job = self.jobs.find(request.path_params["number"])
        self.jobs.stop(job)
        return job.told()


def page_files() -> list[str]:
    """The files of the page."""
    return sorted(path.name for path in PAGE.iterdir() if path.suffix in KINDS)


async def page_file(request: Request) -> Response:
    """A file of the page, by the name of its route."""
    name = request.scope["path"].rpartition("/")[2] or "index.html"
    return FileResponse(PAGE / name, media_type=KINDS[Path(name).suffix])


def answered(work: Callable[[Request], Any]) -> Callable[[Request], Any]:
    """An endpoint: JSON of what `work` returns, or one line with status 400, 413 or 507."""

    async def endpoint(request: Request) -> Response:
        try:
            found = await work(request)
            return found if isinstance(found, Response) else JSONResponse(found)
        except InputError as error:
            status = 413 if "MiB" in error.expected else 400
            return JSONResponse({"error": str(error)}, status)
        except ClientDisconnect:
            return Response(status_code=400)
        except OSError as error:
            line = f"expected room to write; found {error.strerror or type(error).__name__}; free some space."
            return JSONResponse({"error": line}, 507)

    return endpoint


def warm_up() -> None:
    """Import JAX and what the first scene needs."""
    with contextlib.suppress(Exception):  # the scene itself will say what is wrong
        import isinglass.lab.lattice_chain
        import isinglass.lab.trace  # noqa: F401


def open_lab(host: str, port: int, root: Path, *, browser: bool) -> int:
    """Open a lab, print its address, serve it to its end; the exit code."""
    if root.exists() and not root.is_dir():
        raise InputError("a folder of runs", f"{root}, which is a file", "choose another --root")
    listener = listening(host, port)
    address = Address(host, listener.getsockname()[1], secrets.token_urlsafe(24))

    def ready() -> None:
        print(f"lab: {address.url}\nCtrl-C closes it.", flush=True)
        if browser and not open_browser(address.url):
            print("no browser was found: open that address in one.", file=sys.stderr, flush=True)

    serve(Lab(address, root, ready=ready), listener)
    return 0


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens.  Errors: InputError for a port that is taken, or another machine's address."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except (OSError, OverflowError) as error:
        listener.close()
        found = f"{host}:{port}: {getattr(error, 'strerror', None) or error}".lower()
        raise InputError("a free port of this machine", found, "use that lab, or --port 0 for any free port") from None
    return listener


def open_browser(url: str) -> bool:
    """Open the page; False where there is no browser with a window."""
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    if type(browser) is webbrowser.GenericBrowser:  # of the terminal: it would take it over
        return False
    threading.Thread(target=browser.open, args=(url,), daemon=True).start()
    return True


def serve(lab: Lab, listener: socket.socket) -> None:
    """Serve until a signal ends it, which is the normal end of a lab."""
    with contextlib.suppress(Interrupted, KeyboardInterrupt):
        uvicorn.Server(settings_of(lab)).run(sockets=[listener])


def settings_of(lab: Lab) -> uvicorn.Config:
    """How the lab is served: silent, with short messages, and an end that waits for nobody for long."""
    return uvicorn.Config(
        lab.app(), log_level="error", access_log=False, ws="websockets-sansio", ws_max_size=1 << 16, ws_max_queue=8,
        ws_per_message_deflate=False, proxy_headers=False, server_header=False, date_header=False,
        timeout_graceful_shutdown=ENDING, h11_max_incomplete_event_size=1 << 16,
    )  # fmt: skip
