"""A function in a child process that never loads the judge or a golden.

Tensors lie in memory that both processes map. The child copies them to memory of its framework and back, with
everything around them, unless that is host memory. The child is not trusted: what it sends is JSON, never a pickle.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import pickle
import signal
import socket
import threading
from collections.abc import Iterator
from multiprocessing import reduction
from multiprocessing.context import SpawnProcess
from typing import Any

from rope_conformance._call import Call
from rope_conformance._child import serve
from rope_conformance._function import Function, name_of
from rope_conformance._header import FAILED, OK, UNSUPPORTED
from rope_conformance._rotation import Outcome
from rope_conformance.errors import Unusable
from rope_conformance.frameworks._shared import SharedMemory

START_TIMEOUT = 300.0
"""Seconds for a child to import the function's module and find its device: torch alone can take a minute."""
FAILURE_LIMIT = 32
"""Children in a row that end without an answer, after which no other is started."""
ANSWER_LIMIT = 1 << 20
"""Bytes of an answer."""


class Child:
    """A function in a child process. A child that ends or hangs fails its call, and the next call gets a new one."""

    def __init__(self, function: Function | str, framework: str | None, device: str | None, timeout: float) -> None:
        self.name = name_of(function)
        self.allocator = SharedMemory()
        self._arguments = (function, framework, device)
        self._timeout = timeout
        self._failures = 0
        self._process: SpawnProcess | None = None
        # A function or device that cannot be used is found before the first case.
        ready = self._start()
        self.gives_views = ready["gives_views"] is True
        self.description = f"{self.name} with {ready['framework']} on {ready['device']}, in a child process"

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def rotate(self, call: Call, about: dict[str, Any]) -> Outcome:
        try:
            if self._process is None:
                if self._failures >= FAILURE_LIMIT:
                    return Outcome(FAILED, f"not run: the function's process failed {self._failures} times in a row")
                self._start()
            with self._deadline(self._timeout):
                self._send(call, about)
                answer = self._answer()
            outcome = Outcome(answer["status"], answer["text"], answer["returned"])
            if outcome.status not in (OK, UNSUPPORTED, FAILED) or not isinstance(outcome.text, str):
                raise ValueError
        except (_Ended, Unusable) as error:
            self._failures += 1
            return Outcome(FAILED, str(error))
        except (ValueError, KeyError, TypeError, OSError):
            self._failures += 1
            self._end()
            return Outcome(FAILED, "the function's process sent something that is not an answer")
        self._failures = 0
        if answer.get("is_last"):
            self._end()
        return outcome

    def _start(self) -> dict[str, Any]:
        """Starts a child. Returns what it says of its memory.

        Raises `Unusable` if it cannot use the function or the device.
        """
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs, *self._arguments))
        try:
            self._process.start()
        except (AttributeError, TypeError, pickle.PicklingError) as error:
            self._process = None
            raise Unusable(
                f"function {self.name}: cannot be sent to a child process: {error}; "
                "define it at the top of a module, or name it as module:function"
            ) from error
        finally:
            theirs.close()
        try:
            with self._deadline(START_TIMEOUT):
                ready = self._answer()
        except _Ended as error:
            raise Unusable(
                f"function {self.name}: {error} before it was ready. It imports the main script again: "
                "what the script runs must be under if __name__ == '__main__'"
            ) from error
        except BaseException:
            # Ctrl-C, or no answer at all: nobody else would end it.
            self._end()
            raise
        if "unusable" in ready:
            self._end()
            raise Unusable(ready["unusable"])
        return ready

    def _send(self, call: Call, about: dict[str, Any]) -> None:
        assert self._process is not None
        assert self._process.pid is not None
        blocks = {base: block.nbytes for base, block in map(self.allocator.block_of, call.places())}
        try:
            self._connection.send((call, about, blocks))
            for base in blocks:
                file = self.allocator.files[base]
                reduction.send_handle(self._connection, file, self._process.pid)
        except OSError:
            raise self._ended() from None

    def _answer(self) -> dict[str, Any]:
        """The child's next answer.

        Raises `_Ended` if it ends before; then it is no more.
        """
        try:
            answer: dict[str, Any] = json.loads(self._connection.recv_bytes(ANSWER_LIMIT))
        except (EOFError, ConnectionError):
            raise self._ended() from None
        return answer

    @contextlib.contextmanager
    def _deadline(self, seconds: float) -> Iterator[None]:
        """Ends the child after some time, and with it whatever this process waits for: that the child reads a call,
        begins its answer or ends it.

        Raises `_Ended` then.
        """
        assert self._process is not None
        has_passed = threading.Event()
        connection = socket.socket(fileno=os.dup(self._connection.fileno()))

        def pass_by() -> None:
            has_passed.set()
            # Another process can keep the child's end open, so that its death alone ends no wait.
            connection.shutdown(socket.SHUT_RDWR)

        timer = threading.Timer(min(seconds, threading.TIMEOUT_MAX), pass_by)
        timer.daemon = True
        timer.start()
        try:
            yield
        except (_Ended, OSError, ValueError):
            if not has_passed.is_set():
                raise
            self._end()
            raise _Ended(f"the function did not return within {seconds:g} s; its process was ended") from None
        finally:
            timer.cancel()
            timer.join()
            connection.close()

    def _ended(self) -> _Ended:
        """The error for a child that is found to have ended."""
        assert self._process is not None
        self._process.join(1)
        status = self._process.exitcode
        self._end()
        if status is not None and status < 0:
            return _Ended(f"the function's process was killed by {signal.Signals(-status).name}")
        return _Ended(f"the function's process exited with status {status}")

    def _end(self) -> None:
        """Kills the child, if there is one, with all of its own."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.pid is not None
        # It is not in a group of its own before it has begun to run.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()
        process.join()
        self._connection.close()


class _Ended(Exception):
    """The child ended, for the reason in the text."""
