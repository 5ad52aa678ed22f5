# Takes a gate's archive from stdin. Part of the bootstrap.
import os

MAX_FRAME = 64 << 20


def read(size):
    data = bytearray()
    while len(data) < size:
        chunk = os.read(0, min(size - len(data), 1 << 20))
        if not chunk:
            os._exit(0)  # the controller is gone
        data += chunk
    return bytes(data)


def length(digits):
    if not set(digits) <= set(b"0123456789abcdef"):
        raise ValueError("What came is neither an archive nor a frame")
    return int(digits, 16)


def receive():
    """The archive from stdin, and the frames that came before it."""
    early = []
    while True:
        head = read(8)
        if head[:1] == b"g":
            return read(length(head[1:])), b"".join(early)
        if length(head) > MAX_FRAME:
            raise ValueError("A frame is too long")
        early.append(head + read(length(head)))
