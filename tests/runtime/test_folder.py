# Gates and packs on the host's disk: which folders are safe, damage, processes that
# unpack at once, and the removal of old ones.
import json
import os
import shutil
import stat
import sys
import time
import unittest
import zipfile

from ftl_gate import folder, prune, unpack
from gate_process import (
    GateTest,
    archive,
    base64_of,
    runtime_files,
    sha256,
)

UTIL = "ansible_collections/a/b/plugins/module_utils/%s.py"
BASE = {
    "ansible/module_utils/basic.py": "PASS_VARS = {}\nname = 'basic'\n",
    "ansible/module_utils/both/__init__.py": "",
    "ansible/module_utils/both/base.py": "from . import pack\nname = 'base'\n",
    UTIL % "base": "name = 'collection'\n",
}
PACKED = {
    "ansible/module_utils/both/pack.py": "name = 'pack'\n",
    UTIL % "pack": "from .base import name\nfrom . import base\n",
}
USES = """
import json
from ansible.module_utils import basic
from ansible.module_utils.both import base, pack
from ansible_collections.a.b.plugins.module_utils import pack as other
from ..module_utils.both.pack import name
print(json.dumps([basic.name, base.name, pack.name, other.name, name]))
"""
PACK = archive({"uses": ("new", USES), "ok": ("old", "print(1)")}, PACKED, is_pack=True)
WANTED = ["basic", "base", "pack", "collection", "pack"]


class Packs(GateTest):
    def test_a_pack_is_requested_stored_and_kept(self):
        gate = self.open({}, BASE)
        key = sha256(PACK)
        reply = gate.answer(gate.start_call("uses", pack=key))
        self.assertEqual((reply[0], reply[1]["kind"]), ("Error", "no_pack"))
        self.assertEqual(gate.pack(PACK), ("Stored", {"sha256": key}))
        self.assertEqual(gate.printed("uses", pack=key), WANTED)
        self.assertEqual(gate.request("Info")[1]["packs"], [key])
        self.assertEqual(gate.shutdown(), 0)
        again = self.open({}, BASE)
        self.assertEqual(again.about["packs"], [key])
        self.assertEqual(again.printed("uses", pack=key), WANTED)
        self.assertEqual(again.printed("uses", pack=key, fresh=True), WANTED)

    def test_packs_and_gate_in_memory_make_one_tree_of_packages(self):
        gate = self.open_in_memory({}, BASE)
        self.assertEqual(gate.pack(PACK)[0], "Stored")
        self.assertEqual(gate.printed("uses", pack=sha256(PACK)), WANTED)
        self.assertEqual(gate.request("Info")[1]["packs"], [sha256(PACK)])

    def test_an_invalid_pack_is_refused(self):
        no_manifest = archive({}, {}, is_pack=True).replace(b"manifest", b"manifost")
        gate = self.open({}, BASE)
        wrong = {b"": None, b"PK\5\6": None, b"x" * 100: None, no_manifest: None}
        wrong.update(
            {PACK[:-10]: None, PACK: "0" * 64, PACK[:200] + b"x" + PACK[201:]: None}
        )
        for data, key in wrong.items():
            with self.subTest(data[:20]):
                message = {"sha256": key or sha256(data), "data": base64_of(data)}
                kind, reply = gate.request("Pack", message)
                self.assertEqual((kind, reply.get("kind")), ("Error", "bad_pack"))
        for data in ({}, {"sha256": 1, "data": ""}, {"sha256": "x", "data": "é"}):
            self.assertEqual(gate.request("Pack", data)[0], "Error")
        self.assertEqual(gate.pack(PACK)[0], "Stored")

    def test_one_pack_does_not_see_the_utils_of_another(self):
        gate = self.open({}, BASE)
        packs = []
        for version in (1, 2):
            files = {"ansible/module_utils/mine.py": "version = %d" % version}
            source = "from ansible.module_utils import basic, mine; print(mine.version)"
            packs.append(archive({"it": ("new", source)}, files, is_pack=True))
        for data in packs:
            gate.pack(data)
        for _ in range(2):
            for version, data in enumerate(packs, 1):
                self.assertEqual(gate.printed("it", pack=sha256(data)), version)

    def test_an_uncompressed_zip_is_read_too(self):
        data = archive(
            {"ok": ("old", "print(1)")}, is_pack=True, method=zipfile.ZIP_STORED
        )
        gate = self.open({})
        gate.pack(data)
        self.assertEqual(gate.printed("ok", pack=sha256(data)), 1)


