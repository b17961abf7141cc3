"""A call of the library that calls back into the thread that began it.

The library judges on threads of its own. A callback there would run the user's function on a thread that knows none of
the user's settings, such as torch's current stream and grad mode, or JAX's default device. It could not be interrupted
either, because Python handles Ctrl-C in the main thread alone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any


class Interrupted(Exception):
    """The thread that answers does so no more, because an exception ended it."""


class _Request:
    """A function to be called by another thread."""

    def __init__(self, function: Callable[[], Any]) -> None:
        self.function = function
        self.is_answered = threading.Lock()
        self.is_answered.acquire()
        self.result: Any = None


class Desk:
    """The place where other threads ask the thread that serves."""

    def __init__(self) -> None:
        self._requests: SimpleQueue[_Request | None] = SimpleQueue()
        self._ended_by: BaseException | None = None

    def ask(self, function: Callable[[], Any]) -> Any:
        """Calls a function in the thread that serves, and returns what it returns.

        Raises `Interrupted` if the function raises, or one has before.
        """
        request = _Request(function)
        self._requests.put(request)
        request.is_answered.acquire()
        if self._ended_by is not None:
            raise Interrupted
        return request.result

    def serve(self, work: Callable[[], Any]) -> Any:
        """Runs `work` in another thread, and answers here until it has ended. Returns what it returns.

        Raises what `work` raises, or a function that was asked for.
        """
        results: list[Any] = []

        def run() -> None:
            try:
                results.append(work())
            except BaseException as error:
                self._ended_by = self._ended_by or error
            finally:
                self._requests.put(None)

        thread = threading.Thread(target=run, name="rope-conformance", daemon=True)
        thread.start()
        while self._answer():
            pass
        thread.join()
        if self._ended_by is not None:
            raise self._ended_by
        return results[0]

    def _answer(self) -> bool:
        """Answers one request. False after the last."""
        request = None
        try:
            if (request := self._requests.get()) is None:
                return False
            if self._ended_by is None:
                request.result = request.function()
        except BaseException as error:
            # Ctrl-C while it waits comes here too: then the next request ends the run.
            self._ended_by = self._ended_by or error
        if request is not None:
            request.is_answered.release()
        return True
