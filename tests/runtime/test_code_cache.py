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
        cache.dumps = {"other": b"x"}
        cache.codes = {}
        before, code_cache.TAG = code_cache.TAG, "third"
        try:
            cache.save()
        finally:
            code_cache.TAG = before
        cache = self.again()
        self.assertEqual(set(cache.dumps), {"other", "third", code_cache.TAG})
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


if __name__ == "__main__":
    unittest.main()
