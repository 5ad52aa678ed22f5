# How Python imports from gates and packs. Several roots make one tree of packages:
# `ansible` and `ansible_collections` are ours alone as soon as any root holds a
# part of them, so that what the host has installed under these names is never
# mixed in.
import sys
from _frozen_importlib_external import SourceFileLoader, spec_from_file_location


class Finder:
    """Imports from roots; earlier ones win. `tops`: the packages that it is
    asked for, empty for any; `below`: the folder in which they stand."""

    def __init__(self, roots, tops=(), below=""):
        self.roots = roots
        self.tops = tops
        self.below = below

    def find_spec(self, name, path=None, target=None):
        if self.tops and name.partition(".")[0] not in self.tops:
            return None
        stem = self.below + name.replace(".", "/")
        having = [root for root in self.roots if stem in root.folders()]
        folders = [root.path + "/" + stem for root in having if root.path is not None]
        for root in self.roots:
            for file in (stem + "/__init__.py", stem + ".py"):
                if file in root.files():
                    return self.spec(name, root, file, folders)
        return self.spec(name, None, None, folders) if having else None

    def spec(self, name, root, file, folders):
        if root is not None and root.path is not None:
            where = root.place(file)
            found = spec_from_file_location(name, where, loader=DiskLoader(name, where))
        else:
            found = type(sys.__spec__)(
                name, MemoryLoader(root, file), origin=file or "ftl"
            )
            found.has_location = file is not None
            if file is None or file.endswith("/__init__.py"):
                found.submodule_search_locations = []
        if found.submodule_search_locations is not None:
            found.submodule_search_locations = folders
        return found


class DiskLoader(SourceFileLoader):
    """Keeps compiled files beside the sources even where the host asks Python
    not to: they are in a folder of ours."""

    def get_code(self, name):
        writes_none, sys.dont_write_bytecode = sys.dont_write_bytecode, False
        try:
            return super().get_code(name)
        finally:
            sys.dont_write_bytecode = writes_none


class MemoryLoader:
    """Loads a module from a root in memory, or an empty package."""

    def __init__(self, root, file):
        self.root = root
        self.file = file

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        if self.file is not None:
            source = self.root.read(self.file)
            exec(compile(source, self.file, "exec"), module.__dict__)

    def get_source(self, name):
        return self.root.read(self.file).decode() if self.file else ""

    def get_data(self, path):
        return self.root.read(path)
