# Turns the interpreter that a host gave us into a gate: finds the archive on
# disk or takes it from stdin, and hands over to it. Runs behind folder.py, in
# one namespace with it, and says on stdout how far it came (docs/architecture.md).
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


def open_gate(nonce, gate_id, sent, loss):
    def say(word):
        os.write(1, ("ftl-%s-%s\n" % (nonce, word)).encode("utf-8", "replace"))

    early, entries = b"", None
    path = find("gates", gate_id)
    if sent == "hint" and path is None:
        say("need")
    if sent == "sent" or path is None:
        try:
            archive, early = receive()
            if path is None and sha256(archive) != gate_id:
                raise ValueError("The archive was damaged on its way")
        except ValueError as error:
            say("fail %s" % error)
            os._exit(1)
        if path is None:
            entries = read_zip(archive)
            path = keep("gates", gate_id, entries)
    serve = load(path, entries)
    say("up")
    serve(gate_id, path, None if path else entries, early, finish=loss == "finish")


def load(path, entries):
    """Imports the runtime; its compiled files are kept whatever the host says."""
    writes_none, sys.dont_write_bytecode = sys.dont_write_bytecode, False
    if path is not None:
        sys.path.insert(0, path)
    else:
        load_from(entries)
    from ftl_gate.gate import serve

    if path is not None:
        sys.path.remove(path)  # from here on the gate finds its own
    sys.dont_write_bytecode = writes_none
    return serve


def load_from(entries):
    """Makes the runtime importable where no folder would take it."""
    package = sys.modules["ftl_gate"] = type(sys)("ftl_gate")
    package.__path__ = []
    roots = package.roots = sys.modules["ftl_gate.roots"] = type(sys)("ftl_gate.roots")
    exec(compile(entries["ftl_gate/roots.py"], "roots.py", "exec"), roots.__dict__)
    finder = roots.Finder([roots.Root(None, entries)], ("ftl_gate",))
    sys.meta_path.insert(0, finder)


open_gate(sys.argv[1], *sys.argv[3:6])
