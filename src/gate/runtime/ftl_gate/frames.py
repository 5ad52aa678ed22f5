# Frames and the JSON in them (docs/protocol.md); src/protocol/ is the other end,
# and src/protocol/limits.ts has the same limits. The C parts of the json package
# are used directly where they exist: importing the package costs 6 ms of CPU, half
# of what starting Python costs.
MAX_BODY = 64 << 20
MAX_DEPTH = 200
MAX_VALUES = 1000000
HEX = frozenset(b"0123456789abcdef")
NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


def _refuse(what):
    raise TypeError("%s is not JSON" % type(what).__name__)


try:
    from _json import encode_basestring_ascii, make_encoder, make_scanner

    class _Context:
        strict = True
        object_hook = object_pairs_hook = None
        parse_float, parse_int, parse_constant = float, int, float
        memo = {}

    scan = make_scanner(_Context)
    _encode = make_encoder(
        None, _refuse, encode_basestring_ascii, None, ":", ",", False, False, True
    )

    def dumps(value):
        """A value as JSON in ASCII."""
        return "".join(_encode(value, 0))

    scan(dumps({"": [0.5, None]}), 0)
except (ImportError, TypeError, AttributeError):  # another or a newer Python
    from json import JSONDecoder, JSONEncoder

    scan = JSONDecoder().scan_once
    dumps = JSONEncoder(
        check_circular=False, separators=(",", ":"), default=_refuse
    ).encode


def loads(data):
    """The value of JSON bytes; ValueError if they are not JSON or out of bounds."""
    check(data)
    text = data.decode("utf-8").strip(" \t\r\n")
    try:
        value, end = scan(text, 0)
    # 3.10 and 3.11 raise SystemError where JSONDecodeError is not imported.
    except (StopIteration, RecursionError, SystemError) as error:
        raise ValueError("It is not JSON") from error
    if end != len(text):
        raise ValueError("It is more than one JSON value")
    return value


def check(data, depth=MAX_DEPTH, values=MAX_VALUES):
    """ValueError for JSON bytes with too much nesting or too many values."""
    if len(data) <= values and data.count(b"[") + data.count(b"{") <= depth:
        return
    # Without escapes, every second piece between quotes is a string.
    marks = data.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')[::2]
    marks = b"".join(marks)
    if sum(map(marks.count, (b"[", b"{", b","))) > values:
        raise ValueError("It holds more than %d values" % values)
    level = 0
    for mark in marks.translate(None, NO_BRACKETS):
        if mark in b"[{":
            level += 1
            if level > depth:
                raise ValueError("It is nested more than %d deep" % depth)
        else:
            level -= 1


class BadMessage(ValueError):
    """A body that is not a message, or a request that breaks the protocol."""

    def __init__(self, text, ident=0):
        super().__init__(text)
        self.ident = ident  # of the message, where it has one


def message(body):
    """The type, data and id of a message; in version 1 the id is None."""
    value = loads(body)
    if not isinstance(value, list) or len(value) not in (2, 3):
        raise BadMessage("It is not an array of two or three elements")
    kind, data, ident = value if len(value) == 3 else value + [None]
    if len(value) == 3 and not (type(ident) is int and 0 <= ident < 1 << 53):
        raise BadMessage("Its id is not a whole number from 0 to 2^53 - 1")
    if not isinstance(kind, str):
        raise BadMessage("Its type is not a string", ident or 0)
    if len(value) == 3 and not isinstance(data, dict):
        raise BadMessage("Its data is not an object", ident)
    return kind, data, ident


def expect(data, name, kind, *default):
    """A member of the data, of the right type."""
    if name not in data and default:
        return default[0]
    value = data.get(name)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise BadMessage("The member %s is missing or of the wrong type" % name)
    return value


class BadStream(Exception):
    """The rest of the stream cannot be told from noise."""


class Decoder:
    """Splits a stream into bodies, in whatever chunks it comes."""

    def __init__(self, data=b""):
        self.buffer = bytearray(data)

    def feed(self, data):
        self.buffer += data

    def next(self):
        """The next body, or None when more bytes are needed."""
        while len(self.buffer) >= 8:
            head = bytes(self.buffer[:8])
            if not HEX.issuperset(head):
                raise BadStream("%r is not the length of a frame" % head)
            length = int(head, 16)
            if length > MAX_BODY:
                raise BadStream("A frame has %d bytes, over %d" % (length, MAX_BODY))
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
