"""One event loop for many simulated processes: virtual time, no sockets, nothing runs by itself.

Within a process callbacks run in the order asyncio promises. Between processes, and between a
process and the world, whoever drives the loop decides, so a seed decides it all. A process that
is killed runs nothing any more, wherever it was; one that is paused runs nothing until resumed.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context, ContextVar, copy_context
from heapq import heappop, heappush
from itertools import count
from typing import Any

CURRENT: ContextVar["Process"] = ContextVar("process")
"""The process whose code is running: tasks and callbacks inherit it from whoever made them."""


class Process:
    """What runs, waits and dies together; its memory is whatever only it refers to."""

    def __init__(self, loop: "Loop", name: str) -> None:
        self.loop, self.name = loop, name
        self.ready: deque[asyncio.Handle] = deque()
        self.is_alive, self.is_paused = True, False
        self._tasks: list[asyncio.Task[Any]] = []
        self._context: Context = copy_context()
        self._context.run(CURRENT.set, self)

    @property
    def can_run(self) -> bool:
        """Whether there is something to run, and somebody to run it."""
        return bool(self.ready) and self.is_alive and not self.is_paused

    def start(self, work: Coroutine[Any, Any, Any]) -> None:
        """Begin *work* as a task of this process."""
        if self.is_alive:
            self.call(self.loop.create_task, work)
        else:
            work.close()

    def call(self, function: Callable[..., Any], *args: Any) -> Any:
        """Call *function* as code of this process."""
        return self._context.run(function, *args)

    def step(self, count: int = 1) -> None:
        """Run up to *count* callbacks: at most so many awaits of this process end."""
        while count and self.ready:
            count -= 1
            handle = self.ready.popleft()
            if not handle.cancelled():
                handle._run()

    def kill(self) -> None:
        """Let nothing of this process run ever again."""
        self.is_alive = False
        self.ready.clear()
        for task in self._tasks:
            task._log_destroy_pending = False
            self.call(task.get_coro().close)

    def own(self, task: "asyncio.Task[Any]") -> None:
        """Take note of a task, for the end."""
        self._tasks = [one for one in self._tasks if not one.done()]
        self._tasks.append(task)


class Loop(asyncio.AbstractEventLoop):
    """Queues callbacks by process; ``Process.step`` runs them, ``pass_time`` lets timers ring."""

    def __init__(self) -> None:
        self._now = 0.0
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._numbers = count()
        self.faults: list[BaseException] = []

    def time(self) -> float:
        """Return the virtual time in seconds."""
        return self._now

    def pass_time(self) -> bool:
        """Jump to the next timer of somebody alive and ring it; False if there is none."""
        while self._timers:
            when, _, handle = heappop(self._timers)
            process = handle._context[CURRENT]
            if process.is_alive and not handle.cancelled():
                self._now = max(self._now, when)
                process.ready.append(handle)
                return True
        return False

    def call_soon(
        self, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """Queue a callback in the process that asks for it."""
        handle = asyncio.Handle(callback, args, self, context)
        process = handle._context[CURRENT]
        if process.is_alive:
            process.ready.append(handle)
        return handle

    def call_later(
        self, delay: float, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Queue a callback for later."""
        return self.call_at(self._now + delay, callback, *args, context=context)

    def call_at(
        self, when: float, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Queue a callback for a time."""
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        heappush(self._timers, (when, next(self._numbers), handle))
        return handle

    def create_future(self) -> "asyncio.Future[Any]":
        """Return a future of this loop."""
        return asyncio.Future(loop=self)

    def create_task(self, coro: Any, *, name: Any = None, context: Any = None) -> Any:
        """Return a task of the process that asks for it."""
        task = asyncio.Task(coro, loop=self, name=name, context=context)
        (CURRENT.get() if context is None else context[CURRENT]).own(task)
        return task

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> Any:
        """Have *executor* do something, which gives a future of this loop."""
        return executor.submit(func, *args)

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Remember what a callback let escape: nobody else would hear of it."""
        if "handle" in context and "exception" in context:
            self.faults.append(context["exception"])

    def get_debug(self) -> bool:
        """Return False: the slow checks of asyncio are for other tests."""
        return False

    def is_running(self) -> bool:
        """Return True: whoever drives the loop is in it."""
        return True

    def is_closed(self) -> bool:
        """Return False: there is nothing to close."""
        return False

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Do nothing: a cancelled timer is passed over when its time comes."""
