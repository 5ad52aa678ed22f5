# The gate: one thread, one loop, any number of calls. It writes nothing before
# it is spoken to, never waits for a module or for the link, and ends itself
# when its controller is gone.
import _signal
import os
import select
import sys
import time
from _collections import deque

from . import code_cache, folder, scratch
from .child import SIGNALS
from .frames import BadStream, Decoder, message
from .modules import Library
from .writer import Lost, Writer

AT_ONCE = 16
SILENCE = 60.0
BACKLOG = 4 << 20  # bytes queued for the link before modules are made to wait
BROKEN = select.POLLERR | select.POLLHUP | select.POLLNVAL


class Unspoken:
    """Nothing was said yet: the first message tells which version is loaded. A
    gate speaks version 1 until it is asked for another."""

    is_watched = False

    def __init__(self, gate):
        self.gate = gate

    def is_ready(self):
        return True

    def receive(self, body):
        try:
            kind, data, ident = message(body)
        except ValueError:
            kind = None
        if kind == "Hello" and ident == 0:
            from . import v2

            if v2.begins(data, ident):
                self.gate.speaks = v2.Session(self.gate)
                return self.gate.speaks.hello(data)
        self.first().receive(body)

    def fatal(self, text):
        self.first().fatal(text)

    def end_of_input(self):
        self.first().end_of_input()

    def first(self):
        from . import v1

        self.gate.speaks = v1.Session(self.gate)
        return self.gate.speaks


