# The compiled sources of a gate or a pack, in one file: on a host that is new to
# us, a file for each would cost as much as compiling them. The sources of the
# runtime are in it too, deflated as they came, because a first run inflates only
# half of them. Part of the bootstrap.
import marshal
import sys
import zlib
from _frozen_importlib import ModuleSpec
from _frozen_importlib_external import MAGIC_NUMBER
from _imp import _fix_co_filename

FILE = "/.code"
IMPORTS = "/.imports"  # the same for what modules import, which plain ones never do
# Which Python compiled: -O and PYTHONOPTIMIZE change the code of the same source.
# The last digit is of this file: other versions of ftl use the same packs.
TAG = sys.implementation.cache_tag + MAGIC_NUMBER.hex() + "-%d-2" % sys.flags.optimize
unsaved = set()  # caches that hold more than their file
may_save = True  # whether this process is the gate, which writes the files


class CodeCache:
    """`sources`: of the runtime, name to deflated bytes; `dumps`: for each Python
    that compiled, its codes, name to marshalled bytes. `folder`: of the gate or the
    pack, None for one in memory."""

    def __init__(self, sources, dumps, folder=None, file=FILE):
        self.sources = sources
        self.dumps = dumps
        self.folder = folder
        self.file = file
        self.codes = dumps.setdefault(TAG, {})

    def source(self, name):
        """The source of a file of the runtime."""
        return zlib.decompress(self.sources[name], -15)

    def code(self, name, path, read=None):
        """The code of a source, which `read` returns if it is not compiled yet."""
        if name in self.codes:
            code = marshal.loads(self.codes[name])
            _fix_co_filename(code, path)  # HOME may have moved
            return code
        # Absolute, because this file may also be run as text.
        from ftl_gate import compiler

        code = compiler.compile_source((read or self.source)(name), path)
        self.codes[name] = marshal.dumps(code)
        if self.folder:
            unsaved.add(self)
        return code

    def dump(self):
        return marshal.dumps((self.sources, self.dumps))

    def save(self):
        """Writes the file for the next process. Several may do so at once: what
        one compiled and another did not is compiled again."""
        from ftl_gate import compiler

        compiler.write_cache(self.folder + self.file, self.dump())

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
            exec(self.source(name), module.__dict__)
        else:
            exec(self.code(name, "<ftl %s>" % name), module.__dict__)


def load(folder, name=FILE):
    """The cache of a gate or a pack; None if it is missing or damaged."""
    try:
        with open(folder + name, "rb", 0) as file:  # which reads it in one piece
            data = memoryview(file.read())
        if int(bytes(data[:8]), 16) == zlib.crc32(data[8:]):
            return CodeCache(*marshal.loads(data[8:]), folder=folder, file=name)
    except Exception:  # of what another version of ftl has written, too
        pass
    return None


def save_all():
    while unsaved:
        unsaved.pop().save()
