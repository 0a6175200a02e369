"""Work steps aside for what is urgent, and is not put off for ever."""

import threading

import pytest

from lms_core.kit import calm


def test_work_waits_for_a_pause_but_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    now, slept = 100.0, []

    def sleep(seconds: float) -> None:
        nonlocal now
        slept.append(seconds)
        now += seconds
        if busy:
            known.note()

    monkeypatch.setattr(calm.time, "monotonic", lambda: now)
    monkeypatch.setattr(calm.time, "sleep", sleep)
    known, busy = calm.Calm(), False

    def waited() -> float:
        slept.clear()
        with known.in_quiet():
            return sum(slept)

    assert waited() == 0
    known.note()
    assert waited() == pytest.approx(calm.PAUSE)
    known.note()
    busy = True
    assert calm.LONGEST_WAIT <= waited() <= calm.LONGEST_WAIT + 2 * calm.PAUSE


def test_amid_a_flood_one_thread_works_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calm, "LONGEST_WAIT", 0.0)
    monkeypatch.setattr(calm, "PAUSE", 60.0)
    monkeypatch.setattr(calm.time, "sleep", lambda _seconds: None)
    known, inside, most = calm.Calm(), 0, 0
    known.note()
    guard, gate = threading.Lock(), threading.Barrier(4)

    def work() -> None:
        nonlocal inside, most
        gate.wait()
        for _ in range(200):
            with known.in_quiet():
                with guard:
                    inside += 1
                    most = max(most, inside)
                with guard:
                    inside -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
