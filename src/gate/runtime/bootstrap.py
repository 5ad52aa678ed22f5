# Turns the interpreter that a host gave us into a gate: finds the archive on
# disk or takes it from stdin, and hands over to it. The stage has the sources of
# folder.py, codes.py and unpack.py behind it, which become the modules that the
# runtime imports: compiling is most of what a first run costs a host. Says on
# stdout how far it came (docs/architecture.md).
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
    exec(source, made.__dict__)  # compile() alone would take two milliseconds more
    return made


def open_gate(nonce, gate_id, sent, loss):
    def say(word):
        os.write(1, ("ftl-%s-%s\n" % (nonce, word)).encode("utf-8", "replace"))

    folder, codes = module("folder", sources[1]), module("codes", sources[2])
    early, entries, known = b"", None, None
    path = folder.find("gates", gate_id)
    if path is not None:
        known = codes.read(path)
    if sent == "hint" and known is None:
        say("need")
    if sent == "sent" or known is None:
        try:
            archive, early = receive()
            if known is None:
                made = module("unpack", sources[3])
                if made.sha256(archive) != gate_id:
                    raise ValueError("The archive was damaged on its way")
                known, entries = codes.split(made.read_zip(archive))
                known.folder = path = path or made.keep("gates", gate_id, entries)
        except ValueError as error:
            say("fail %s" % error)
            os._exit(1)
    sys.meta_path.insert(0, known)
    from ftl_gate import gate, roots

    say("up")
    root = roots.Root(path, entries, known)
    gate.serve(gate_id, root, early, finish=loss == "finish")


package = sys.modules["ftl_gate"] = type(sys)("ftl_gate")
package.__path__ = []
open_gate(sys.argv[1], *sys.argv[3:6])
