# Turns the interpreter that a host gave us into a gate: finds the archive on
# disk or takes it from stdin, and hands over to it. Runs behind folder.py, in
# one namespace with it, and says on stdout how far it came (docs/architecture.md).
# ruff: noqa: F821
import os
import sys


def read(size):
    data = bytearray()
    while len(data) < size:
        chunk = os.read(0, min(size - len(data), 1 << 20))
        if not chunk:
            os._exit(0)  # the controller is gone
        data += chunk
    return bytes(data)


def open_gate(nonce, gate_id, sent, loss):
    def say(word):
        os.write(1, ("ftl-%s-%s\n" % (nonce, word)).encode("utf-8", "replace"))

    early = []
    path = find("gates", gate_id)
    if sent == "hint" and path is None:
        say("need")
    entries = None
    while sent == "sent" or path is None:
        head = read(8)
        if head[:1] != b"g":  # a frame that came before its gate
            early.append(head + read(int(head, 16)))
            continue
        archive = read(int(head[1:], 16))
        if path is None:
            if sha256(archive) != gate_id:
                say("fail The archive was damaged on its way")
                os._exit(1)
            entries = read_zip(archive)
            path = keep("gates", gate_id, entries)
        break
    sys.dont_write_bytecode = False
    if path is not None:
        sys.path.insert(0, path)
    else:
        load_from(entries)
    from ftl_gate.gate import serve

    if path is not None:
        sys.path.remove(path)  # from here on the gate finds its own
    say("up")
    serve(gate_id, path, entries, b"".join(early), finish=loss == "finish")


def load_from(entries):
    """Makes the runtime importable where no folder would take it."""
    package = sys.modules["ftl_gate"] = type(sys)("ftl_gate")
    package.__path__ = []
    roots = package.roots = sys.modules["ftl_gate.roots"] = type(sys)("ftl_gate.roots")
    exec(compile(entries["ftl_gate/roots.py"], "roots.py", "exec"), roots.__dict__)
    sys.meta_path.insert(0, roots.Finder([roots.Root(None, entries)]))


open_gate(sys.argv[1], *sys.argv[3:6])
