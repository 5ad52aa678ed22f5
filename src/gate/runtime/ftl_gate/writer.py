# Writes to the controller without waiting: queues frames in the order in which they
# may go. Large messages go as a series of `Data`, one series at a time; others pass
# between its parts, except those of the same request (docs/protocol.md, Large
# messages). src/protocol/limits.ts has the same limits.
import os
from _collections import deque

from .frames import dumps, frame

MAX_WHOLE = 1 << 20  # bytes of a body that is sent whole
MAX_DATA = 256 << 10  # bytes of the body of a `Data`
PART = (MAX_DATA - 64) // 2  # characters, which escapes may double


class Lost(Exception):
    """The controller is gone."""


class Writer:
    def __init__(self, fd):
        self.fd = fd
        self.is_open = True
        self.size = 0  # bytes still to be written
        self.frames = deque()
        self.ordered = deque()  # ids and texts: a series, and what must not pass it
        self.at = 0  # characters of its first text that have become frames
        self.rest = memoryview(b"")

    def add(self, text, ident=None, may_pass=True):
        """Queues the text of a body. `ident`: the id of the request in version 2."""
        if not self.is_open:
            return
        self.size += len(text) + 8
        must_wait = ident in (known for known, _ in self.ordered)
        if ident is None or (may_pass and not must_wait and len(text) <= MAX_WHOLE):
            self.frames.append(frame(text))
        else:
            self.ordered.append((ident, text))

    def next(self):
        """The next frame."""
        if self.frames:
            return self.frames.popleft()
        ident, text = self.ordered[0]
        if len(text) <= MAX_WHOLE:
            self.ordered.popleft()
            return frame(text)
        part = text[self.at : self.at + PART]
        self.at += len(part)
        is_last = self.at == len(text)
        if is_last:
            self.ordered.popleft()
            self.at = 0
        data = frame(dumps(["Data", {"part": part, "last": is_last}, ident]))
        self.size += len(data) - len(part) - (8 if is_last else 0)
        return data

    def pump(self):
        """Writes as much as the link accepts now."""
        while self.size:
            if not self.rest:
                self.rest = memoryview(self.next())
            try:
                count = os.write(self.fd, self.rest)
            except BlockingIOError:
                return
            except OSError as error:
                raise Lost from error
            self.rest = self.rest[count:]
            self.size -= count

    def close(self):
        """Drops what is queued, and whatever is added later."""
        self.is_open = False
        self.size = 0
        self.frames.clear()
        self.ordered.clear()
        self.rest = memoryview(b"")
