# What this Python made of the sources in a gate or a pack: one file for all. On
# a host that is new to us, making a file for each costs as much as compiling
# them. The runtime's own sources are in there too. Part of the bootstrap.
import marshal
import sys
import zlib
from _frozen_importlib import ModuleSpec
from _frozen_importlib_external import MAGIC_NUMBER
from _imp import _fix_co_filename

FILE = "/.code"
# Whose code it is: -O and PYTHONOPTIMIZE make another of the same source.
TAG = sys.implementation.cache_tag + MAGIC_NUMBER.hex() + "-%d" % sys.flags.optimize
unkept = set()  # those that know more than what is on disk


class Codes:
    """`sources`: those of the runtime, name to bytes; `known`: what is compiled,
    name to code, for each Python that did so, as bytes. `folder`: where the gate
    or the pack is, None for one in memory."""

    def __init__(self, sources, known, folder=None):
        self.sources = sources
        self.known = known
        self.folder = folder
        self.made = marshal.loads(known[TAG]) if TAG in known else {}

    def code(self, name, path, read=None):
        """The code of a source, which `read` gives where it is not compiled."""
        if name not in self.made:
            from ftl_gate import compiler  # code_cache.py may also be run as a text

            source = read(name) if read else self.sources[name]
            self.made[name] = compiler.code_of(source, path)
            if self.folder:
                unkept.add(self)
        _fix_co_filename(self.made[name], path)  # a home may come to lie elsewhere
        return self.made[name]

    # The runtime's modules are imported from here.
    def find_spec(self, name, path=None, target=None):
        package, _, name = name.partition(".")
        if package == "ftl_gate" and (name or "__init__") in self.sources:
            full = "ftl_gate." + name if name else package
            return ModuleSpec(full, self, is_package=not name)
        return None

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        name = module.__name__[9:] or "__init__"
        if name in ("code_cache", "compiler"):  # by which all other code is made
            exec(self.sources[name], module.__dict__)
        else:
            exec(self.code(name, "<ftl %s>" % name), module.__dict__)


def read(folder):
    """What is kept of a gate or a pack; None for nothing, or what was damaged."""
    try:
        with open(folder + FILE, "rb") as file:
            checksum, data = file.read(8), file.read()
        if int(checksum, 16) == zlib.crc32(data):
            return Codes(*marshal.loads(data), folder=folder)
    except (OSError, ValueError, EOFError):
        pass
    return None
