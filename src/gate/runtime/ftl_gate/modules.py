# The modules that a gate can call: its own, and those of the packs it was sent. A
# module is compiled once, and its code is saved with the gate or the pack.
import os
import sys

from . import folder, launch, site_path
from .trees import Tree

BASIC = "ansible.module_utils.basic"
PREFIX = "ansible.module_utils."


class NoModule(Exception):
    """There is no module of that name."""


class NoPack(Exception):
    """The gate does not have that pack."""


class Module:
    """One module: `kind` decides how it runs, `file` is its path in `tree`."""

    def __init__(self, name, file, kind, tree, source=None):
        self.name = name
        self.file = file
        self.kind = kind
        self.tree = tree
        self._source = source
        self._code = None
        self._wants_fresh = None

    @property
    def is_on_disk(self):
        return self.tree is not None and self.tree.path is not None

    @property
    def path(self):
        """The module's own `__file__`."""
        return self.tree.file_path(self.file) if self.is_on_disk else self.file

    @property
    def base(self):
        return os.path.basename(self.file)

    @property
    def full_name(self):
        """The name to import it by; outside packages, its own name."""
        is_importable = self.file.startswith("ansible") and self.file.endswith(".py")
        stem = self.file[:-3] if is_importable else self.base.partition(".")[0]
        return stem.replace("/", ".")

    @property
    def source(self):
        if self._source is None:
            self._source = self.tree.read(self.file)
        return self._source

    @property
    def wants_fresh(self):
        """Whether it declares that it needs an interpreter of its own."""
        if self._wants_fresh is None:
            self._wants_fresh = b"# ftl: fresh" in self.source.splitlines()
        return self._wants_fresh

    @property
    def code(self):
        if self._code is None:
            if self.tree is None:
                from . import compiler

                self._code = compiler.compile_source(self.source, self.path)
            else:
                codes = self.tree.codes
                self._code = codes.code(self.file, self.path, self.tree.read)
        return self._code


class Library:
    """Finds modules by name, in the gate or in a pack."""

    def __init__(self, tree):
        self.gate = tree
        self.packs = {}
        self.modules = {}
        self.preloaded = set()  # what was imported before the fork, or could not be
        self.python = site_path.stamp(os.__file__)
        self.trees = [tree]  # what a call imports from; earlier ones win
        self.finder = None  # until a tree has packages
        if tree.has_packages():
            self.install_finder()
            site_path.add(tree)
        self.stamps = site_path.stamps()

    def install_finder(self):
        from .finder import Finder

        self.finder = Finder(self.trees, ("ansible", "ansible_collections"))
        sys.meta_path.insert(0, self.finder)
        for name in site_path.folders(self.gate):
            sys.meta_path.append(Finder(self.trees, prefix=name + "/"))

    def find(self, name, pack=None):
        module = self.modules.get((name, pack))
        if module is None:
            tree = self.gate if pack is None else self.pack(pack)
            entry = tree.manifest["modules"].get(name)
            if entry is None:
                raise NoModule("No module %s in this gate" % name)
            module = Module(name, entry["path"], entry["kind"], tree)
            self.modules[name, pack] = module
        return module

    def pack(self, key):
        if key not in self.packs:
            is_hash = len(key) == 64 and key.isalnum()
            path = folder.find("packs", key) if is_hash else None
            if path is None:
                raise NoPack("No pack %.64s on this host" % key)
            self.keep(key, Tree(path))
        return self.packs[key]

    def keep(self, key, tree):
        """Adds a pack. The runtime can import those of its files that are in it."""
        self.packs[key] = tree
        names = [name for name in tree.files() if name.startswith("ftl_gate/")]
        if names:
            from . import unpack

            tree.codes.sources = {n[9:-3]: unpack.deflate(tree.read(n)) for n in names}
            sys.meta_path.insert(1, tree.codes)

    def store(self, key, data):
        """Checks a pack, and unpacks it or keeps it in memory."""
        from . import unpack

        if unpack.sha256(data) != key:
            raise ValueError("The pack does not match its hash")
        try:
            tree = Tree(None, unpack.read_zip(data))
            tree.manifest["modules"].items()
        except (LookupError, TypeError, AttributeError, unpack.zlib.error) as error:
            raise ValueError("The pack is not a zip that ftl made") from error
        if self.gate.path is not None:
            path = unpack.store("packs", key, tree.entries)
            tree = tree if path is None else Tree(path)
        self.keep(key, tree)

    def prepare(self, call):
        """Does before the fork what every call of a module needs. A failure here is
        left to the child, where it looks as it would in a script."""
        self.forget_changed()
        module = call.module
        names, wants_fresh = [], False
        try:
            if module.kind not in ("binary", "script"):
                names = module.code.co_names
            if module.kind != "binary":
                wants_fresh = module.wants_fresh
            if module.kind == "native" and b"async def main" in module.source:
                self.preload("asyncio")
        except Exception:
            pass
        self.trees[:] = [self.gate]
        if module.kind == "new":
            for name in [BASIC] + [n for n in names if n.startswith(PREFIX)]:
                if self.has(name):
                    self.preload(name)
        if module.tree not in (None, self.gate):
            self.trees.insert(0, module.tree)
            if self.finder is None and module.tree.has_packages():
                self.install_finder()
        launch.runner(module.kind)
        call.gate, call.files = self.gate.path, self.gate
        call.has_basic = self.has(BASIC)
        # A fork of a process that uses macOS's frameworks may hang or crash.
        is_unsafe = self.is_outdated() or sys.platform == "darwin"
        if module.tree is not None and module.kind != "binary":
            call.fresh = call.fresh or is_unsafe or wants_fresh

    def has(self, name):
        """Whether gate and pack hold a package or a module of this name."""
        return self.finder is not None and self.finder.find_spec(name) is not None

    def forget_changed(self):
        """Forgets what was imported from the host's folders when one of them has
        changed: a call may have installed a package there."""
        if self.stamps == site_path.stamps():
            return
        import site

        for name, module in list(sys.modules.items()):
            file = getattr(module, "__file__", None)
            if file and not name.startswith(("__main__", "ftl_gate")):
                if not site_path.is_stdlib(file):
                    del sys.modules[name]
        site.main()  # the user's own folder may be new, or hold new .pth files
        self.preloaded.clear()
        self.stamps = site_path.stamps()

    def is_outdated(self):
        """Whether the installed Python is not the one that runs here."""
        return self.python != site_path.stamp(os.__file__)

    def preload(self, name):
        """Imports once for all calls. What it prints is dropped."""
        if name in self.preloaded:
            return
        self.preloaded.add(name)
        try:
            try:
                __import__(name)
            finally:
                sys.stdout.flush()
        except BaseException:
            pass  # the call that imports it fails in the same way

    def names(self):
        """The modules of the gate, sorted."""
        return sorted(self.gate.manifest["modules"])

    def stored_packs(self):
        """The packs in the folder of this gate."""
        if self.gate.path is None:
            return sorted(self.packs)
        try:
            names = os.listdir(self.gate.path + "/../../packs")
        except OSError:
            return []
        return sorted(name for name in names if len(name) == 64)
