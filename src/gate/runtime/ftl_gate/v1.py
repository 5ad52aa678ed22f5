# Version 1 of the protocol: one message at a time, each answered by one. What
# the Python original of ftl speaks, and what every gate speaks until it has
# been asked for version 2 (docs/protocol.md).
import binascii

from . import modules
from .calls import Call
from .frames import dumps, frame, loads


class Session:
    is_watched = False

    def __init__(self, gate):
        self.gate = gate
        self.busy = None  # the type of the message that is being served

    def is_ready(self):
        return self.busy is None

    def send(self, kind, data):
        self.gate.writer.add([frame(dumps([kind, data]))], False)

    def fatal(self, text):
        return dumps(["GateSystemError", {"message": text}])

    def receive(self, body):
        try:
            message = loads(body)
            kind, data = message[0], message[1]
            if not isinstance(message, list) or not isinstance(kind, str):
                raise ValueError("Not a message")
        except (ValueError, LookupError, TypeError) as error:
            return self.send("GateSystemError", {"message": "Bad message: %s" % error})
        if kind == "Hello":
            self.hello(message, data)
        elif kind == "Shutdown":
            self.end_of_input()
        elif kind not in ("Module", "FTLModule"):
            self.send("Error", {"message": "Unknown message type %s" % kind})
        elif not isinstance(data, dict):
            self.send("Error", {"message": "Invalid %s data" % kind})
        else:
            self.call(kind, data)

    def hello(self, message, data):
        if len(message) == 3 and isinstance(data, dict) and data.get("ftl") == 2:
            from . import v2

            self.gate.speaks = v2.Session(self.gate)
            self.gate.speaks.hello(data)
        else:
            self.send("Hello", data)

    def end_of_input(self):
        self.send("Goodbye", {})
        self.gate.close(0)

    def call(self, kind, data):
        try:
            name = data["module_name"]
            module = self.find(name, data.get("module"), kind == "FTLModule")
            args = data.get("module_args") or {}
            if not isinstance(args, dict):
                raise TypeError("module_args is not an object")
            self.busy = kind
            self.gate.submit(Call(1, module, args))
        except modules.NoModule:
            text = "Module %s not found in gate bundle." % name
            self.send("ModuleNotFound", {"message": text})
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            text = "%s: %s" % (type(error).__name__, error)
            self.send("GateSystemError", {"message": text})

    def find(self, name, source, native):
        if source is not None:
            return modules.inline(name, binascii.a2b_base64(source), native)
        try:
            return self.gate.library.find(name)
        except modules.NoModule:
            return self.gate.library.find(name.rpartition(".")[0])

    def output(self, call, out):
        pass  # all of it is in the result

    def failed(self, call, text):
        self.busy = None
        self.send("GateSystemError", {"message": text})

    def never_ran(self, call, reason):
        self.failed(call, reason)

    def done(self, call):
        data = call.result()
        kind, self.busy = self.busy, None
        if "exception" in data:
            self.send("GateSystemError", {"message": data["exception"]["traceback"]})
        elif kind == "FTLModule":
            self.send("FTLModuleResult", {"result": data.get("value")})
        else:
            text = data["stdout"]
            if "value" in data:
                text += dumps(data["value"])
            self.send("ModuleResult", {"stdout": text, "stderr": data["stderr"]})
