# Version 1 of the protocol: one message at a time, each answered by one. The Python
# original of ftl speaks it, and so does every gate until it is asked for version 2
# (docs/protocol.md).
import binascii

from . import v2
from .calls import Call
from .frames import MAX_BODY, dumps, message
from .modules import Module, NoModule


class Session:
    is_watched = False

    def __init__(self, gate):
        self.gate = gate
        self.busy = None  # the type of the message that is being answered

    def is_ready(self):
        return self.busy is None

    def send(self, kind, data):
        text = dumps([kind, data])
        if len(text) > MAX_BODY:
            text = dumps(["GateSystemError", {"message": "The result is too long"}])
        self.gate.writer.add(text)

    def fail(self, text):
        self.send("GateSystemError", {"message": text})

    fatal = fail

    def receive(self, body):
        try:
            kind, data, ident = message(body)
        except ValueError as error:
            return self.fail("Bad message: %s" % error)
        if kind == "Hello":
            if v2.is_hello(data, ident):
                self.gate.session = v2.Session(self.gate)
                self.gate.session.hello(data)
            else:
                self.send("Hello", data)
        elif kind == "Shutdown":
            self.end_of_input()
        elif kind not in ("Module", "FTLModule"):
            self.send("Error", {"message": "Unknown message type %s" % kind})
        elif not isinstance(data, dict):
            self.send("Error", {"message": "Invalid %s data" % kind})
        else:
            self.call(kind, data)

    def end_of_input(self):
        self.send("Goodbye", {})
        self.gate.close(0)

    def call(self, kind, data):
        try:
            name, args = data["module_name"], data.get("module_args") or {}
            if not isinstance(name, str) or not isinstance(args, dict):
                raise TypeError("module_name or module_args has the wrong type")
            module = self.find(name, data.get("module"), kind == "FTLModule")
        except NoModule:
            text = "Module %s not found in gate bundle." % name
            self.send("ModuleNotFound", {"message": text})
        except Exception as error:  # the gate lives on
            self.fail("%s: %s" % (type(error).__name__, error))
        else:
            self.busy = kind
            self.gate.submit(Call(1, module, args))

    def find(self, name, source, is_native):
        if source is None:
            try:
                found = self.gate.library.find(name)
            except NoModule:
                found = self.gate.library.find(name.rpartition(".")[0])
            if not is_native or found.kind == "native":
                return found
            return Module(found.name, found.file, "native", found.tree)
        source = binascii.a2b_base64(source)
        if is_native:
            return Module(name, name, "native", None, source)
        from . import module_kind

        try:
            return Module(name, name, module_kind.detect(source), None, source)
        except ValueError as error:
            raise ValueError("Module %s %s" % (name, error)) from error

    def output(self, call, out):
        if out.name == "control":
            call.take_progress()  # version 1 has no message for it

    def failed(self, call, text):
        self.busy = None
        self.fail(text)

    not_run = failed

    def done(self, call):
        data = call.result()
        kind, self.busy = self.busy, None
        if "exception" in data:
            self.fail(data["exception"]["traceback"])
        elif kind == "Module":
            text = data["stdout"]
            if "value" in data:
                text += dumps(data["value"])
            self.send("ModuleResult", {"stdout": text, "stderr": data["stderr"]})
        elif "value" in data:
            self.send("FTLModuleResult", {"result": data["value"]})
        else:
            self.fail("The module ended without a result: %s" % data["stderr"])
