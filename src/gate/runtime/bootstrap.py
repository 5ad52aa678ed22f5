# Turns the interpreter that a host gave us into a gate: finds the archive on
# disk or takes it from stdin, and hands over to it. The stage has the sources of
# some files of ftl_gate/ behind it, which become the modules that the runtime
# imports: compiling is most of what a first run costs a host. Says on stdout how
# far it came (docs/architecture.md).
# ruff: noqa: F821
import os
import sys


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

    folder, code_cache = module("folder", sources[1]), module("code_cache", sources[2])
    early, entries = b"", None
    path = folder.find("gates", gate_id)
    known = path and code_cache.read(path)
    if sent == "hint" and not known:
        say("need")
    if sent == "sent" or not known:
        receive = module("receive", sources[3])
        try:
            archive, early = receive.receive()
            if not known:
                compiler = module("compiler", sources[4])
                unpack = module("unpack", sources[5])
                if unpack.sha256(archive) != gate_id:
                    raise ValueError("The archive was damaged on its way")
                known, entries = compiler.split(unpack.read_zip(archive))
        except ValueError as error:
            say("fail %s" % error)
            os._exit(1)
    sys.meta_path.insert(0, known)
    if entries is not None:  # where others lie, it wants one more of known's
        known.folder = path = path or unpack.keep("gates", gate_id, entries)
    from ftl_gate import gate, trees

    say("up")
    root = trees.Root(path, entries, known)
    gate.serve(gate_id, root, early, finish=loss == "finish")


package = sys.modules["ftl_gate"] = type(sys)("ftl_gate")
package.__path__ = []
open_gate(sys.argv[1], *sys.argv[3:6])
