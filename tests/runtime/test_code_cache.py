# The code cache of a gate: it holds what Python compiles, and the next process
# finds it, or makes it again.
import marshal
import os
import subprocess
import sys
import unittest

from ftl_gate import code_cache, compiler
from gate_process import GateTest

SOURCE = '''# -*- coding: latin-1 -*-
"""Its text."""
from __future__ import division
import os
def outer(a=os.sep):
    return lambda: (a, "\xe9")
raise SystemExit("it ran")
'''.encode("latin-1")

COMPILE = """
import sys
from ftl_gate.compiler import compile_source
code = compile_source(eval(sys.argv[1]), "/a/b.py")
print(code.co_name, code.co_filename, code.co_names)
"""


class Code(unittest.TestCase):
    def test_the_code_equals_that_of_compile_and_does_not_run(self):
        made = compiler.compile_source(SOURCE, "/a/b.py")
        wanted = compile(SOURCE, "/a/b.py", "exec", 0, True)
        self.assertEqual(marshal.dumps(made), marshal.dumps(wanted))

    def test_code_that_python_runs_while_it_compiles_is_not_returned(self):
        for source in b"# coding: euc_jp\nx = 1\n", b"x = 1 is 1, '\\d'\n":
            words = [sys.executable, "-W", "always", "-c", COMPILE, repr(source)]
            said = subprocess.check_output(words, stderr=subprocess.DEVNULL)
            self.assertEqual(said.split(), [b"<module>", b"/a/b.py", b"('x',)"])

    def test_a_syntax_error_names_its_file(self):
        with self.assertRaises(SyntaxError) as caught:
            compiler.compile_source(b"x = (\n", "/a/b.py")
        self.assertEqual(caught.exception.filename, "/a/b.py")


class Kept(GateTest):
    def setUp(self):
        super().setUp()
        gate = self.open({"ok": ("old", "print(1)")})
        self.assertEqual(gate.printed("ok"), 1)
        gate.shutdown()
        self.root = self.host_folder("gates", gate.about["gate"])

    def again(self):
        gate = self.open({"ok": ("old", "print(1)")})
        self.assertEqual(gate.printed("ok"), 1)
        self.assertEqual(gate.printed("ok", fresh=True), 1)
        gate.shutdown()
        return code_cache.load(self.root)

    def test_the_next_process_compiles_nothing(self):
        before = os.stat(self.root + code_cache.FILE).st_ino
        gate = self.open({"ok": ("old", "print(1)")})
        gate.printed("ok")
        gate.shutdown()
        self.assertEqual(os.stat(self.root + code_cache.FILE).st_ino, before)

    def test_code_that_another_python_compiled_is_kept_too(self):
        cache = code_cache.load(self.root)
        cache.dumps = {"other": b"x"}  # in a layout of its own
        cache.save()
        cache = self.again()
        self.assertEqual(set(cache.dumps), {"other", code_cache.TAG})
        self.assertIn("gate", cache.codes)

    def test_a_damaged_or_missing_cache_is_made_again(self):
        path = self.root + code_cache.FILE
        for damage in (b"", b"00000000", b"x" * 100, b"\0" * 5000, None):
            with self.subTest(damage):
                if damage is None:
                    os.remove(path)
                else:
                    with open(path, "wb") as file:
                        file.write(damage)
                self.assertIn("gate", self.again().codes)

    def test_a_moved_folder_has_its_new_name_in_tracebacks(self):
        modules = {"it": ("native", "def main():\n  raise ValueError(1)")}
        gate = self.open(modules)
        gate.call("it")
        gate.shutdown()
        home = os.path.join(self.home, "elsewhere")
        os.mkdir(home)
        os.rename(self.home + "/.ftl", home + "/.ftl")
        text = self.open(modules, HOME=home).call("it")["exception"]["traceback"]
        self.assertIn(home + "/.ftl/host/gates/", text)
        self.assertIn("raise ValueError(1)", text)

    def test_code_without_assertions_is_kept_apart(self):
        source = "try:\n  assert False\nexcept AssertionError:\n  print(1)"
        for level, printed in (("1", ""), (None, "1\n"), ("1", "")):
            gate = self.open({"it": ("old", source)}, PYTHONOPTIMIZE=level)
            self.assertEqual(gate.call("it")["stdout"], printed)
            gate.shutdown()

    @unittest.skipUnless(hasattr(os, "memfd_create"), "[skipped: no memfd_create]")
    def test_a_fresh_interpreter_starts_without_the_cache(self):
        gate = self.open({"ok": ("old", "print(1)")})
        gate.printed("ok", fresh=True)
        os.remove(self.root + code_cache.FILE)
        self.assertEqual(gate.printed("ok", fresh=True), 1)

    def test_the_cache_is_private_and_leaves_no_other_files(self):
        self.assertEqual(os.stat(self.root + code_cache.FILE).st_mode & 0o777, 0o600)
        self.assertEqual(os.listdir(os.path.dirname(self.root)), [self.root[-64:]])


FILES = {
    "ansible/module_utils/basic.py": "PASS_VARS = ()\n",
    "ansible/module_utils/early.py": "name = __file__\n",
    "ansible_collections/a/b/plugins/module_utils/late.py": "name = __file__\n",
}
IMPORTS = """
import ansible.module_utils.early
from ansible_collections.a.b.plugins.module_utils import late
print(ansible.module_utils.early.name, late.name)
"""


class Imported(GateTest):
    """The code of what modules import."""

    def run_gate(self, **env):
        gate = self.open({"it": ("new", IMPORTS)}, FILES, **env)
        self.root = self.host_folder("gates", gate.about["gate"])
        names = [name.replace(".py", "") for name in FILES if "basic" not in name]
        for _ in range(2):
            data = gate.call("it")
            wanted = " ".join("%s/%s.py\n" % (self.root, n) for n in names).split()
            self.assertEqual((data["stdout"].split(), data["stderr"]), (wanted, ""))
        gate.shutdown()
        return code_cache.load(self.root, code_cache.IMPORTS)

    def compiled(self):
        """The files beside the sources that hold code, up to the first dot."""
        found = []
        for parent, _, names in os.walk(self.root):
            if parent.endswith("__pycache__"):
                found += [name.partition(".")[0] for name in names]
        return sorted(found)

    def test_what_the_gate_imports_is_in_one_file_and_the_rest_beside_the_sources(self):
        codes = set(self.run_gate().codes)
        self.assertLessEqual({name for name in FILES if "late" not in name}, codes)
        self.assertNotIn(next(n for n in FILES if "late" in n), codes)
        self.assertIn("late", self.compiled())
        self.assertEqual({"basic", "early"} & set(self.compiled()), set())
        path = self.root + code_cache.IMPORTS
        found = os.stat(path)
        self.assertEqual(found.st_mode & 0o777, 0o600)
        self.run_gate()
        self.assertEqual(os.stat(path).st_ino, found.st_ino)

    def test_a_damaged_file_is_made_again(self):
        kept = set(self.run_gate().codes)
        with open(self.root + code_cache.IMPORTS, "wb") as file:
            file.write(b"00000000x")
        self.assertEqual(set(self.run_gate().codes), kept)

    def test_a_moved_folder_has_its_new_name(self):
        self.run_gate()
        home = os.path.join(self.home, "elsewhere")
        os.mkdir(home)
        os.rename(self.home + "/.ftl", home + "/.ftl")
        self.home = home
        self.run_gate()


if __name__ == "__main__":
    unittest.main()
