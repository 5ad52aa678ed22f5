# The gate: one thread, one loop, any number of calls. It writes nothing before the
# controller does, never waits for a module or for the link, and ends on its own
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

# docs/protocol.md and src/protocol/limits.ts have these two as well.
MAX_RUNNING = 16  # calls
SILENCE = 60.0  # seconds without input after which the link is lost
BACKLOG = 4 << 20  # bytes queued for the link before modules have to wait
BROKEN = select.POLLERR | select.POLLHUP | select.POLLNVAL


class Negotiation:
    """The session before the first message, which decides the version: a gate
    speaks version 1 until it is asked for version 2."""

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

            if v2.is_hello(data, ident):
                self.gate.session = v2.Session(self.gate)
                return self.gate.session.hello(data)
        self.version_1().receive(body)

    def fatal(self, text):
        self.version_1().fatal(text)

    def end_of_input(self):
        self.version_1().end_of_input()

    def version_1(self):
        from . import v1

        self.gate.session = v1.Session(self.gate)
        return self.gate.session


class Gate:
    def __init__(self, ident, tree, finish):
        self.ident = ident
        self.library = Library(tree)
        self.finish = finish  # whether calls may end by themselves without a link
        self.session = Negotiation(self)
        self.input = set_aside(0)
        self.writer = Writer(set_aside(1))
        self.running = {}
        self.waiting = deque()
        self.is_input_open = True
        self.status = None  # the exit status, once no more calls are accepted
        self.last_read = time.monotonic()
        self.started = 0  # calls
        self.wakeup = wake_on_signals()
        if tree.path:
            scratch.clean(scratch.beside(tree.path))

    def loop(self, early):
        decoder = Decoder(early)
        while True:
            self.serve_input(decoder)
            self.start_calls()
            self.write()
            if self.status is not None and not self.running and not self.writer.size:
                return self.status
            self.wait(decoder)

    def has_unsaved_code(self):
        """Whether there is compiled code to save as soon as there is time."""
        return code_cache.unsaved and self.is_watched()

    def serve_input(self, decoder):
        """Serves the messages that were read, if the session is ready for them."""
        try:
            while self.status is None and self.session.is_ready():
                body = decoder.next()
                if body is None:
                    break
                self.session.receive(body)
                self.start_calls()
        except BadStream as error:
            self.session.fatal(str(error))
            self.lose_link()
        if not self.is_input_open and self.status is None and self.session.is_ready():
            if decoder.buffer:
                self.lose_link()
            else:
                self.session.end_of_input()

    def write(self):
        size = self.writer.size
        try:
            self.writer.pump()
        except Lost:
            self.lose_link(can_write=False)
        if self.status is not None and self.writer.size < size:
            self.last_read = time.monotonic()  # the controller still reads

    def wait(self, decoder):
        """Sleeps until something happens, and handles it."""
        poll = select.poll()
        poll.register(self.wakeup, select.POLLIN)
        if self.is_input_open:
            is_ready = self.status is None and self.session.is_ready()
            poll.register(self.input, select.POLLIN if is_ready else 0)
        if self.writer.is_open:
            poll.register(self.writer.fd, select.POLLOUT if self.writer.size else 0)
        outputs = {out.fd: (call, out) for call, out in self.readable_outputs()}
        for fd in outputs:
            poll.register(fd, select.POLLIN)
        events = poll.poll(self.poll_timeout())
        if not events and self.has_unsaved_code():
            code_cache.save_all()
        for fd, event in events:
            if fd == self.wakeup:
                self.handle_signals()
            elif fd == self.input:
                self.read(decoder)
            elif fd in outputs:
                call, out = outputs[fd]
                if out.read() is None:
                    call.settle()
                self.session.output(call, out)
            elif event & BROKEN:
                self.lose_link(can_write=False)
        now = time.monotonic()
        for call in list(self.running.values()):
            if call.wake_at is not None and now >= call.wake_at and not call.is_over:
                call.wake_at = None
                call.wake(now)
            if call.is_over and (not self.is_full() or call.is_small()):
                self.finish_call(call)
        if self.is_watched() and now - self.last_read > SILENCE:
            say("The gate heard nothing for %d s\n" % SILENCE)
            self.lose_link(can_write=False)

    def readable_outputs(self):
        """The outputs to read. Those that become messages wait for the link."""
        is_full = self.is_full()
        for call in self.running.values():
            for out in call.open_outputs():
                if not is_full or not (call.stream or out.name == "control"):
                    yield call, out

    def is_full(self):
        """Whether the link has enough to write."""
        return self.writer.size >= BACKLOG

    def is_watched(self):
        """Whether silence means that the link is lost."""
        return self.writer.is_open and (
            self.session.is_watched or self.status is not None
        )

    def poll_timeout(self):
        """The time until the next planned event, in milliseconds."""
        if self.has_unsaved_code():
            return 0
        times = [c.wake_at for c in self.running.values() if c.wake_at is not None]
        if self.is_watched():
            times.append(self.last_read + SILENCE)
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
        self.last_read = time.monotonic()
        if data:
            decoder.feed(data)
        else:
            self.is_input_open = False

    def handle_signals(self):
        for number in os.read(self.wakeup, 4096):
            if number != _signal.SIGCHLD:  # a request to end, from outside
                self.finish = False
                self.lose_link()
        for call in self.running.values():
            if call.ended is None:
                pid, wait_status = os.waitpid(call.pid, os.WNOHANG)
                if pid:
                    call.exited(wait_status)

    def submit(self, call):
        """Queues a call, which starts when there is room for it."""
        if self.status is None:
            self.waiting.append(call)
        else:
            self.session.not_run(call, "The gate was shut down")

    def start_calls(self):
        while (
            self.waiting
            and len(self.running) < MAX_RUNNING
            and self.status is None
            and not self.is_full()
        ):
            call = self.waiting.popleft()
            if self.started == 1:  # more will follow, and nearly all import this
                self.library.preload("json")
            self.started += 1
            try:
                self.library.prepare(call)
                if call.fresh:
                    code_cache.save_all()
                call.start()
            except OSError as error:
                self.session.failed(call, "Cannot start a process: %s" % error)
                continue
            self.running[call.ident] = call

    def finish_call(self, call):
        del self.running[call.ident]
        call.clean()
        self.session.done(call)

    def cancel_all(self, reason):
        while self.waiting:
            self.session.not_run(self.waiting.popleft(), reason)
        for call in self.running.values():
            call.end("cancelled", reason)

    def close(self, status):
        """Accepts no more calls; the loop ends when those in flight have."""
        if self.status is None:
            self.status = status
            self.last_read = time.monotonic()

    def lose_link(self, can_write=True):
        """Closes the gate because no more requests can come."""
        self.is_input_open = False
        self.close(1)
        if not can_write:
            self.writer.close()
        if self.finish:
            self.waiting.clear()
        else:
            self.cancel_all("The link was lost")