class Packages(GateTest):
    """Pure-Python packages in `site/` of gates and packs."""

    FILES = {
        "site/came_along/__init__.py": "from .inner import place\n",
        "site/came_along/inner.py": "place = '%s'\n",
        "site/single.py": "place = '%s'\n",
        "site/json.py": "raise SystemExit('not for packages to replace')\n",
    }
    USES = "import json, %s\nprint(json.dumps(%s.place))\n"

    def files(self, place):
        return {
            path: body % place if "%s" in body else body
            for path, body in self.FILES.items()
        }

    def modules(self):
        names = ("came_along", "single")
        return {name: ("old", self.USES % (name, name)) for name in names}

    def test_packages_of_the_gate_come_before_those_of_the_host(self):
        python = "python%d.%d" % sys.version_info[:2]
        host = os.path.join(self.home, ".local/lib", python, "site-packages")
        os.makedirs(host)
        with open(os.path.join(host, "single.py"), "w") as file:
            file.write("place = 'host'")
        gate = self.open(self.modules(), self.files("gate"))
        for fresh in (False, True):
            self.assertEqual(gate.printed("came_along", fresh=fresh), "gate")
            self.assertEqual(gate.printed("single", fresh=fresh), "gate")

    def test_packages_of_a_pack_are_for_its_modules_only(self):
        packs = {
            place: archive(self.modules(), self.files(place), is_pack=True)
            for place in ("one", "two")
        }
        gate = self.open(self.modules())
        for place, data in packs.items():
            gate.pack(data)
            for fresh in (False, True):
                said = gate.printed("came_along", pack=sha256(data), fresh=fresh)
                self.assertEqual(said, place)
        self.assertIn("No module named", gate.call("single")["stderr"])

    def test_packages_for_one_python_are_not_for_others(self):
        python = "%d.%d" % sys.version_info[:2]
        for wanted, found in ((python, "extra"), ("3.5", None)):
            manifest = {"site": {wanted: ["site-extra/single-1"]}}
            files = {
                "site-extra/single-1/single.py": "place = 'extra'\n",
                "manifest.json": json.dumps(manifest),
            }
            modules = self.modules()
            for opened in (self.open, self.open_in_memory):
                gate = opened(modules, files)
                if found:
                    self.assertEqual(gate.printed("single"), found)
                else:
                    self.assertIn("No module named", gate.call("single")["stderr"])

    def test_packages_in_memory_are_found_too(self):
        gate = self.open_in_memory(self.modules(), self.files("memory"))
        for name in self.modules():
            self.assertEqual(gate.printed(name), "memory")


