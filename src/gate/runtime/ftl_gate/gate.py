# The gate: one thread, one loop, any number of calls. It writes nothing before
# it is spoken to, never waits for a module or for the link, and ends itself
# when its controller is gone.
import os
import select
import sys
import time
from _collections import deque

from . import calls, folder, v1
from .frames import BadStream, Decoder, frame
from .modules import Library
from .roots import Root

AT_ONCE = 16
SILENCE = 60.0
BACKLOG = 4 << 20  # bytes queued for the link before modules are made to wait
SIGNALS = (1, 15)  # HUP and TERM: somebody wants this gate to end


class Lost(Exception):
    """The controller is gone."""


class Writer:
    """What is still to be written. The parts of a large message stand back
    behind every other frame."""

    def __init__(self):
        self.first = deque()
        self.parts = deque()
        self.rest = memoryview(b"")
        self.size = 0

    def add(self, frames, is_split):
        (self.parts if is_split else self.first).extend(frames)
        self.size += sum(map(len, frames))

    def pump(self):
        """Writes as much as the link takes now."""
        while self.size:
            if not self.rest:
                queue = self.first or self.parts
                self.rest = memoryview(queue.popleft())
            try:
                count = os.write(1, self.rest)
            except BlockingIOError:
                return
            except OSError as error:
                raise Lost from error
            self.rest = self.rest[count:]
            self.size -= count


class Gate:
    def __init__(self, ident, root, finish):
        self.ident = ident
        self.library = Library(root)
        self.finish = finish
        self.speaks = v1.Session(self)
        self.writer = Writer()
        self.running = {}
        self.waiting = deque()
        self.base = folder_of(root)
        self.input_open = True
        self.closing = None  # the exit status, once no more calls are taken
        self.heard = time.monotonic()
        self.begun = 0
        self.wakeup = wake_on_signals()
        if self.base:
            calls.sweep(self.base)

    def loop(self, early):
        decoder = Decoder(early)
        while True:
            try:
                while self.closing is None and self.speaks.is_ready():
                    body = decoder.next()
                    if body is None:
                        break
                    self.speaks.receive(body)
            except BadStream as error:
                self.writer.add([frame(self.speaks.fatal(str(error)))], False)
                self.close(1)
            if not self.input_open and self.speaks.is_ready() and self.closing is None:
                self.speaks.end_of_input()
            self.start_waiting()
            try:
                self.writer.pump()
            except Lost:
                self.lost()
                self.writer = Writer()
            if self.closing is not None and not self.running and not self.writer.size:
                return self.closing
            self.wait(decoder)

    def wait(self, decoder):
        """Sleeps until something happens, and deals with it."""
        poll = select.poll()
        outputs = {}
        poll.register(self.wakeup, select.POLLIN)
        if self.input_open:
            ready = self.closing is None and self.speaks.is_ready()
            poll.register(0, select.POLLIN if ready else 0)
        if self.writer.size:
            poll.register(1, select.POLLOUT)
        if self.writer.size < BACKLOG:
            for call in self.running.values():
                for out in call.pipes():
                    outputs[out.fd] = call, out
                    poll.register(out.fd, select.POLLIN)
        for fd, _ in poll.poll(self.patience()):
            if fd == 0:
                self.read(decoder)
            elif fd == self.wakeup:
                self.reap()
            elif fd in outputs:
                call, out = outputs[fd]
                if out.read() is None:
                    call.settle()
                self.speaks.output(call, out)
        now = time.monotonic()
        for call in list(self.running.values()):
            if call.wake_at is not None and now >= call.wake_at and not call.over:
                call.wake_at = None
                call.wake(now)
            if call.over:
                self.over(call)
        if self.speaks.is_watched and now - self.heard > SILENCE:
            self.lost()

    def patience(self):
        """How long nothing needs to happen, in milliseconds."""
        times = [c.wake_at for c in self.running.values() if c.wake_at is not None]
        if self.speaks.is_watched and self.closing is None:
            times.append(self.heard + SILENCE)
        if not times:
            return None
        return max(0, min(times) - time.monotonic()) * 1000 + 1

    def read(self, decoder):
        try:
            data = os.read(0, 1 << 16)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self.heard = time.monotonic()
        if data:
            decoder.feed(data)
        else:
            self.input_open = False

    def reap(self):
        for number in os.read(self.wakeup, 4096):
            if number in SIGNALS:
                self.finish = False
                self.lost()
        for call in self.running.values():
            if call.ended is None:
                pid, wait_status = os.waitpid(call.pid, os.WNOHANG)
                if pid:
                    call.exited(wait_status)

    def submit(self, call):
        """Takes a call; it starts when there is room and it need not wait."""
        self.waiting.append(call)

    def start_waiting(self):
        while self.waiting and len(self.running) < AT_ONCE and self.closing is None:
            call = self.waiting.popleft()
            call.gate = self.library.gate.path
            self.library.warm(call.module)
            root = call.module.root
            self.library.finder.roots[:] = [self.library.gate]
            if root is not None and root is not self.library.gate:
                self.library.finder.roots.insert(0, root)
            call.roots = list(self.library.finder.roots)
            if self.begun == 1:
                import json  # noqa: F401  a session: nearly every module wants it
            self.begun += 1
            try:
                call.start(self.base)
            except OSError as error:
                self.speaks.failed(call, "Cannot start a process: %s" % error)
                continue
            self.running[call.ident] = call

    def over(self, call):
        del self.running[call.ident]
        call.clean()
        self.speaks.done(call)

    def cancel_all(self, reason):
        while self.waiting:
            self.speaks.never_ran(self.waiting.popleft(), reason)
        for call in self.running.values():
            call.end("cancelled", reason)

    def close(self, status):
        """Takes no more calls; the loop ends when those in flight have."""
        if self.closing is None:
            self.closing = status

    def lost(self):
        """Nobody listens any more."""
        self.input_open = False
        if self.finish:
            self.waiting.clear()
        else:
            self.cancel_all("The link was lost")
        self.close(1)


def wake_on_signals():
    """A descriptor that a byte can be read from for every signal."""
    import _signal

    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    for number in (_signal.SIGCHLD,) + SIGNALS:
        _signal.signal(number, lambda number, frame: None)
    _signal.set_wakeup_fd(writer)
    return reader


def folder_of(root):
    """Where calls may keep files: beside the gates, or a folder of our own."""
    if root.path is not None:
        return os.path.dirname(os.path.dirname(root.path)) + "/calls"
    return None


def serve(ident, path, entries, early, finish=False):
    """Serves the protocol on stdin and stdout; does not return."""
    root = Root(path, entries)
    lock = folder.hold(path) if path else None
    gate = Gate(ident, root, finish)
    os.set_blocking(1, False)
    status = 70
    try:
        status = gate.loop(early)
    except BaseException:  # a fault of ours: leave nothing running, and say so
        for call in gate.running.values():
            call.signal(9)
        sys.excepthook(*sys.exc_info())
    finally:
        os.set_blocking(1, True)
        if lock is not None:
            os.close(lock)
        os._exit(status)
