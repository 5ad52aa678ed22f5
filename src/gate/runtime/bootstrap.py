# Turns the interpreter that a host gave us into a gate: finds the archive on
# disk or takes it from stdin, and hands over to it. The stage has the sources of
# folder.py and unpack.py behind it, which become the modules that the runtime
# imports: compiling is most of what a first run costs a host. Says on stdout how
# far it came (docs/architecture.md).
# ruff: noqa: F821
import os
import sys

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


def module(name, source):
    """Makes a module of the runtime out of its source."""
    made = sys.modules["ftl_gate." + name] = type(sys)("ftl_gate." + name)
    made.__package__ = "ftl_gate"
    setattr(package, name, made)
    exec(compile(source, name + ".py", "exec"), made.__dict__)
    return made


def open_gate(nonce, gate_id, sent, loss):
    def say(word):
        os.write(1, ("ftl-%s-%s\n" % (nonce, word)).encode("utf-8", "replace"))

    early, entries = b"", None
    path = module("folder", sources[1]).find("gates", gate_id)
    if sent == "hint" and path is None:
        say("need")
    if sent == "sent" or path is None:
        try:
            archive, early = receive()
            if path is None:
                path, entries = unpack(archive, gate_id)
        except ValueError as error:
            say("fail %s" % error)
            os._exit(1)
    serve = load(path, entries)
    say("up")
    serve(gate_id, path, entries, early, finish=loss == "finish")


def unpack(archive, gate_id):
    """The path of what was unpacked; or the entries, where no folder takes them."""
    made = module("unpack", sources[2])
    if made.sha256(archive) != gate_id:
        raise ValueError("The archive was damaged on its way")
    entries = made.read_zip(archive)
    path = made.keep("gates", gate_id, entries)
    return path, None if path else entries


def load(path, entries):
    """Imports the runtime; its compiled files are kept whatever the host says."""
    writes_none, sys.dont_write_bytecode = sys.dont_write_bytecode, False
    if path is not None:
        package.__path__.append(path + "/ftl_gate")
    else:
        roots = module("roots", entries["ftl_gate/roots.py"])
        finder = roots.Finder([roots.Root(None, entries)], ("ftl_gate",))
        sys.meta_path.insert(0, finder)
    from ftl_gate.gate import serve

    sys.dont_write_bytecode = writes_none
    return serve


package = sys.modules["ftl_gate"] = type(sys)("ftl_gate")
package.__path__ = []
open_gate(sys.argv[1], *sys.argv[3:6])
