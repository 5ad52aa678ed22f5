# What a gate imports for its first call: nothing of Python's library that is written
# in Python, because `re` alone, with what it imports, takes half as long as starting
# Python does.
import os
import shlex
import subprocess
import sys
import zipfile

from ftl_gate import argument_file
from gate_process import RUNTIME, GateTest

PRINT = """
import sys
found = []
for name, module in list(sys.modules.items()):
    if (getattr(module, "__file__", None) or "").endswith(".py"):
        found.append(name)
print("\\n".join(sorted(found)))
"""
READ = """
from ftl_gate import v2
result = {"state": "ended", "rc": 0, "stdout": sys.argv[1], "cut": {"stdout": 0}}
assert v2.succeeded(result)
"""


def without_ours(text):
    """Names of modules, one a line, without those of the gate."""
    return {n for n in text.split() if not n.startswith(("ftl_gate", "__main__"))}


class Imports(GateTest):
    def run_python(self, source, *args):
        """What Python has imported when it runs a zip, as it does a gate."""
        path = os.path.join(self.home, "program.zip")
        with zipfile.ZipFile(path, "w") as file:
            file.writestr("__main__.py", source)
        words = [sys.executable, path] + list(args)
        env = self.environment(PYTHONPATH=RUNTIME)
        return without_ours(subprocess.check_output(words, env=env).decode())

    def test_a_first_call_adds_none_of_pythons_files(self):
        started = self.run_python(PRINT)
        for kind in ("old", "json"):
            gate = self.open({"m": (kind, PRINT)})
            loaded = without_ours(gate.call("m", {"a": "b c"})["stdout"])
            allowed = started
            if kind == "json":  # which has to be written with Ansible's spacing
                allowed |= self.run_python("import json\n" + PRINT)
            self.assertEqual(loaded - allowed, set())

    def test_reading_a_result_adds_none_either(self):
        started = self.run_python(PRINT)
        for text in ('{"a": 1}\n', "[1]\n", "it worked\n", ""):
            read = self.run_python("import sys\n" + READ + PRINT, text)
            self.assertEqual(read - started, set())

    def test_words_are_quoted_as_shlex_does(self):
        texts = [chr(each) for each in range(0x250)]
        for text in texts + ["", "a'b'", "é", os.sep, "a b", "\ud800"]:
            self.assertEqual(argument_file.quote(text), shlex.quote(text))