def say(text):
    """Writes to stderr, unless that would block."""
    poll = select.poll()
    poll.register(2, select.POLLOUT)
    if poll.poll(0):
        try:
            os.write(2, text.encode())
        except OSError:
            pass


def set_aside(fd):
    """Moves a descriptor of the link away from where modules that are preloaded
    could write to it."""
    moved = os.dup(fd)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, fd)
    os.close(null)
    return moved


def wake_on_signals():
    """A descriptor from which a byte can be read for every signal."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    for number in SIGNALS:
        _signal.signal(number, lambda number, frame: None)
    _signal.set_wakeup_fd(writer)
    return reader


def serve(ident, tree, early, finish=False):
    """Serves the protocol on stdin and stdout; does not return."""
    gate = Gate(ident, tree, finish)
    os.set_blocking(gate.writer.fd, False)
    status = 70
    try:
        status = gate.loop(early)
    except BaseException:  # our own defect: leave nothing running, and report it
        from . import terminate

        for call in gate.running.values():
            terminate.signal(call, 9)
        sys.excepthook(*sys.exc_info())
    finally:
        os.set_blocking(gate.writer.fd, True)
        code_cache.save_all()
        if tree.path:
            folder.remove(scratch.shared(tree.path, os.getpid()))
        os._exit(status)
