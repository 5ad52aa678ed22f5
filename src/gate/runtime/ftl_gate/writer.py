# The way to the controller: frames in the order in which they may go, and what
# the link has not taken yet. Messages over 1 MiB go as a series of `Data`, one
# series at a time, and everything else passes between its parts, except what
# belongs to the same request (docs/protocol.md, Large messages).
import os
from _collections import deque

from .frames import dumps, frame

MAX_WHOLE = 1 << 20
PART = 131000  # characters; doubled by escapes and wrapped it stays below 256 KiB


class Lost(Exception):
    """The controller is gone."""


class Writer:
    def __init__(self, fd):
        self.fd = fd
        self.is_open = True
        self.size = 0  # bytes that are still to be written
        self.frames = deque()
        self.behind = deque()  # ids and texts: a series, and what must not pass it
        self.at = 0  # how much of the first text in it has become frames
        self.rest = memoryview(b"")

    def add(self, text, ident=None, may_pass=True):
        """Takes the text of a body. `ident`: the id of the request in v2."""
        if not self.is_open:
            return
        self.size += len(text) + 8
        late = ident in (known for known, _ in self.behind)
        if ident is None or (may_pass and not late and len(text) <= MAX_WHOLE):
            self.frames.append(frame(text))
        else:
            self.behind.append((ident, text))

    def next(self):
        """The next frame."""
        if self.frames:
            return self.frames.popleft()
        ident, text = self.behind[0]
        if len(text) <= MAX_WHOLE:
            self.behind.popleft()
            return frame(text)
        part = text[self.at : self.at + PART]
        self.at += len(part)
        is_last = self.at == len(text)
        if is_last:
            self.behind.popleft()
            self.at = 0
        data = frame(dumps(["Data", {"part": part, "last": is_last}, ident]))
        self.size += len(data) - len(part) - (8 if is_last else 0)
        return data

    def pump(self):
        """Writes as much as the link takes now."""
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
        """Drops what is left, and whatever is still added."""
        self.is_open = False
        self.size = 0
        self.frames.clear()
        self.behind.clear()
        self.rest = memoryview(b"")
