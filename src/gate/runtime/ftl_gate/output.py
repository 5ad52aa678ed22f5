# What comes out of a call: the first bytes of each pipe, and how many more
# there were. Reading never waits.
import codecs
import os

from .frames import dumps

LIMIT = {"stdout": 16 << 20, "stderr": 1 << 20, "control": 49 << 20}
CHUNK = 1 << 16


class Output:
    """One pipe. `stream`: what comes is also wanted as it comes."""

    def __init__(self, name, fd, stream=False):
        self.name = name
        self.fd = fd
        self.chunks = []
        self.size = 0
        self.cut = 0
        self.unsent = [] if stream else None
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        os.set_blocking(fd, False)

    def read(self):
        """Whether anything came; None when there is no more."""
        try:
            data = os.read(self.fd, CHUNK)
        except BlockingIOError:
            return False
        if not data:
            self.close()
            return None
        kept = data[: LIMIT[self.name] - self.size]
        self.chunks.append(kept)
        self.size += len(kept)
        self.cut += len(data) - len(kept)
        if self.unsent is not None:
            self.unsent.append(data)
        return True

    def drain(self):
        """Takes what the pipe holds, but no more than fits."""
        while self.fd is not None and self.size < LIMIT[self.name] and self.read():
            pass
        self.close()

    def close(self):
        if self.fd is not None:
            os.close(self.fd)
            self.fd = None

    def text(self, room):
        """All of it, decoded; less where its JSON would be longer than `room`."""
        data = b"".join(self.chunks)
        while True:
            text = data.decode("utf-8", "replace")
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
