# SPDX-License-Identifier: Apache-2.0
"""The tabs: each watches one scene over a WebSocket; they share the processor, and none is sent more than it draws.

One scene computes at a time, in the order in which they ask, for the share of a frame's time that is one tab's.  A tab
is never more than two frames ahead of what its page has drawn: a slow page gets fewer frames, and none is queued.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from isinglass.errors import InputError
from isinglass.lab.scene import AbstractScene
from isinglass.lab.wish import Seen, read_message

__all__ = ["MOST_TABS", "Tabs"]

MOST_TABS = 16
AHEAD = 2  # frames sent and not yet drawn
LOAD = 0.6  # of the time that all tabs together compute


class Tabs:
    """All open tabs."""

    def __init__(self, make_scene: Callable[[Any], AbstractScene]):
        """`make_scene`: a new scene for a wish."""
        self.make_scene, self.turn = make_scene, asyncio.Semaphore(1)
        self.open: set[Tab] = set()

    async def serve(self, websocket: WebSocket) -> None:
        """Serve one tab until it is closed."""
        await websocket.accept()
        if len(self.open) >= MOST_TABS:
            await refuse(websocket, f"expected at most {MOST_TABS} tabs; found another; close one of them.")
            return
        tab = Tab(websocket)
        self.open.add(tab)
        try:
            await tab.run(self)
        finally:
            self.open.discard(tab)

    def share(self, wish: Any) -> float:
        """Seconds for one frame, the same for all that move: together they take the fraction LOAD of the time."""
        moving = [tab.wish.rate for tab in self.open if tab.wish is not None and not tab.wish.paused]
        return LOAD / max(sum(moving), wish.rate)


class Tab:
    """One tab: what it wishes, and how far it has drawn."""

    def __init__(self, websocket: WebSocket):
        """An accepted WebSocket."""
        self.websocket, self.sent, self.seen = websocket, 0, 0
        self.wish: Any = None
        self.news = asyncio.Event()

    async def run(self, tabs: Tabs) -> None:
        """Listen and send until either ends."""
        both = [asyncio.create_task(part) for part in (self.listen(), self.send(tabs))]
        done, left = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        for task in left:
            task.cancel()
        await asyncio.wait(both)
        for task in done:
            if (error := task.exception()) and not isinstance(error, WebSocketDisconnect):
                name = "" if isinstance(error, InputError) else f"{type(error).__name__}: "
                await refuse(self.websocket, f"{name}{error}"[:500])

    async def listen(self) -> None:
        """Take wishes; a message that is none is answered in one line."""
        while True:
            message = await self.websocket.receive()
            if message["type"] != "websocket.receive":
                return
            try:
                said = read_message(message.get("text") or message.get("bytes") or "")
            except InputError as error:
                await self.websocket.send_json({"error": str(error)})
                continue
            if isinstance(said, Seen):
                self.seen = max(self.seen, min(said.frame, self.sent))
            else:
                self.wish = said
            self.news.set()

    async def send(self, tabs: Tabs) -> None:
        """Frame after frame, as the wish of the moment asks."""
        scene, due = None, 0.0
        while True:
            wish = await self.next_wish(scene)
            if scene is None or not scene.serves(wish):
                scene = tabs.make_scene(wish)
                await self.show(scene.first(wish).encoded, waiting=True)
                await asyncio.to_thread(scene.prepare, wish)
                continue
            async with tabs.turn:
                frame = await asyncio.to_thread(scene.advance, wish, tabs.share(wish))
            await self.show(frame.encoded)
            due = max(due + 1 / wish.rate, time.monotonic() - AHEAD / wish.rate)  # a late frame is made up for
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    async def next_wish(self, scene: AbstractScene | None) -> Any:
        """The wish, once there is one, it is not paused, and the page has drawn what it was sent."""
        while True:
            self.news.clear()
            wish = self.wish
            if wish is not None and self.sent - self.seen < AHEAD:
                if not (wish.paused and scene is not None and scene.serves(wish)):
                    return wish
            await self.news.wait()

    async def show(self, encoded: Callable[..., bytes], **more: Any) -> None:
        """Send a frame with its number."""
        self.sent += 1
        await self.websocket.send_bytes(encoded(frame=self.sent, **more))


async def refuse(websocket: WebSocket, line: str) -> None:
    """Say why, and close; the page may be gone."""
    with suppress(WebSocketDisconnect, RuntimeError):
        await websocket.send_json({"error": line})
        await websocket.close(1011)
