# The modules that a gate can call: its own and those of the packs it has been
# sent. A module is compiled once, and its code is kept on disk beside it.
import os
import sys

from . import folder, launch
from .trees import Root

BASIC = "ansible.module_utils.basic"
PREFIX = "ansible.module_utils."
PYTHON = "%d.%d" % sys.version_info[:2]
STDLIB = os.path.dirname(os.__file__) + "/"


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
        self._wants_fresh = None

    @property
    def is_on_disk(self):
        return self.root is not None and self.root.path is not None

    @property
    def path(self):
        """What the module sees as its own file."""
        return self.root.place(self.file) if self.is_on_disk else self.file

    @property
    def base(self):
        return os.path.basename(self.file)

    @property
    def full_name(self):
        """What it would be imported as; its name, if it stands in no package."""
        is_importable = self.file.startswith("ansible") and self.file.endswith(".py")
        stem = self.file[:-3] if is_importable else self.base.partition(".")[0]
        return stem.replace("/", ".")

    @property
    def source(self):
        if self._source is None:
            self._source = self.root.read(self.file)
        return self._source

    @property
    def wants_fresh(self):
        """Whether it says that it must not be a fork of what is warm."""
        if self._wants_fresh is None:
            self._wants_fresh = b"# ftl: fresh" in self.source.splitlines()
        return self._wants_fresh

    @property
    def code(self):
        if self._code is None:
            if self.root is None:
                from . import compiler

                self._code = compiler.code_of(self.source, self.path)
            else:
                known = self.root.codes
                self._code = known.code(self.file, self.path, self.root.read)
        return self._code


class Library:
    """Finds modules by name, in the gate or in a pack."""

    def __init__(self, root):
        self.gate = root
        self.packs = {}
        self.modules = {}
        self.tried = set()  # what was imported ahead, or could not be
        self.born = stamp(os.__file__)
        self.roots = [root]  # what a call imports from; earlier ones win
        self.finder = None  # where none of them has packages
        if root.has_packages():
            self.find_packages()
            add_site(root)
        self.seen = stamps()

    def find_packages(self):
        from .finder import Finder

        self.finder = Finder(self.roots, ("ansible", "ansible_collections"))
        sys.meta_path.insert(0, self.finder)
        for name in site_folders(self.gate):
            sys.meta_path.append(Finder(self.roots, below=name + "/"))

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
        if key not in self.packs:
            is_hash = len(key) == 64 and key.isalnum()
            path = folder.find("packs", key) if is_hash else None
            if path is None:
                raise NoPack("No pack %.64s on this host" % key)
            self.packs[key] = Root(path)
        return self.packs[key]

    def store(self, key, data):
        """Takes a pack: checks it, unpacks it, or keeps it in memory."""
        from . import unpack

        if unpack.sha256(data) != key:
            raise ValueError("The pack is not what its hash says")
        try:
            root = Root(None, unpack.read_zip(data))
            root.manifest["modules"].items()
        except (LookupError, TypeError, AttributeError, unpack.zlib.error) as error:
            raise ValueError("The pack is not a zip of ours") from error
        if self.gate.path is not None:
            path = unpack.keep("packs", key, root.entries)
            root = root if path is None else Root(path)
        self.packs[key] = root

    def prepare(self, call):
        """Does ahead of the fork what each call of a module needs. What fails
        here is left to the child, where it appears as it would for a script."""
        self.renew()
        module = call.module
        names, wants_fresh = [], False
        try:
            if module.kind not in ("binary", "script"):
                names = module.code.co_names
            if module.kind != "binary":
                wants_fresh = module.wants_fresh
            if module.kind == "native" and b"async def main" in module.source:
                self.load("asyncio")
        except Exception:
            pass
        self.roots[:] = [self.gate]
        if module.kind == "new":
            for name in [BASIC] + [n for n in names if n.startswith(PREFIX)]:
                if self.has(name):
                    self.load(name)
        if module.root not in (None, self.gate):
            self.roots.insert(0, module.root)
            if self.finder is None and module.root.has_packages():
                self.find_packages()
        launch.runner(module.kind)
        call.gate = self.gate.path
        call.has_basic = self.has(BASIC)
        # A fork of a process that uses macOS's frameworks may hang or crash.
        is_torn = self.is_outdated() or sys.platform == "darwin"
        if module.is_on_disk and module.kind != "binary":
            call.fresh = call.fresh or is_torn or wants_fresh

    def has(self, name):
        """Whether a package or a module can be imported from gate and pack."""
        return self.finder is not None and self.finder.find_spec(name) is not None

    def renew(self):
        """Forgets what was imported from a folder of the host when such a folder
        has changed: a call may have installed a package there."""
        if self.seen == stamps():
            return
        import site

        for name, module in list(sys.modules.items()):
            file = getattr(module, "__file__", None)
            if file and not name.startswith(("__main__", "ftl_gate")):
                if not is_pythons(file):
                    del sys.modules[name]
        site.main()  # a user's own folder may be new, or hold new .pth files
        self.tried.clear()
        self.seen = stamps()

    def is_outdated(self):
        """Whether this interpreter is no longer the one that is installed."""
        return self.born != stamp(os.__file__)

    def load(self, name):
        """Imports once for all calls. What it prints is nobody's."""
        if name in self.tried:
            return
        self.tried.add(name)
        try:
            try:
                __import__(name)
            finally:
                sys.stdout.flush()
        except BaseException:
            pass  # the call that wants it meets the same

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


def add_site(root):
    """Lets packages that came along be imported: behind Python's own, before
    those of the host. (Those in memory come last.)"""
    if root.path is None:
        return
    ours = [at for at, path in enumerate(sys.path) if is_pythons(path + "/")]
    behind = max(ours, default=-1) + 1
    folders = [root.path + "/" + name for name in site_folders(root)]
    sys.path[behind:behind] = [path for path in folders if os.path.isdir(path)]


def site_folders(root):
    """Where packages are: those for every Python, and those for this one."""
    return ["site"] + root.manifest.get("site", {}).get(PYTHON, [])


def is_pythons(path):
    """Whether a file or folder is of Python's own library."""
    return path.startswith(STDLIB) and "-packages/" not in path


def stamps():
    return {path: stamp(path) for path in sys.path}


def stamp(path):
    """Changes when a file is replaced, or something is put into a folder."""
    try:
        found = os.stat(path)
        return found.st_ino, found.st_mtime
    except OSError:
        return None
