# Frames and their JSON: eight lower-case hexadecimal digits, then the body.
# docs/protocol.md is the authority; src/protocol/frame.ts is the other end.
# The C parts of the json package are used directly where they are: importing
# the package costs 6 ms of CPU, half of what starting Python costs.
MAX_BODY = 64 << 20
MAX_DEPTH = 200
SPLIT_BODY = 1 << 20
PART = 131000  # characters; doubled by escapes and wrapped it stays below 256 KiB
HEX = frozenset(b"0123456789abcdef")

try:
    from _json import encode_basestring_ascii, make_encoder, make_scanner

    class _Context:
        strict = True
        object_hook = object_pairs_hook = None
        parse_float, parse_int = float, int
        memo = {}

        @staticmethod
        def parse_constant(name):
            raise ValueError("%s is not JSON" % name)

    def _refuse(value):
        raise TypeError("%s is not JSON serializable" % type(value).__name__)

    _scan = make_scanner(_Context)
    _encode = make_encoder(
        None, _refuse, encode_basestring_ascii, None, ":", ",", False, False, False
    )

    def _parse(text):
        value, end = _scan(text, 0)
        if text[end:].strip(" \t\r\n"):
            raise ValueError("Extra data")
        return value

    def dumps(value):
        """A value as JSON in ASCII."""
        return "".join(_encode(value, 0))

    _parse(dumps({"": [0.5, None]}))
except (ImportError, TypeError, AttributeError):  # not CPython, or a newer one
    import json

    _parse = json.loads

    def dumps(value):
        """A value as JSON in ASCII."""
        return json.dumps(value, allow_nan=False, separators=(",", ":"))


def loads(data):
    """The value of JSON bytes; ValueError for what is not, or is too deep."""
    try:
        value = _parse(data.decode("utf-8").strip(" \t\r\n"))
    except (StopIteration, RecursionError) as error:
        raise ValueError("Not JSON, or nested too deep") from error
    if data.count(b"[") + data.count(b"{") > MAX_DEPTH and depth(value) > MAX_DEPTH:
        raise ValueError("Nested too deep")
    return value


def depth(value):
    """How deep lists and objects are nested in a value."""
    level, count = [value], 0
    while level:
        inner = []
        for item in level:
            if isinstance(item, dict):
                inner.extend(item.values())
            elif isinstance(item, list):
                inner.extend(item)
        count += any(isinstance(item, (dict, list)) for item in level)
        level = inner
    return count


class BadStream(Exception):
    """What follows on the stream cannot be told from noise."""


class Decoder:
    """Cuts a stream into bodies, whatever the split."""

    def __init__(self, data=b""):
        self.buffer = bytearray(data)

    def feed(self, data):
        self.buffer += data

    def next(self):
        """The next body, or None when more bytes are needed."""
        while len(self.buffer) >= 8:
            head = bytes(self.buffer[:8])
            if not HEX.issuperset(head):
                raise BadStream("Bad frame length %r" % head)
            length = int(head, 16)
            if length > MAX_BODY:
                raise BadStream("Frame of %d bytes is over %d" % (length, MAX_BODY))
            if len(self.buffer) < 8 + length:
                return None
            body = bytes(self.buffer[8 : 8 + length])
            del self.buffer[: 8 + length]
            if length:
                return body
        return None


def frame(text):
    """A frame around a body in ASCII."""
    return ("%08x%s" % (len(text), text)).encode("ascii")


def encode(kind, data, ident):
    """The frames of one v2 message, and whether it had to be split."""
    text = dumps([kind, data, ident])
    if len(text) <= SPLIT_BODY:
        return [frame(text)], False
    parts = [text[at : at + PART] for at in range(0, len(text), PART)]
    return [
        frame(dumps(["Data", {"part": part, "last": at == len(parts) - 1}, ident]))
        for at, part in enumerate(parts)
    ], True
