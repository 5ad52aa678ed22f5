# The gate's side of a conversation: reads lines, each a JSON list of inputs in base64,
# on stdin, and writes for each what is wrong with how the gate serves it; null for nothing. Modules
# are not run: calls end in the order in which they are submitted, some in a failure.
import base64
import hashlib
import json
import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "src", "gate", "runtime"))
sys.dont_write_bytecode = True

from ftl_gate import frames, gate, modules, writer  # noqa: E402


class Library:
    """Modules by name, and packs by hash."""

    class gate:
        path = None

    class Module:
        def __init__(self, kind):
            self.kind = kind

    def __init__(self):
        self.packs = {"p1"}

    def find(self, name, pack):
        if pack is not None and pack not in self.packs:
            raise modules.NoPack(pack)
        if name not in ("ping", "native", "old"):
            raise modules.NoModule(name)
        return self.Module("new" if name == "ping" else name)

    def store(self, key, data):
        if hashlib.sha256(data).hexdigest() != key:
            raise ValueError("It has another hash")
        self.packs.add(key)

    def pack(self, key):
        if key not in self.packs:
            raise modules.NoPack(key)

    def stored_packs(self):
        return sorted(self.packs)

    def names(self):
        return ["ping"]


class Gate:
    """What a session needs of a gate."""

    ident = "5e" * 32
    finish = False

    def __init__(self):
        self.library = Library()
        self.session = gate.Negotiation(self)
        self.writer = writer.Writer(-1)
        self.running, self.waiting = {}, []
        self.started, self.status = 0, None
        self.submitted = set()
        self.is_lost = False

    def submit(self, call):
        assert call.ident not in self.submitted, "%d was started twice" % call.ident
        self.submitted.add(call.ident)
        self.started += 1
        call.end = lambda state, reason: None  # it ends in its turn
        self.running[call.ident] = call

    def end_one(self):
        """Ends the call that runs longest."""
        ident = next(iter(self.running))
        call = self.running.pop(ident)
        self.submitted.discard(ident)
        rc = 0 if ident % 3 else 1
        result = {"state": "ended", "rc": rc, "cut": {"stdout": 0}, "stdout": ""}
        self.session.finished(call, result)
        self.session.say_goodbye()

    def close(self, status):
        self.status = status

    def cancel_all(self, reason):
        self.waiting.clear()

    def lose_link(self):
        self.is_lost = True


def converse(data):
    served = Gate()
    decoder = frames.Decoder(data)
    try:
        while served.status is None:
            body = decoder.next()
            if body is None:
                break
            served.session.receive(body)
            if len(served.running) > 3:
                served.end_one()
    except frames.BadStream as error:
        served.session.fatal(str(error))
    is_second = hasattr(served.session, "followers")
    while is_second and served.running:
        served.end_one()
    if is_second:
        assert not served.session.calls, "calls %s never end" % served.session.calls
        assert not served.session.followers, "calls wait for a call that has ended"
    return check_replies(served.writer)


def check_replies(out):
    """Everything that is written can be read again, and its size is known."""
    decoder, written = frames.Decoder(), 0
    while out.frames or out.ordered:
        frame = out.next()
        written += len(frame)
        decoder.feed(frame)
    assert written == out.size, "%d bytes instead of %d" % (written, out.size)
    while True:
        body = decoder.next()
        if body is None:
            return
        frames.message(body)


def fault_of(data):
    try:
        converse(data)
    except BaseException as error:
        return "%s: %s" % (type(error).__name__, str(error)[:300])
    return None


for line in sys.stdin:
    inputs = [base64.b64decode(each) for each in json.loads(line)]
    print(json.dumps([fault_of(data) for data in inputs]), flush=True)