class Damage(GateTest):
    def cut(self, path):
        with open(path, "r+b") as file:
            file.truncate(os.path.getsize(path) // 2)

    def test_a_truncated_gate_is_unpacked_again(self):
        gate = self.open({"ok": ("old", "print(1)")})
        root = self.host_folder("gates", gate.about["gate"])
        gate.shutdown()
        for name in (".code", ".index", "modules/ok.py"):
            for damage in (self.cut, os.remove):
                with self.subTest(name, damage=damage.__name__):
                    damage(os.path.join(root, name))
                    gate = self.open({"ok": ("old", "print(1)")})
                    self.assertEqual(gate.about["folder"], self.home + "/.ftl")
                    self.assertEqual(gate.printed("ok"), 1)
                    self.assertTrue(folder.hold(root))
                    gate.shutdown()  # or it may still be writing its cache
        self.assertEqual(os.listdir(self.host_folder("gates")), [gate.about["gate"]])

    def test_a_truncated_pack_is_requested_again(self):
        gate = self.open({})
        key = sha256(PACK)
        gate.pack(PACK)
        self.cut(self.host_folder("packs", key, "modules/ok.py"))
        gate = self.open({})
        reply = gate.answer(gate.start_call("ok", pack=key))
        self.assertEqual(reply[1]["kind"], "no_pack")
        gate.pack(PACK)
        self.assertEqual(gate.printed("ok", pack=key), 1)


class Candidates(GateTest):
    """Which folder is used, and which is refused."""

    def folder_of(self, **env):
        # A new gate: one that was unpacked before would be found where it is.
        files = {"ansible/%s.py" % self.id(): str(os.urandom(8))}
        gate = self.open({"ok": ("old", "print(1)")}, files, **env)
        self.assertEqual(gate.printed("ok"), 1)
        gate.shutdown()
        found = gate.about["folder"]
        if not found.startswith(self.home):
            folder.remove(os.path.join(found, "host", "gates", gate.about["gate"]))
        return found

    def test_the_folder_is_made_in_home_and_private(self):
        self.assertEqual(self.folder_of(), self.home + "/.ftl")
        for parent, folders, _ in os.walk(self.home + "/.ftl"):
            for name in folders + ["."]:
                mode = os.stat(os.path.join(parent, name)).st_mode
                if "__pycache__" not in parent + name:
                    self.assertEqual(stat.S_IMODE(mode), 0o700, parent + name)

    def test_a_folder_that_others_can_read_is_made_private(self):
        os.mkdir(self.home + "/.ftl", 0o755)
        self.assertEqual(self.folder_of(), self.home + "/.ftl")
        mode = os.stat(self.home + "/.ftl").st_mode
        self.assertEqual(stat.S_IMODE(mode), 0o700)

    def test_a_folder_that_others_can_write_is_refused(self):
        cache = os.path.join(self.home, "cache")
        os.mkdir(cache, 0o700)
        os.mkdir(self.home + "/.ftl")
        os.chmod(self.home + "/.ftl", 0o770)
        self.assertEqual(self.folder_of(XDG_CACHE_HOME=cache), cache + "/ftl")

    def test_a_home_that_others_can_write_is_refused(self):
        home = os.path.join(self.home, "home")
        os.mkdir(home)
        os.chmod(home, 0o777)
        self.assertEqual(
            self.folder_of(HOME=home, XDG_CACHE_HOME=self.home), self.home + "/ftl"
        )
        self.assertEqual(os.listdir(home), [])

    def test_a_link_or_a_file_instead_of_the_folder_is_refused(self):
        os.mkdir(self.home + "/other")
        os.symlink("other", self.home + "/.ftl")
        cache = os.path.join(self.home, "cache")
        os.mkdir(cache, 0o700)
        self.assertEqual(self.folder_of(XDG_CACHE_HOME=cache), cache + "/ftl")
        os.remove(self.home + "/.ftl")
        os.rename(self.nowhere, self.home + "/.ftl")
        self.assertEqual(self.folder_of(XDG_CACHE_HOME=cache), cache + "/ftl")
        self.assertEqual(os.listdir(self.home + "/other"), [])

    @unittest.skipUnless(
        os.geteuid() == 0, "[skipped: only root can give folders away]"
    )
    def test_a_home_or_a_folder_of_another_user_is_refused(self):
        cache = os.path.join(self.home, "cache")
        os.mkdir(cache, 0o700)
        theirs = os.path.join(self.home, "theirs")
        os.mkdir(theirs, 0o755)
        os.chown(theirs, 12345, 12345)
        wanted = cache + "/ftl"
        self.assertEqual(self.folder_of(HOME=theirs, XDG_CACHE_HOME=cache), wanted)
        os.rename(theirs, self.home + "/.ftl")
        self.assertEqual(self.folder_of(XDG_CACHE_HOME=cache), wanted)
        home = os.path.join(self.home, "home")
        shutil.move(cache, home)
        os.chown(home, 12345, 12345)
        self.assertNotIn(self.home, self.folder_of(HOME=home, XDG_CACHE_HOME=home))

    def test_a_missing_home_is_skipped(self):
        for home in (None, "", "relative", self.home + "/none"):
            with self.subTest(home):
                found = self.folder_of(HOME=home, XDG_CACHE_HOME=self.home)
                self.assertEqual(found, self.home + "/ftl")


class Many(GateTest):
    def test_twenty_processes_may_unpack_at_once(self):
        data = archive(
            {"ok": ("old", "print(1)")}, {"ansible/%d.py" % n: "" for n in range(99)}
        )
        path = os.path.join(self.home, "gate.pyz")
        with open(path, "wb") as file:
            file.write(data)
        gates = [self.start([sys.executable, path]) for _ in range(20)]
        for gate in gates:
            gate.send("Hello", {"ftl": 2, "nonce": "n0"}, 0)
        for gate in gates:
            self.assertEqual(gate.receive()[1]["folder"], self.home + "/.ftl")
            self.assertEqual(gate.printed("ok"), 1)
        self.assertEqual(os.listdir(self.host_folder("gates")), [sha256(data)])

    def unpacked(self, count, age=0):
        """Makes `count` small gates of an age in seconds."""
        keys = []
        for _ in range(count):
            key = sha256(os.urandom(8))
            unpack.unpack(self.host_folder("gates"), key, {"a": b"b"})
            past = time.time() - age
            os.utime(self.host_folder("gates", key), (past, past))
            keys.append(key)
        return keys

    def names(self):
        return set(os.listdir(self.host_folder("gates")))

    def test_the_ten_gates_that_were_used_last_are_kept(self):
        keys = []
        for age in range(15, 0, -1):
            keys += self.unpacked(1, age * 60)
        self.assertEqual(self.names(), set(keys[5:]))

    def test_gates_that_were_not_used_for_a_month_are_removed(self):
        old = self.unpacked(2, 31 * 86400)
        new = self.unpacked(2, 29 * 86400)
        key = self.open({}).about["gate"]
        self.assertEqual(self.names() & set(old + new + [key]), set(new + [key]))

    def test_a_gate_in_use_is_kept_whatever_its_age(self):
        gate = self.open({"ok": ("old", "print(1)")})
        key = gate.about["gate"]
        os.utime(self.host_folder("gates", key), (0, 0))
        self.unpacked(12)
        self.assertIn(key, self.names())
        self.assertEqual(gate.printed("ok"), 1)
        gate.shutdown()
        os.utime(self.host_folder("gates", key), (0, 0))
        self.unpacked(1)
        self.assertNotIn(key, self.names())

    def test_opening_a_gate_counts_as_its_use(self):
        key = self.open({}).about["gate"]
        os.utime(self.host_folder("gates", key), (0, 0))
        self.open({})
        found = os.stat(self.host_folder("gates", key))
        self.assertGreater(found.st_mtime, time.time() - 600)

    def test_files_of_a_killed_process_are_removed_after_an_hour(self):
        self.unpacked(1)
        for name, age in ((".left", 7200), (".busy", 60)):
            os.mkdir(self.host_folder("gates", name))
            past = time.time() - age
            os.utime(self.host_folder("gates", name), (past, past))
        with open(self.host_folder("gates", ".code"), "wb") as file:
            os.utime(file.name, (past - 3600, past - 3600))
        self.unpacked(12)
        self.assertFalse({".left", ".code"} & self.names())
        self.assertIn(".busy", self.names())

    def test_a_file_that_another_process_has_just_removed_is_ignored(self):
        self.unpacked(1)
        prune.discard(self.host_folder("gates", ".gone"))

    def test_removing_a_folder_follows_no_links(self):
        outside = os.path.join(self.home, "outside")
        os.makedirs(outside + "/in")
        inside = os.path.join(self.home, "inside")
        os.mkdir(inside)
        os.symlink(outside, inside + "/link")
        os.symlink("nowhere", inside + "/broken")
        folder.remove(inside)
        self.assertFalse(os.path.lexists(inside))
        self.assertTrue(os.path.isdir(outside + "/in"))


class Zip(unittest.TestCase):
    def test_entries_are_read_as_they_were_packed(self):
        files = runtime_files()
        data = archive({}, {"x/é.txt": "é"})
        entries = unpack.read_zip(data)
        self.assertEqual(entries["x/é.txt"], "é".encode())
        self.assertEqual({name: entries[name] for name in files}, files)

    def test_a_changed_byte_of_an_entry_is_found(self):
        data = archive({}, {"a": "b" * 1000}, is_pack=True, method=zipfile.ZIP_STORED)
        at = data.index(b"bbbb") + 500
        with self.assertRaises(ValueError):
            unpack.read_zip(data[:at] + b"c" + data[at + 1 :])
