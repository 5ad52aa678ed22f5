# What this Python made of the sources in a gate or a pack: one file for all. On
# a host that is new to us, making a file for each costs as much as compiling
# them. The runtime's own sources are in there too. Part of the bootstrap.
import marshal
import os
import sys
import zlib
from _frozen_importlib import ModuleSpec
from _frozen_importlib_external import MAGIC_NUMBER
from _imp import _fix_co_filename

FILE = "/.code"
TAG = sys.implementation.cache_tag + MAGIC_NUMBER.hex()  # whose code it is


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
            source = read(name) if read else self.sources[name]
            self.made[name] = code_of(source, path)
            if self.folder:
                unkept.add(self)
        return self.made[name]

    def keep(self):
        """Writes down what is new, for the next process. Many may do so at once:
        what one has compiled and another has not is compiled again."""
        folder = self.folder
        self.known[TAG] = marshal.dumps(self.made)
        data = marshal.dumps((self.sources, self.known))
        new = "%s/.%d.%s" % (os.path.dirname(folder), os.getpid(), os.urandom(4).hex())
        try:
            fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                with open(fd, "wb") as file:
                    file.write(b"%08x" % zlib.crc32(data) + data)
                os.rename(new, folder + FILE)
            except OSError:
                os.unlink(new)
        except OSError:
            pass  # full or read-only: the next one compiles again

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
        exec(self.code(name, "<ftl %s>" % name), module.__dict__)


class Compiled(BaseException):
    """Stops code that was only to be compiled."""


def code_of(source, path):
    """What compile() gives, which would first make a class for each node of a
    syntax tree: two milliseconds, where starting Python takes ten."""
    codes = []

    def stop(frame, event, arg):
        codes.append(frame.f_code)
        raise Compiled

    trace = sys.gettrace()
    sys.settrace(stop)
    try:
        exec(source, {})
    except Compiled:
        _fix_co_filename(codes[0], path)
        return codes[0]
    except Exception:
        pass  # it tells the same below, with its path
    finally:
        sys.settrace(trace)
    return compile(source, path, "exec", 0, True)


def keep_all():
    while unkept:
        unkept.pop().keep()


def read(folder):
    """What is kept of a gate or a pack; None for nothing, or what was damaged."""
    try:
        with open(folder + FILE, "rb") as file:
            data = file.read()
        if int(data[:8], 16) == zlib.crc32(data[8:]):
            return Codes(*marshal.loads(data[8:]), folder=folder)
    except (OSError, ValueError):
        pass
    return None


def split(entries):
    """The runtime among the entries of a gate, and what else there is."""
    sources, others = {}, {}
    for name, body in entries.items():
        if name.startswith("ftl_gate/"):
            sources[name[9:-3]] = body
        elif name != "__main__.py":
            others[name] = body
    return Codes(sources, {}), others
