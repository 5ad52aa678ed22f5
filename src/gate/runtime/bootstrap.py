# Turns the host's Python into a gate: finds the archive on disk or reads it from
# stdin, and starts it. The stage left the sources of some files of ftl_gate/ in
# `sources`; they become the modules that the runtime imports, because compiling
# twice is most of what a first run costs a host. Reports its progress on stdout
# (docs/architecture.md, Opening).
# ruff: noqa: F821
import os
import sys


def module(name, source):
    """Makes a module of the runtime from its source."""
    made = sys.modules["ftl_gate." + name] = type(sys)("ftl_gate." + name)
    made.__package__ = "ftl_gate"
    setattr(package, name, made)
    exec(source, made.__dict__)  # compile() alone would take two milliseconds more
    return made


def open_gate(nonce, gate_id, sent, loss):
    def say(word):
        os.write(1, ("ftl-%s-%s\n" % (nonce, word)).encode("utf-8", "replace"))

    folder = module("folder", sources[1])
    code_cache = module("code_cache", sources[2])
    early, entries = b"", None
    if sent == "memory":
        folder.may_write = False
        sys.dont_write_bytecode = True
    path = folder.find("gates", gate_id)
    cache = path and code_cache.load(path)
    if sent == "hint" and not cache:
        say("need")
    if sent != "hint" or not cache:
        receive = module("receive", sources[3])
        try:
            archive, early = receive.receive_archive()
            if not cache:
                module("compiler", sources[4])
                unpack = module("unpack", sources[5])
                if unpack.sha256(archive) != gate_id:
                    raise ValueError("The archive was damaged in transit")
                runtime, entries = unpack.split_runtime(archive)
                cache = code_cache.CodeCache(runtime, {})
        except ValueError as error:
            say("fail %s" % error)
            os._exit(1)
    sys.meta_path.insert(0, cache)
    if entries is not None:  # after the line above: pruning imports from the cache
        cache.folder = path = path or unpack.store("gates", gate_id, entries)
    from ftl_gate import gate, trees

    say("up")
    tree = trees.Tree(path, entries, cache)
    gate.serve(gate_id, tree, early, finish=loss == "finish")


os.environ.pop("PYTHONHASHSEED", None)  # for this interpreter, not its children
package = sys.modules["ftl_gate"] = type(sys)("ftl_gate")
package.__path__ = []
open_gate(sys.argv[1], *sys.argv[3:6])
