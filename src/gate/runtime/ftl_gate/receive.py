# Reads a gate's archive from stdin. Part of the bootstrap.
import os


def read(size):
    data = bytearray()
    while len(data) < size:
        chunk = os.read(0, min(size - len(data), 1 << 20))
        if not chunk:
            os._exit(0)  # the controller is gone
        data += chunk
    return bytes(data)


def receive_archive():
    """The archive from stdin, and the frames that came before it."""
    early = []
    while True:
        head = read(8)
        # `g` and the length of the archive in seven digits, or a frame, which is
        # never so long (frames.MAX_BODY) that its first digit is not 0.
        if head[0] not in b"g0" or not set(head[1:]) <= set(b"0123456789abcdef"):
            raise ValueError("The input is neither an archive nor a frame")
        body = read(int(head[1:], 16))
        if head[:1] == b"g":
            return body, b"".join(early)
        early.append(head + body)
