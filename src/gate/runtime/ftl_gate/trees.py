# The files of gates and packs.
from . import code_cache


class Tree:
    """A gate or a pack: unpacked in the folder `path`, or `entries` in memory."""

    def __init__(self, path, entries=None, codes=None):
        self.path = path
        self._codes = codes
        self._imports = None
        self.entries = None if path else entries
        self._manifest = None
        self._folders = None

    def read(self, name):
        if self.path is None:
            return self.entries[name]
        with open(self.file_path(name), "rb") as file:
            return file.read()

    def file_path(self, name):
        """The path of a file of a tree on disk."""
        from os import fsdecode

        return self.path + "/" + fsdecode(name.encode())

    @property
    def manifest(self):
        if self._manifest is None:
            from .frames import loads

            if self.path is None:
                data = self.entries["manifest.json"]
            else:
                data = self.read(".index").rpartition(b"\0")[2]
            self._manifest = loads(data)
        return self._manifest

    @property
    def codes(self):
        """Its code cache."""
        if self._codes is None:
            found = self.path and code_cache.load(self.path)
            self._codes = found or code_cache.CodeCache({}, {}, self.path)
        return self._codes

    @property
    def imports(self):
        """The code cache of what modules import from it."""
        if self._imports is None:
            name = code_cache.IMPORTS
            found = self.path and code_cache.load(self.path, name)
            self._imports = found or code_cache.CodeCache({}, {}, self.path, name)
        return self._imports

    def has_packages(self):
        """Whether it has anything to import."""
        return any(name.startswith(("ansible", "site")) for name in self.files())

    def files(self):
        return self.entries if self.path is None else self.manifest["entries"]

    def folders(self):
        """Every folder that holds a file, at any depth."""
        if self._folders is None:
            self._folders = set()
            for name in self.files():
                while "/" in name:
                    name = name.rpartition("/")[0]
                    if name in self._folders:
                        break
                    self._folders.add(name)
        return self._folders