class Gate:
    def __init__(self, ident, root, finish):
        self.ident = ident
        self.library = Library(root)
        self.finish = finish
        self.speaks = Unspoken(self)
        self.input = set_aside(0)
        self.writer = Writer(set_aside(1))
        self.running = {}
        self.waiting = deque()
        self.is_input_open = True
        self.closing = None  # the exit status, once no more calls are taken
        self.heard = time.monotonic()
        self.begun = 0
        self.wakeup = wake_on_signals()
        if root.path:
            scratch.sweep(scratch.beside(root.path))

    def loop(self, early):
        decoder = Decoder(early)
        while True:
            self.take(decoder)
            self.start_waiting()
            self.pump()
            if self.closing is not None and not self.running and not self.writer.size:
                return self.closing
            self.wait(decoder)

    def has_news(self):
        """Whether there is something to write down as soon as there is time."""
        return code_cache.unkept and self.is_watched()

    def take(self, decoder):
        """Serves what was read, as far as the version that is spoken allows."""
        try:
            while self.closing is None and self.speaks.is_ready():
                body = decoder.next()
                if body is None:
                    break
                self.speaks.receive(body)
                self.start_waiting()
        except BadStream as error:
            self.speaks.fatal(str(error))
            self.lost()
        if not self.is_input_open and self.closing is None and self.speaks.is_ready():
            if decoder.buffer:
                self.lost()
            else:
                self.speaks.end_of_input()

    def pump(self):
        size = self.writer.size
        try:
            self.writer.pump()
        except Lost:
            self.lost(for_good=True)
        if self.closing is not None and self.writer.size < size:
            self.heard = time.monotonic()  # it does not speak, but it listens

    def wait(self, decoder):
        """Sleeps until something happens, and deals with it."""
        poll = select.poll()
        poll.register(self.wakeup, select.POLLIN)
        if self.is_input_open:
            is_ready = self.closing is None and self.speaks.is_ready()
            poll.register(self.input, select.POLLIN if is_ready else 0)
        if self.writer.is_open:
            poll.register(self.writer.fd, select.POLLOUT if self.writer.size else 0)
        outputs = {out.fd: (call, out) for call, out in self.wanted()}
        for fd in outputs:
            poll.register(fd, select.POLLIN)
        events = poll.poll(self.patience())
        if not events and self.has_news():
            keep_codes()
        for fd, event in events:
            if fd == self.wakeup:
                self.reap()
            elif fd == self.input:
                self.read(decoder)
            elif fd in outputs:
                call, out = outputs[fd]
                if out.read() is None:
                    call.settle()
                self.speaks.output(call, out)
            elif event & BROKEN:
                self.lost(for_good=True)
        now = time.monotonic()
        for call in list(self.running.values()):
            if call.wake_at is not None and now >= call.wake_at and not call.is_over:
                call.wake_at = None
                call.wake(now)
            if call.is_over and (not self.is_full() or call.is_small()):
                self.over(call)
        if self.is_watched() and now - self.heard > SILENCE:
            self.lost(for_good=True)

    def wanted(self):
        """The outputs to read. Those that become messages wait for the link."""
        is_full = self.is_full()
        for call in self.running.values():
            for out in call.pipes():
                if not is_full or not (call.stream or out.name == "control"):
                    yield call, out

    def is_full(self):
        """Whether the link has enough to do."""
        return self.writer.size >= BACKLOG

    def is_watched(self):
        """Whether silence means that the link is lost."""
        speaks = self.speaks.is_watched or self.closing is not None
        return speaks and self.writer.is_open

    def patience(self):
        """How long nothing needs to happen, in milliseconds."""
        if self.has_news():
            return 0
        times = [c.wake_at for c in self.running.values() if c.wake_at is not None]
        if self.is_watched():
            times.append(self.heard + SILENCE)
        if not times:
            return None
        return min(max(0, min(times) - time.monotonic()), 3600) * 1000 + 1

    def read(self, decoder):
        try:
            data = os.read(self.input, 1 << 16)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self.heard = time.monotonic()
        if data:
            decoder.feed(data)
        else:
            self.is_input_open = False

    def reap(self):
        for number in os.read(self.wakeup, 4096):
            if number != _signal.SIGCHLD:  # somebody wants this gate to end
                self.finish = False
                self.lost()
        for call in self.running.values():
            if call.ended is None:
                pid, wait_status = os.waitpid(call.pid, os.WNOHANG)
                if pid:
                    call.exited(wait_status)

    def submit(self, call):
        """Takes a call; it starts when there is room and it need not wait."""
        if self.closing is None:
            self.waiting.append(call)
        else:
            self.speaks.never_ran(call, "The gate was shut down")

    def start_waiting(self):
        while (
            self.waiting
            and len(self.running) < AT_ONCE
            and self.closing is None
            and not self.is_full()
        ):
            call = self.waiting.popleft()
            if self.begun == 1:  # a session: nearly every module wants it
                self.library.load("json")
            self.begun += 1
            try:
                self.library.prepare(call)
                if call.fresh:
                    keep_codes()
                call.start()
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
            self.heard = time.monotonic()

    def lost(self, for_good=False):
        """The controller has nothing more to say; for good: nobody listens."""
        self.is_input_open = False
        self.close(1)
        if for_good:
            self.writer.close()
        if self.finish:
            self.waiting.clear()
        else:
            self.cancel_all("The link was lost")


def set_aside(fd):
    """Moves a descriptor of the link to where modules that are imported ahead
    cannot write to it."""
    moved = os.dup(fd)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, fd)
    os.close(null)
    return moved


def keep_codes():
    """Writes down what was compiled and is not on disk."""
    if code_cache.unkept:
        from . import compiler

        compiler.keep_all()


def wake_on_signals():
    """A descriptor that a byte can be read from for every signal."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    for number in SIGNALS:
        _signal.signal(number, lambda number, frame: None)
    _signal.set_wakeup_fd(writer)
    return reader


def serve(ident, root, early, finish=False):
    """Serves the protocol on stdin and stdout; does not return."""
    gate = Gate(ident, root, finish)
    os.set_blocking(gate.writer.fd, False)
    status = 70
    try:
        status = gate.loop(early)
    except BaseException:  # a fault of ours: leave nothing running, and say so
        from . import terminate

        for call in gate.running.values():
            terminate.signal(call, 9)
        sys.excepthook(*sys.exc_info())
    finally:
        os.set_blocking(gate.writer.fd, True)
        keep_codes()
        if root.path:
            folder.remove(scratch.shared(root.path, os.getpid()))
        os._exit(status)
