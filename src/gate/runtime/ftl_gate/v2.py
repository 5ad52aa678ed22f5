# Version 2 of the protocol: any number of calls in flight, answered as they
# end (docs/protocol.md). src/protocol/channel.ts is the other end.
import binascii
import os
import sys
from _collections import deque

from .calls import Call, unstarted
from .frames import MAX_BODY, dumps, encode, loads
from .modules import NoModule, NoPack

REMEMBERED = 1000


class BadMessage(Exception):
    """A message that cannot be understood; the text says why."""


class Session:
    is_watched = True

    def __init__(self, gate):
        self.gate = gate
        self.outcomes = {}  # id of an ended call: whether it succeeded
        self.order = deque()
        self.followers = {}  # id of a call: the calls that wait for it
        self.parts = {}
        self.goodbye = None

    def is_ready(self):
        return True

    def send(self, kind, data, ident):
        self.gate.writer.add(*encode(kind, data, ident))

    def error(self, kind, text, ident):
        self.send("Error", {"kind": kind, "message": text}, ident)

    def fatal(self, text):
        return dumps(["GateSystemError", {"message": text}, 0])

    def receive(self, body):
        ident = 0
        try:
            message = loads(body)
            if not isinstance(message, list) or len(message) != 3:
                raise BadMessage("Not a message of three elements")
            kind, data, ident = message
            if not is_id(ident):
                ident = 0
                raise BadMessage("The id is not a whole number")
            if not isinstance(kind, str) or not isinstance(data, dict):
                raise BadMessage("The type is not a string, or the data no object")
            handler = self.HANDLERS.get(kind)
            if handler is None:
                raise BadMessage("Unknown message type %s" % kind)
            handler(self, data, ident)
        except (BadMessage, ValueError) as error:
            self.error("bad_message", str(error), ident)
        except NoModule as error:
            self.error("no_module", str(error), ident)
        except NoPack as error:
            self.error("no_pack", str(error), ident)

    def about(self):
        gate = self.gate
        return {
            "gate": gate.ident,
            "python": ".".join(map(str, sys.version_info[:3])),
            "executable": sys.executable,
            "platform": sys.platform,
            "pid": os.getpid(),
            "uid": os.geteuid(),
            "folder": gate.base and os.path.dirname(os.path.dirname(gate.base)),
            "packs": gate.library.stored_packs(),
        }

    def hello(self, data, ident=0):
        reply = {"ftl": 2, "nonce": data.get("nonce")}
        reply.update(self.about())
        self.send("Hello", reply, 0)

    def info(self, data, ident):
        gate = self.gate
        reply = self.about()
        reply["calls"] = gate.begun
        reply["running"] = len(gate.running)
        reply["waiting"] = len(gate.waiting) + sum(map(len, self.followers.values()))
        reply["modules"] = gate.library.names()
        self.send("Info", reply, ident)

    def ping(self, data, ident):
        self.send("Pong", {}, ident)

    def shutdown(self, data, ident):
        self.goodbye = ident
        self.drop_followers("The gate was shut down")
        self.gate.cancel_all("The gate was shut down")
        self.gate.close(0)
        self.leave()

    def leave(self):
        if self.goodbye is not None and not self.gate.running:
            self.send("Goodbye", {}, self.goodbye)

    def end_of_input(self):
        self.gate.lost()

    def part(self, data, ident):
        parts = self.parts.setdefault(ident, [])
        parts.append(expect(data, "part", str))
        if sum(map(len, parts)) > MAX_BODY:
            del self.parts[ident]
            raise BadMessage("A message of over %d bytes" % MAX_BODY)
        if data.get("last"):
            self.receive("".join(self.parts.pop(ident)).encode())

    def pack(self, data, ident):
        key = expect(data, "sha256", str)
        try:
            self.gate.library.store(key, binascii.a2b_base64(expect(data, "data", str)))
        except ValueError as error:
            return self.error("bad_pack", str(error), ident)
        self.send("Stored", {"sha256": key}, ident)

    def cancel(self, data, ident):
        reason = "It was cancelled"
        call = self.gate.running.get(ident)
        if call is not None:
            return call.end("cancelled", reason)
        for queue in [self.gate.waiting] + list(self.followers.values()):
            for call in queue:
                if call.ident == ident:
                    queue.remove(call)
                    return self.never_ran(call, reason)
        return None

    def call(self, data, ident):
        if ident == 0 or ident in self.gate.running:
            raise BadMessage("The id %d cannot be used for a call" % ident)
        module = self.gate.library.find(expect(data, "module", str), data.get("pack"))
        call = Call(
            ident,
            module,
            expect(data, "args", dict),
            check=bool(data.get("check")),
            env=expect(data, "env", dict, {}),
        )
        call.timeout = expect(data, "timeout_ms", (int, float), 0) / 1000
        call.stream = bool(data.get("stream"))
        call.fresh = bool(data.get("fresh"))
        if call.check and module.kind not in ("new", "native"):
            reason = "A module of the kind %s has no check mode" % module.kind
            return self.finished(call, unstarted("skipped", reason))
        after = data.get("after")
        if after is None or self.outcomes.get(after):
            self.gate.submit(call)
        elif after in self.outcomes or not self.is_coming(after):
            self.never_ran(call, "The call %s before it did not succeed" % after)
        else:
            self.followers.setdefault(after, deque()).append(call)
        return None

    def is_coming(self, ident):
        queues = [self.gate.waiting] + list(self.followers.values())
        return ident in self.gate.running or any(
            call.ident == ident for queue in queues for call in queue
        )

    def output(self, call, out):
        if out.name == "control":
            for report in call.hear():
                self.send("Progress", {"data": report}, call.ident)
        elif call.stream:
            text = out.take_text()
            if text:
                self.send("Output", {"stream": out.name, "text": text}, call.ident)

    def failed(self, call, text):
        self.error("module", text, call.ident)
        self.remember(call.ident, False)

    def never_ran(self, call, reason):
        self.finished(call, unstarted("cancelled", reason))

    def done(self, call):
        for out in call.outputs.values():
            self.output(call, out)
        self.finished(call, call.result())
        self.leave()

    def finished(self, call, data):
        self.send("Result", data, call.ident)
        self.remember(call.ident, succeeded(data))

    def remember(self, ident, success):
        """Keeps how a call ended, for those that name it in `after`."""
        self.outcomes[ident] = success
        self.order.append(ident)
        if len(self.order) > REMEMBERED:
            self.outcomes.pop(self.order.popleft(), None)
        for call in self.followers.pop(ident, ()):
            if success:
                self.gate.submit(call)
            else:
                self.never_ran(call, "The call %d before it did not succeed" % ident)

    def drop_followers(self, reason):
        for queue in list(self.followers.values()):
            while queue:
                self.never_ran(queue.popleft(), reason)
        self.followers.clear()

    HANDLERS = {
        "Call": call,
        "Cancel": cancel,
        "Data": part,
        "Hello": hello,
        "Info": info,
        "Pack": pack,
        "Ping": ping,
        "Shutdown": shutdown,
    }


def is_id(value):
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def expect(data, name, kind, default=None):
    """A member of the data, of the right type."""
    value = data.get(name, default)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise BadMessage("The member %s is missing, or of the wrong type" % name)
    return value


def succeeded(data):
    """Whether a call that names this one in `after` may start."""
    if data["state"] != "ended" or data["rc"] != 0:
        return False
    said = data.get("value")
    if said is None:
        text = data["stdout"]
        try:
            said = loads(text[text.index("{") : text.rindex("}") + 1].encode())
        except ValueError:
            return True  # no JSON: the exit status is all there is to go by
    return not (isinstance(said, dict) and said.get("failed"))
