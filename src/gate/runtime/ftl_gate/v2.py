# Version 2 of the protocol: any number of calls in flight, each answered when it
# ends (docs/protocol.md). src/protocol/channel.ts is the other end.
import binascii
import os
import sys
from _collections import deque

from . import module_output
from .calls import Call, not_started
from .frames import BadMessage, dumps, expect, message
from .modules import NoModule, NoPack
from .output import MOST_STDOUT

REMEMBERED = 1000  # calls whose outcome is kept for others that wait for them
MAX_ERROR = 60000  # characters of an error's text


def is_hello(data, ident):
    """Whether a `Hello` with this data and id asks for version 2."""
    return ident == 0 and data.get("ftl") == 2 and isinstance(data.get("nonce"), str)


class Session:
    is_watched = True

    def __init__(self, gate):
        self.gate = gate
        self.calls = {}  # in flight, by id
        self.followers = {}  # calls that wait for another, by its id
        self.outcomes = {}  # whether the last calls succeeded, by id
        self.series = None  # id, size and parts of the unfinished series
        self.goodbye = None

    def is_ready(self):
        return True

    def send(self, kind, data, ident):
        self.gate.writer.add(dumps([kind, data, ident]), ident, kind != "Goodbye")

    def error(self, kind, text, ident):
        self.send("Error", {"kind": kind, "message": text[:MAX_ERROR]}, ident)

    def fatal(self, text):
        self.send("GateSystemError", {"message": text}, 0)

    def receive(self, body):
        ident = 0
        try:
            kind, data, ident = message(body)
            if ident is None:
                raise BadMessage("It has no id")
            self.serve(kind, data, ident)
        except NoModule as error:
            self.error("no_module", str(error), ident)
        except NoPack as error:
            self.error("no_pack", str(error), ident)
        except BadMessage as error:
            self.error("bad_message", str(error), error.ident or ident or 0)
        except Exception as error:  # the gate and its other calls live on
            text = "%s: %s" % (type(error).__name__, error)
            self.error("bad_message", text, ident)

    def serve(self, kind, data, ident):
        if kind in self.HANDLERS:
            self.HANDLERS[kind](self, data, ident)
        elif kind in ("Cancel", "Data", "Hello", "Info"):
            from . import v2_rare

            v2_rare.HANDLERS[kind](self, data, ident)
        else:
            raise BadMessage("Unknown message type %s" % kind, ident)

    def describe(self):
        gate, path = self.gate, self.gate.library.gate.path
        return {
            "gate": gate.ident,
            "python": ".".join(map(str, sys.version_info[:3])),
            "executable": sys.executable or "",
            "platform": sys.platform,
            "pid": os.getpid(),
            "uid": os.geteuid(),
            "folder": path and path.rpartition("/host/")[0],
            "packs": gate.library.stored_packs(),
        }

    def hello(self, data):
        self.send("Hello", dict(self.describe(), ftl=2, nonce=data["nonce"]), 0)

    def ping(self, data, ident):
        self.send("Pong", {}, ident)

    def shutdown(self, data, ident):
        self.goodbye = ident
        self.gate.close(0)
        self.gate.cancel_all("The gate was shut down")
        self.say_goodbye()

    def say_goodbye(self):
        if self.goodbye is not None and not self.gate.running:
            self.send("Goodbye", {}, self.goodbye)

    def end_of_input(self):
        self.gate.lose_link()

    def pack(self, data, ident):
        key = expect(data, "sha256", str)
        try:
            self.gate.library.store(key, binascii.a2b_base64(expect(data, "data", str)))
        except BadMessage:
            raise
        except ValueError as error:
            return self.error("bad_pack", str(error), ident)
        self.send("Stored", {"sha256": key}, ident)

    def call(self, data, ident):
        if ident == 0 or ident in self.calls:
            raise BadMessage("The id %d is 0 or in flight" % ident, ident)
        library = self.gate.library
        module = library.find(
            expect(data, "module", str), expect(data, "pack", str, None)
        )
        call = Call(ident, module, expect(data, "args", dict))
        call.env = expect(data, "env", dict, {})
        if not all(is_variable(*pair) for pair in call.env.items()):
            raise BadMessage("The member env holds an invalid variable", ident)
        call.timeout = expect(data, "timeout_ms", (int, float), 0) / 1000
        call.after = expect(data, "after", int, None)
        call.settings = expect(data, "settings", dict, {})
        call.check = expect(data, "check", bool, False)
        call.stream = expect(data, "stream", bool, False)
        call.fresh = expect(data, "fresh", bool, False)
        most = expect(data, "max_output", int, call.max_output)
        call.max_output = min(max(most, 0), MOST_STDOUT)
        if "job" in data:
            from . import v2_rare

            call.job = v2_rare.job(self, expect(data, "job", dict))
        self.calls[ident] = call
        if call.check and module.kind not in ("new", "native"):
            reason = "A module of the kind %s has no check mode" % module.kind
            self.finished(call, not_started("skipped", reason))
        elif call.after is None or self.outcomes.get(call.after):
            self.gate.submit(call)
        elif call.after in self.calls and call.after != ident:
            self.followers.setdefault(call.after, []).append(call)
        else:
            self.not_run(call, failed_before(call))

    def output(self, call, out):
        if out.name == "control":
            for report in call.take_progress():
                self.send("Progress", {"data": report}, call.ident)
        elif call.stream:
            text = out.take_text()
            if text:
                self.send("Output", {"stream": out.name, "text": text}, call.ident)

    def failed(self, call, text):
        self.error("module", text, call.ident)
        self.settle(call, False)

    def not_run(self, call, reason):
        self.finished(call, not_started("cancelled", reason))

    def done(self, call):
        for out in call.outputs.values():
            self.output(call, out)
        self.finished(call, call.result())
        self.say_goodbye()

    def finished(self, call, data):
        self.send("Result", data, call.ident)
        self.settle(call, succeeded(data))

    def settle(self, call, success):
        """Notes the outcome of a call, and starts or cancels those that wait for it."""
        ended = deque([(call, success)])
        while ended:
            call, success = ended.popleft()
            del self.calls[call.ident]
            self.outcomes[call.ident] = success
            if len(self.outcomes) > REMEMBERED:
                del self.outcomes[next(iter(self.outcomes))]
            for follower in self.followers.pop(call.ident, ()):
                if success:
                    self.gate.submit(follower)
                else:
                    data = not_started("cancelled", failed_before(follower))
                    self.send("Result", data, follower.ident)
                    ended.append((follower, False))

    HANDLERS = {"Call": call, "Pack": pack, "Ping": ping, "Shutdown": shutdown}


def is_variable(name, value):
    """Whether an environment can hold this name and value."""
    if not name or "=" in name or not isinstance(value, str):
        return False
    return "\0" not in name + value


def failed_before(call):
    return "It waited for call %d, which did not succeed" % call.after


def succeeded(data):
    """Whether a call that names this one in `after` may start."""
    if data["state"] != "ended" or data["rc"] != 0:
        return False
    if "value" in data:
        value = data["value"]
        if not isinstance(value, dict):
            return True
    elif data["cut"]["stdout"]:
        return False
    else:
        value = module_output.last_object(data["stdout"])
        if value is None:  # what is broken might have been a failure
            return "{" not in data["stdout"]
    if value.get("unreachable"):
        return False
    if "failed" in value:
        return not value["failed"]
    return value.get("rc", 0) in (0, "0")
