# Modules that are programs or read their arguments from a file: the files that they
# get, on disk and on hosts where no folder can be written.
import json
import os
import shutil
import subprocess
import sys
import unittest

from gate_process import GateTest, archive, read

SAYS = """
import json, os, stat, sys
path = sys.argv[1]
found, above = os.stat(path), os.stat(os.path.dirname(path))
with open(path, encoding="utf-8") as file:
    text = file.read()
print(json.dumps({
    "path": path, "text": text, "mode": stat.S_IMODE(found.st_mode),
    "above": stat.S_IMODE(above.st_mode), "argv": len(sys.argv),
    "stdin": sys.stdin.read(),
}))
"""
SCRIPT = '#!/bin/sh\n# %s\nprintf \'%%s|%%s|\' "$#" "$(basename "$0")"; cat "$1" -\n'
MARK = "<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>"
MARKED = 'import sys; print("""%s"""); print(len(sys.argv))' % MARK
# A module that takes its arguments as most in bash do.
SOURCES = '''#!/bin/bash
. "$1"
printf '%s|' "$text" "$list" "$_ansible_module_name" "$_ansible_check_mode"
'''
# What Ansible's controller adds for modules that are not new-style.
ADDED = {
    "_ansible_check_mode": False,
    "_ansible_debug": False,
    "_ansible_diff": False,
    "_ansible_keep_remote_files": False,
    "_ansible_no_log": False,
    "_ansible_selinux_special_fs": ["fuse", "nfs", "vboxsf", "ramfs", "9p", "vfat"],
    "_ansible_shell_executable": "/bin/sh",
    "_ansible_socket": None,
    "_ansible_string_conversion_action": "warn",
    "_ansible_syslog_facility": "LOG_USER",
    "_ansible_verbosity": 0,
}
FILLS = """
def main(path):
    try:
        with open(path, "wb", 0) as file:
            while True:
                file.write(bytes(4096))
    except OSError:
        return {"full": True}
"""
MODULES = {
    "sources": ("script", SOURCES),
    "marked": ("script", "#!/bin/sh\necho '%s' $#\n" % MARK),
    "marked_python": ("old", MARKED),
    "old": ("old", SAYS),
    "json": ("json", "# WANT_JSON\n" + SAYS),
    "script": ("script", SCRIPT % "", "modules/script.sh"),
    "json_script": ("json", SCRIPT % "WANT_JSON", "modules/json_script"),
    "env": ("script", "#!/usr/bin/env -S sh -e\necho env; false; echo not"),
    "lost": ("script", "#!/no/such/program --flag\n"),
    "odd": ("binary", b"\x7fELF" + bytes(100)),
    "pipes": ("script", "#!/bin/sh\nyes | head -1; kill -PIPE $$\n"),
    "stays": ("script", "#!/bin/sh\necho up; exec sleep 60\n"),
    "native": ("native", "async def main(x): return x"),
    "new": ("new", "import sys; print(sys.stdin.read())"),
}


def binary():
    """A program of this machine that prints its arguments file."""
    return "binary", read(shutil.which("cat")), "modules/binary"


