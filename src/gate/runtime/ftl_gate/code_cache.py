# The compiled sources of a gate or a pack, in one file: on a host that is new to
# us, a file for each would cost as much as compiling them. The sources of the
# runtime are in it too. Part of the bootstrap.
import marshal
import sys
import zlib
from _frozen_importlib import ModuleSpec
from _frozen_importlib_external import MAGIC_NUMBER
from _imp import _fix_co_filename

FILE = "/.code"
# Which Python compiled: -O and PYTHONOPTIMIZE change the code of the same source.
TAG = sys.implementation.cache_tag + MAGIC_NUMBER.hex() + "-%d" % sys.flags.optimize
unsaved = set()  # caches that hold more than their file


class CodeCache:
    """`sources`: of the runtime, name to bytes; `dumps`: for each Python that
    compiled, its codes as bytes. `folder`: of the gate or the pack, None for one
    in memory."""

    def __init__(self, sources, dumps, folder=None):
        self.sources = sources
        self.dumps = dumps
        self.folder = folder
        self.codes = marshal.loads(dumps[TAG]) if TAG in dumps else {}

    def code(self, name, path, read=None):
        """The code of a source, which `read` returns if it is not compiled yet."""
        if name not in self.codes:
            # Absolute, because this file may also be run as text.
            from ftl_gate import compiler

            source = read(name) if read else self.sources[name]
            self.codes[name] = compiler.compile_source(source, path)
            if self.folder:
                unsaved.add(self)
        _fix_co_filename(self.codes[name], path)  # HOME may have moved
        return self.codes[name]

    def dump(self):
        return marshal.dumps((self.sources, self.dumps))

    def save(self):
        """Writes the file for the next process. Several may do so at once: what
        one compiled and another did not is compiled again."""
        from ftl_gate import compiler

        self.dumps[TAG] = marshal.dumps(self.codes)
        compiler.write_cache(self.folder + FILE, self.dump())

    # The modules of the runtime are imported from here.
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
        if name in ("code_cache", "compiler"):  # needed to make any other code
            exec(self.sources[name], module.__dict__)
        else:
            exec(self.code(name, "<ftl %s>" % name), module.__dict__)


def load(folder):
    """The cache of a gate or a pack; None if it is missing or damaged."""
    try:
        with open(folder + FILE, "rb") as file:
            checksum, data = file.read(8), file.read()
        if int(checksum, 16) == zlib.crc32(data):
            return CodeCache(*marshal.loads(data), folder=folder)
    except (OSError, ValueError, EOFError):
        pass
    return None


def save_all():
    while unsaved:
        unsaved.pop().save()
