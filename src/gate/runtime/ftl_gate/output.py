# The output of a call: the first bytes of each pipe, and how many more there were.
# Reading never waits.
import codecs
import os

from .frames import dumps

# What a call may give; docs/protocol.md and src/protocol/limits.ts have the first
# two as well. Besides the others there is room for each in a result.
MAX_STDOUT = 32 << 20  # bytes, unless the call has its own limit
MOST_STDOUT = 48 << 20  # more than this has no room in a message
MAX_STDERR = 1 << 20
MAX_VALUE = 48 << 20
MAX_EXCEPTION = 500000  # characters of its message, and of its traceback
LIMITS = {
    "stdout": MAX_STDOUT,
    "stderr": MAX_STDERR,
    "control": MAX_VALUE + (1 << 20),
}
CHUNK = 1 << 16


class Output:
    """One pipe. `stream`: whether to pass on what comes while the call runs."""

    def __init__(self, name, fd, limit, stream=False):
        self.name = name
        self.fd = fd
        self.limit = limit
        self.chunks = []
        self.size = 0
        self.cut = 0
        self.unsent = [] if stream else None
        self.decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        os.set_blocking(fd, False)

    def read(self):
        """Whether anything came; None at the end."""
        try:
            data = os.read(self.fd, CHUNK)
        except BlockingIOError:
            return False
        if not data:
            self.close()
            return None
        kept = data[: self.limit - self.size]
        self.chunks.append(kept)
        self.size += len(kept)
        self.cut += len(data) - len(kept)
        if self.unsent is not None:
            self.unsent.append(data)
        return True

    def drain(self):
        """Reads what the pipe still holds, up to the limit, and closes it."""
        while self.fd is not None and self.size < self.limit and self.read():
            pass
        self.close()

    def close(self):
        if self.fd is not None:
            os.close(self.fd)
            self.fd = None

    def text(self, room):
        """All of it, decoded; less if its JSON would be longer than `room`."""
        data = b"".join(self.chunks)
        while True:
            text = data.decode("utf-8", "surrogateescape")
            length = len(data) * 6 > room and len(dumps(text))
            if length <= room:
                return text
            self.cut += len(data)
            data = data[: len(data) * room // length - 1024]
            self.cut -= len(data)

    def take_text(self):
        """What came since the last time, in whole characters."""
        data = b"".join(self.unsent)
        self.unsent.clear()
        return self.decoder.decode(data, self.fd is None)

    def take_lines(self):
        """The whole lines that came since the last time."""
        if not self.chunks or b"\n" not in self.chunks[-1]:
            return []
        lines = b"".join(self.chunks).split(b"\n")
        self.chunks = [lines.pop()]
        self.size = len(self.chunks[0])
        return lines
