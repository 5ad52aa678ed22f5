# Version 2 of the protocol: any number of calls in flight, answered as they
# end (docs/protocol.md). src/protocol/channel.ts is the other end.
import binascii
import os
import sys
from _collections import deque

from .calls import Call, unstarted
from .frames import BadMessage, dumps, message
from .modules import NoModule, NoPack

REMEMBERED = 1000
LONGEST = 60000  # characters of an error's text


def begins(data, ident):
    """Whether a `Hello` with that data and id asks for version 2."""
    return ident == 0 and data.get("ftl") == 2 and isinstance(data.get("nonce"), str)


class Session:
    is_watched = True

    def __init__(self, gate):
        self.gate = gate
        self.calls = {}  # those in flight, by id
        self.followers = {}  # those that wait for another, by its id
        self.outcomes = {}  # whether the last ones succeeded, by id
        self.series = None  # the id, the size and the parts of what comes in parts
        self.goodbye = None

    def is_ready(self):
        return True

    def send(self, kind, data, ident):
        self.gate.writer.add(dumps([kind, data, ident]), ident, kind != "Goodbye")

    def error(self, kind, text, ident):
        self.send("Error", {"kind": kind, "message": text[:LONGEST]}, ident)

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
        except (ValueError, LookupError, TypeError, OSError) as error:
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

    def about(self):
        gate, root = self.gate, self.gate.library.gate.path
        return {
            "gate": gate.ident,
            "python": ".".join(map(str, sys.version_info[:3])),
            "executable": sys.executable or "",
            "platform": sys.platform,
            "pid": os.getpid(),
            "uid": os.geteuid(),
            "folder": root and root.rpartition("/host/")[0],
            "packs": gate.library.stored_packs(),
        }

    def hello(self, data):
        self.send("Hello", dict(self.about(), ftl=2, nonce=data["nonce"]), 0)

    def ping(self, data, ident):
        self.send("Pong", {}, ident)

    def shutdown(self, data, ident):
        self.goodbye = ident
        self.gate.close(0)
        self.gate.cancel_all("The gate was shut down")
        self.leave()

    def leave(self):
        if self.goodbye is not None and not self.gate.running:
            self.send("Goodbye", {}, self.goodbye)

    def end_of_input(self):
        self.gate.lost()

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
            raise BadMessage("The id %d cannot be used for a call" % ident, ident)
        library = self.gate.library
        module = library.find(
            expect(data, "module", str), expect(data, "pack", str, None)
        )
        call = Call(ident, module, expect(data, "args", dict))
        call.env = expect(data, "env", dict, {})
        if not all(is_variable(*pair) for pair in call.env.items()):
            raise BadMessage("The member env holds what is no variable", ident)
        call.timeout = expect(data, "timeout_ms", (int, float), 0) / 1000
        call.after = expect(data, "after", int, None)
        call.settings = expect(data, "settings", dict, {})
        call.check = expect(data, "check", bool, False)
        call.stream = expect(data, "stream", bool, False)
        call.fresh = expect(data, "fresh", bool, False)
        self.calls[ident] = call
        if call.check and module.kind not in ("new", "native"):
            reason = "A module of the kind %s has no check mode" % module.kind
            self.finished(call, unstarted("skipped", reason))
        elif call.after is None or self.outcomes.get(call.after):
            self.gate.submit(call)
        elif call.after in self.calls and call.after != ident:
            self.followers.setdefault(call.after, []).append(call)
        else:
            self.never_ran(call, failed_before(call))

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
        self.settle(call, False)

    def never_ran(self, call, reason):
        self.finished(call, unstarted("cancelled", reason))

    def done(self, call):
        for out in call.outputs.values():
            self.output(call, out)
        self.finished(call, call.result())
        self.leave()

    def finished(self, call, data):
        self.send("Result", data, call.ident)
        self.settle(call, succeeded(data))

    def settle(self, call, success):
        """Keeps how a call ended, and deals with those that wait for it."""
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
                    data = unstarted("cancelled", failed_before(follower))
                    self.send("Result", data, follower.ident)
                    ended.append((follower, False))

    HANDLERS = {"Call": call, "Pack": pack, "Ping": ping, "Shutdown": shutdown}


def expect(data, name, kind, *default):
    """A member of the data, of the right type."""
    if name not in data and default:
        return default[0]
    value = data.get(name)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise BadMessage("The member %s is missing, or of the wrong type" % name)
    return value


def is_variable(name, value):
    """Whether a name and a value can stand in an environment."""
    if not name or "=" in name or not isinstance(value, str):
        return False
    return "\0" not in name + value


def failed_before(call):
    return "The call %d before it did not succeed" % call.after


def succeeded(data):
    """Whether a call that names this one in `after` may start."""
    if data["state"] != "ended" or data["rc"] != 0:
        return False
    said = data.get("value")
    if said is None and '"failed"' in data["stdout"]:
        from . import module_output

        said = module_output.last_object(data["stdout"])
    return not (isinstance(said, dict) and said.get("failed") is True)
