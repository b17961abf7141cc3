"""Callbacks into the thread that began a call."""

from __future__ import annotations

import threading

import pytest

from rope_conformance._desk import Desk, Interrupted


def test_functions_run_in_the_thread_that_serves() -> None:
    desk = Desk()
    found = desk.serve(lambda: [desk.ask(threading.current_thread) for _ in range(3)])
    assert found == [threading.current_thread()] * 3


def test_an_error_ends_the_run() -> None:
    desk, asked = Desk(), []

    def interrupt() -> None:
        raise KeyboardInterrupt

    def work() -> str:
        for function in (lambda: asked.append(1), interrupt, lambda: asked.append(2)):
            try:
                desk.ask(function)
            except Interrupted:
                asked.append(0)
        return "ended"

    with pytest.raises(KeyboardInterrupt):
        desk.serve(work)
    # Nothing more was done for it after the interruption.
    assert asked == [1, 0, 0]


def test_an_error_of_the_work_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        Desk().serve(lambda: 1 // 0)
