# The modules that a gate can call: its own and those of the packs it has been
# sent. A module is compiled once, and its code is kept on disk beside it.
import sys
from _frozen_importlib_external import SourceFileLoader

from . import folder, kinds
from .roots import Finder, Root


class NoModule(Exception):
    """There is no module of that name."""


class NoPack(Exception):
    """The gate does not have that pack."""


class Module:
    """One module: `kind` says how it is run, `file` what it is called."""

    def __init__(self, name, file, kind, root, source=None):
        self.name = name
        self.file = file
        self.kind = kind
        self.root = root
        self._source = source
        self._code = None

    @property
    def source(self):
        if self._source is None:
            self._source = self.root.read(self.file)
        return self._source

    @property
    def path(self):
        """What the module sees as its own file."""
        on_disk = self.root is not None and self.root.path is not None
        return self.root.path + "/" + self.file if on_disk else self.file

    @property
    def needs_folder(self):
        """Whether a call of it needs files of its own (see child.py)."""
        if self.kind == "new":
            return b"respawn" in self.source
        return self.kind != "native"

    def compile(self):
        """Compiles ahead of the fork. What cannot be compiled is left to the
        child, where the error appears as it would for a plain script."""
        if self._code is None:
            try:
                self._code = self._load()
            except (SyntaxError, ValueError, OSError, EOFError):
                pass

    def _load(self):
        if self.path == self.file:
            return compile(self.source, self.file, "exec", dont_inherit=True)
        # A name without a dot: the loader only uses it to check what it gets.
        return SourceFileLoader("__main__", self.path).get_code("__main__")

    @property
    def code(self):
        return self._code or self._load()


class Library:
    """Finds modules by name, in the gate or in a pack."""

    def __init__(self, root):
        self.gate = root
        self.packs = {}
        self.modules = {}
        self.holds = []
        self.finder = Finder([root])
        sys.meta_path.insert(0, self.finder)

    def find(self, name, pack=None):
        module = self.modules.get((name, pack))
        if module is None:
            root = self.gate if pack is None else self.pack(pack)
            entry = root.manifest["modules"].get(name)
            if entry is None:
                raise NoModule("No module %s in this gate" % name)
            module = Module(name, entry["path"], entry["kind"], root)
            self.modules[name, pack] = module
        return module

    def pack(self, key):
        root = self.packs.get(key)
        if root is None:
            path = folder.find("packs", key)
            root = Root(path) if path else None
            if root is None or not root.is_whole():
                raise NoPack("No pack %s on this host" % key)
            self.add(key, root)
        return root

    def add(self, key, root):
        self.packs[key] = root
        if root.path is not None:
            self.holds.append(folder.hold(root.path))

    def store(self, key, data):
        """Takes a pack: checks it, unpacks it, or keeps it in memory."""
        if folder.sha256(data) != key:
            raise ValueError("The pack is not what its hash says")
        try:
            entries = folder.read_zip(data)
        except (ValueError, IndexError, folder.zlib.error):
            raise ValueError("The pack is not a zip")
        path = folder.keep("packs", key, entries) if self.gate.path else None
        self.add(key, Root(path, entries))

    def warm(self, module):
        """Imports ahead of the fork what every call of this kind needs. A core
        that refuses this Python fails the call that wanted it, in the child."""
        module.compile()
        if module.kind == "new":
            try:
                import ansible.module_utils.basic  # noqa: F401
            except BaseException:
                pass

    def names(self):
        """The modules of the gate and of the packs in use, sorted."""
        roots = [self.gate] + list(self.packs.values())
        return sorted({name for root in roots for name in root.manifest["modules"]})

    def stored_packs(self):
        """The packs in the folder of this gate."""
        from os import listdir

        if self.gate.path is None:
            return sorted(self.packs)
        try:
            names = listdir(self.gate.path + "/../../packs")
        except OSError:
            return []
        return sorted(name for name in names if len(name) == 64)


def inline(name, source, native=False):
    """A module that came with its call (v1)."""
    kind = "native" if native else kinds.detect(source)
    return Module(name, name, kind, None, source)
