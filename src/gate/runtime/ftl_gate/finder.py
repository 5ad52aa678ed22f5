# How Python imports from gates and packs. Several trees make one tree of packages:
# as soon as any of them holds a part of `ansible` or `ansible_collections`, these
# names are imported from the trees alone, and never mixed with what the host has
# installed under them.
import sys
from _frozen_importlib_external import SourceFileLoader, spec_from_file_location

from . import code_cache


class Finder:
    """Imports from trees; earlier ones win. `packages`: the top-level packages that
    it answers for, empty for any; `prefix`: the folder that holds them."""

    def __init__(self, trees, packages=(), prefix=""):
        self.trees = trees
        self.packages = packages
        self.prefix = prefix

    def find_spec(self, name, path=None, target=None):
        if self.packages and name.partition(".")[0] not in self.packages:
            return None
        stem = self.prefix + name.replace(".", "/")
        having = [tree for tree in self.trees if stem in tree.folders()]
        folders = [tree.path + "/" + stem for tree in having if tree.path is not None]
        for tree in self.trees:
            for file in (stem + "/__init__.py", stem + ".py"):
                if file in tree.files():
                    return self.spec(name, tree, file, folders)
        return self.spec(name, None, None, folders) if having else None

    def spec(self, name, tree, file, folders):
        if tree is not None and tree.path is not None:
            path = tree.file_path(file)
            loader = DiskLoader(name, path, tree, file)
            found = spec_from_file_location(name, path, loader=loader)
        else:
            found = type(sys.__spec__)(
                name, MemoryLoader(tree, file), origin=file or "ftl"
            )
            found.has_location = file is not None
            if file is None or file.endswith("/__init__.py"):
                found.submodule_search_locations = []
        if found.submodule_search_locations is not None:
            found.submodule_search_locations = folders
        return found


class DiskLoader(SourceFileLoader):
    """What the gate imports for all calls has one file for its code, because files
    of its own for each of the thirty that Ansible's `ping` needs cost a host 8 ms.
    A call writes what it alone imports beside the source, even where the host asks
    Python not to: the folder is ours."""

    def __init__(self, name, path, tree, file):
        super().__init__(name, path)
        self.tree = tree
        self.file = file

    def get_code(self, name):
        codes = self.tree.imports
        if code_cache.may_save or self.file in codes.codes:
            return codes.code(self.file, self.path, self.tree.read)
        before, sys.dont_write_bytecode = sys.dont_write_bytecode, False
        try:
            return super().get_code(name)
        finally:
            sys.dont_write_bytecode = before


class MemoryLoader:
    """Loads a module from a tree in memory, or an empty package."""

    def __init__(self, tree, file):
        self.tree = tree
        self.file = file

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        if self.file is not None:
            source = self.tree.read(self.file)
            exec(compile(source, self.file, "exec"), module.__dict__)

    def get_source(self, name):
        return self.tree.read(self.file).decode() if self.file else ""

    def get_data(self, path):
        return self.tree.read(path)