def can_mount():
    """Whether we can make private mounts."""
    command = ["unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"]
    try:
        return subprocess.call(command, stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


class Anywhere:
    """Tests for files on disk and in memory."""

    has_memory = True

    def test_old_modules_get_key_value_words_and_others_json(self):
        gate = self.open_all()
        args = {"a": "b c", "d": 1, "e": True, "f": ["é"], "g": "", "h": None}
        said = gate.printed("old", args)
        text, _, added = said["text"].partition("_ansible_")
        wanted = """a='b c' d=1 e=True f='['"'"'é'"'"']' g='' h=None """
        self.assertEqual((text, said["argv"], said["stdin"]), (wanted, 2, ""))
        self.assertIn("_ansible_socket=None ", added)
        text = gate.printed("json", args)["text"]
        self.assertIn('"d": 1, "e": true', text)
        data = json.loads(text)
        self.assertEqual(data, dict(data, **args))

    def test_all_but_new_style_modules_get_what_ansible_adds(self):
        gate = self.open_all()
        settings = {"diff": True, "verbosity": 2}
        texts = [
            gate.printed("json", settings=settings)["text"],
            gate.call("marked_python", settings=settings)["stdout"].split("\n")[0],
        ]
        for name, text in zip(("json", "marked_python"), texts):
            data = json.loads(text)
            for folder in ("_ansible_tmpdir", "_ansible_remote_tmp"):
                path = data.pop(folder)
                self.assertEqual(path is None, not self.is_on_disk)
            wanted = dict(ADDED, _ansible_diff=True, _ansible_verbosity=2)
            self.assertEqual(data, dict(wanted, _ansible_module_name=name))

    def test_a_shell_can_source_the_file_of_words(self):
        args = {"text": "it's $HOME; \\n", "list": ["a b", 1, None]}
        data = self.open_all().call("sources", args)
        wanted = "it's $HOME; \\n|['a b', 1, None]|sources|False|"
        self.assertEqual((data["stdout"], data["stderr"]), (wanted, ""))

    def test_the_marker_of_a_module_is_replaced_by_its_arguments(self):
        gate = self.open_all()
        for name, count in (("marked", 0), ("marked_python", 1)):
            data = gate.call(name, {"k": ["v", True]})
            self.assertTrue(data["stdout"].startswith('{"k": ["v", true], "_ans'))
            self.assertEqual(data["stdout"].split()[-1], str(count))
        self.assertEqual(self.left(), [])

    def test_scripts_are_run_by_their_interpreter(self):
        gate = self.open_all()
        for name, text in (("script", "k=v _ans"), ("json_script", '{"k": "v", "_a')):
            words = gate.call(name, {"k": "v"})["stdout"].split("|")
            self.assertEqual((words[0], words[2][: len(text)]), ("1", text))
        data = gate.call("env")
        self.assertEqual((data["rc"], data["stdout"]), (1, "env\n"))
        self.assertEqual(self.left(), [])

    def test_a_missing_interpreter_is_named(self):
        data = self.open_all().call("lost")
        self.assertEqual(data["rc"], 1)
        self.assertIn("Cannot run /no/such/program: No such file", data["stderr"])

    def test_binaries_are_run(self):
        data = self.open_all().call("binary", {"k": "v"})
        if not self.has_memory:
            self.assertIn("needs a folder that allows execution", data["stderr"])
            return
        self.assertEqual((data["stdout"][:10], data["stderr"]), ('{"k": "v",', ""))
        self.assertEqual(self.left(), [])

    def test_a_binary_for_another_machine_is_an_error(self):
        data = self.open_all().call("odd")
        self.assertEqual(data["rc"], 1)
        words = "Cannot run odd" if self.has_memory else "A binary module needs"
        self.assertIn(words, data["stderr"])

    def test_signals_that_python_ignores_end_programs_as_usual(self):
        data = self.open_all().call("pipes")
        self.assertEqual((data["stdout"], data["stderr"]), ("y\n", ""))
        self.assertEqual(data["signal"], 13)

    def test_large_arguments_arrive(self):
        gate = self.open_all()
        args = {"a": "x" * 3000000}
        self.assertEqual(gate.call("native", {"x": args["a"]})["value"], args["a"])
        for size in (4000, 60000, 70000, 3000000):
            data = json.loads(gate.call("new", {"a": "x" * size})["stdout"])
            self.assertEqual(len(data["ANSIBLE_MODULE_ARGS"]["a"]), size)
        data = gate.call("json", args)
        self.assertGreater(len(json.loads(data["stdout"])["text"]), 3000008)


class OnDisk(Anywhere, GateTest):
    is_on_disk = True

    def open_all(self, **env):
        return self.open(dict(MODULES, binary=binary()), **env)

    def left(self):
        return os.listdir(self.host_folder("calls"))

    def test_arguments_are_in_a_private_file_that_is_removed_after_the_call(self):
        gate = self.open_all()
        for module in ("old", "json"):
            said = gate.printed(module, {"a": "b"})
            self.assertTrue(said["path"].startswith(self.host_folder("calls")))
            self.assertEqual((said["mode"], said["above"]), (0o600, 0o700))
        self.assertEqual(self.left(), [])

    def test_files_are_removed_when_the_call_is_killed(self):
        gate = self.open_all()
        self.assertEqual(gate.call("stays", timeout_ms=200)["state"], "timed_out")
        self.assertEqual(self.left(), [])

    def test_files_of_a_killed_gate_are_removed_by_the_next_one(self):
        gate = self.open_all()
        gate.start_call("stays", stream=True)
        self.assertEqual(gate.receive()[0], "Output")
        pids = gate.children()
        self.assertEqual(len(self.left()), 1)
        gate.process.kill()
        gate.wait()
        for pid in pids:
            os.kill(pid, 9)
        self.open({})
        self.assertEqual(self.left(), [])

    @unittest.skipUnless(can_mount(), "[skipped: no private mounts]")
    def test_binaries_run_from_another_folder_if_home_forbids_execution(self):
        path = os.path.join(self.home, "gate.pyz")
        with open(path, "wb") as file:
            file.write(archive(dict(MODULES, binary=binary())))
        home = os.path.join(self.home, "home")
        os.mkdir(home)
        mount = "mount -t tmpfs -o noexec,mode=0700 none "
        for more in ("", "%s /tmp && %s /var/tmp && " % (mount, mount)):
            if more and not hasattr(os, "memfd_create"):
                continue
            with self.subTest(more):
                script = "cd / && exec 9<$2; %s %s $0 && %s exec $1 /proc/self/fd/9"
                argv = ["unshare", "-m", "sh", "-c", script % (mount, "", more)]
                argv += [home, sys.executable, path]
                gate = self.start(argv, HOME=home)
                folder = "/var/tmp/ftl-0" if more else home + "/.ftl"
                self.assertEqual(gate.hello()["folder"], folder)
                self.assertIn('{"k": 1, "_', gate.call("binary", {"k": 1})["stdout"])
                self.assertEqual(gate.call("script")["rc"], 0)
                self.assertIn("_ansible_", gate.printed("old")["text"])

    @unittest.skipUnless(can_mount(), "[skipped: no private mounts]")
    @unittest.skipUnless(hasattr(os, "memfd_create"), "[skipped: no memory files]")
    def test_files_of_calls_are_in_memory_when_the_disk_is_full(self):
        path = os.path.join(self.home, "gate.pyz")
        modules = dict(MODULES, fills=("native", FILLS), binary=binary())
        with open(path, "wb") as file:
            file.write(archive(modules))
        home = os.path.join(self.home, "home")
        os.mkdir(home)
        script = "exec 9<$2; mount -t tmpfs -o size=9m,mode=0700 none $0 && "
        script += "exec $1 /proc/self/fd/9"
        argv = ["unshare", "-m", "sh", "-c", script, home, sys.executable, path]
        gate = self.start(argv, HOME=home)
        self.assertEqual(gate.hello()["folder"], home + "/.ftl")
        for name in ("old", "json"):
            # Again, because the gate frees a file when it replaces it.
            filled = gate.call("fills", {"path": home + "/filler-" + name})
            self.assertEqual(filled["value"], {"full": True})
            said = gate.printed(name, {"a": "b"})
            self.assertRegex(said["path"], "^(/proc/self|/dev)/fd/")
        self.assertIn('{"k": 1, "_', gate.call("binary", {"k": 1})["stdout"])
        self.assertEqual(gate.call("script")["rc"], 0)


class InMemory(Anywhere, GateTest):
    """No folder can be written."""

    has_memory = hasattr(os, "memfd_create")
    is_on_disk = False

    def open_all(self, **env):
        return self.open_in_memory(dict(MODULES, binary=binary()), **env)

    def left(self):
        return [name for name in os.listdir(self.home) if name == ".ftl"]

    def test_arguments_are_in_a_file_in_memory(self):
        gate = self.open_all()
        for module in ("old", "json"):
            said = gate.printed(module, {"a": "b"})
            self.assertRegex(said["path"], "^(/proc/self|/dev)/fd/")

    def test_a_fresh_interpreter_gets_everything_through_its_input(self):
        gate = self.open_all()
        data = gate.call("old", {"a": "x" * 300000}, fresh=True)
        self.assertEqual(data["stderr"], "")
        self.assertGreater(len(json.loads(data["stdout"])["text"]), 300000)
        self.assertEqual(gate.call("native", {"x": 1}, fresh=True)["value"], 1)
        self.assertEqual(self.left(), [])
