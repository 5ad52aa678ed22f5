# New-style modules with a real ansible-core: that of this machine, or the folder
# `ansible` that FTL_TEST_ANSIBLE names.
import json
import os
import sys
import unittest

from gate_process import GateTest, archive, base64_of, read, sha256

# Fails as an ansible-core does that does not support this Python.
REFUSES = {
    "ansible/__init__.py": "__version__ = '9.9'",
    "ansible/module_utils/basic.py": "import this_python_has_not\n",
}
# Knows some of what a controller adds, and has no defaults for it.
KNOWS = {
    "ansible/__init__.py": "__version__ = '9.9'",
    "ansible/module_utils/basic.py": "PASS_VARS = ('keep_remote_files', 'version')\n",
}
CORE = os.environ.get("FTL_TEST_ANSIBLE", "/usr/lib/python3/dist-packages/ansible")
HEAD = "from ansible.module_utils.basic import AnsibleModule\n"
SPEC = "dict(data=dict(type='str'), raw=dict(type='raw'))"
MAKE = "module = AnsibleModule(argument_spec=%s, supports_check_mode=True)\n" % SPEC
GIVE = (
    HEAD
    + MAKE
    + "module.exit_json(data=module.params['data'], check=module.check_mode)"
)
RESPAWNS = (
    "import os, sys\n"
    + HEAD
    + "from ansible.module_utils.common.respawn import has_respawned, respawn_module\n"
    "%s" + MAKE + "if not has_respawned():\n"
    "    respawn_module(sys.executable)\n"
    "module.exit_json(data=module.params['data'], pid=os.getppid())\n"
)
RELATIVE = (
    ("from __future__ import annotations\n" if sys.version_info >= (3, 7) else "")
    + (
        "from ..module_utils.basic import AnsibleModule\n"
        "from ..module_utils.common.text.converters import to_text\n"
    )
    + MAKE
    + "module.exit_json(data=to_text(b'x'), name=__name__, package=__package__)"
)
STARTS = (
    HEAD + MAKE + "rc, out, err = module.run_command(['cat'])\n"
    "module.exit_json(data=out)"
)
MODULES = {
    "starts": ("new", STARTS),
    "gives": ("new", GIVE),
    "fails": ("new", HEAD + MAKE + "module.fail_json(msg='no')"),
    "checks_not": (
        "new",
        HEAD
        + "module = AnsibleModule(argument_spec={})\nmodule.exit_json(changed=True)",
    ),
    "relative": ("new", RELATIVE, "ansible/modules/relative.py"),
    "respawns": ("new", RESPAWNS % ""),
    "tmpdir": (
        "new",
        HEAD + MAKE + "open(module.tmpdir + '/x', 'w')\n"
        "module.exit_json(data=module.tmpdir)",
    ),
}


def core_files():
    files = {}
    for parent, _, names in os.walk(os.path.join(CORE, "module_utils")):
        for name in names:
            if name.endswith((".py", ".ps1")) and "__pycache__" not in parent:
                path = os.path.join(parent, name)
                files["ansible/" + os.path.relpath(path, CORE)] = read(path)
    release = read(os.path.join(CORE, "release.py"))
    files["ansible/__init__.py"] = next(
        line for line in release.splitlines() if line.startswith(b"__version__")
    )
    return files


class NoAnsible(GateTest):
    def test_a_core_is_told_what_it_knows_and_no_more(self):
        source = "from ansible.module_utils import basic\nprint(basic._ANSIBLE_ARGS)"
        gate = self.open({"it": ("new", source)}, KNOWS)
        said = gate.call("it")["stdout"]
        added = json.loads(said[2:-2])["ANSIBLE_MODULE_ARGS"]
        wanted = {"_ansible_keep_remote_files": False, "_ansible_version": "9.9"}
        self.assertEqual(added, wanted)

    def test_a_core_that_cannot_run_here_is_named_in_one_line(self):
        gate = self.open({"it": ("new", HEAD)}, REFUSES)
        for fresh in (False, True):
            data = gate.call("it", fresh=fresh)
            self.assertEqual((data["rc"], data["stdout"]), (1, ""))
            python = "%d.%d.%d" % sys.version_info[:3]
            words = "ansible-core 9.9 cannot run on Python %s: ModuleNotFoundError: "
            self.assertTrue(data["stderr"].startswith(words % python), data)
            self.assertEqual(data["stderr"].count("\n"), 1)

    def test_a_module_without_ansible_core_gets_its_arguments_too(self):
        source = "import sys; print(sys.stdin.read())"
        data = self.open({"it": ("new", source)}).call("it", {"a": 1})
        self.assertEqual(data["stdout"], '{"ANSIBLE_MODULE_ARGS":{"a":1}}\n')


@unittest.skipUnless(os.path.isdir(CORE), "[skipped: no ansible-core]")
class Ansible(GateTest):
    def open_all(self):
        return self.open(MODULES, core_files())

    def test_a_client_of_version_1_gets_what_a_module_printed(self):
        gate = self.open(MODULES, core_files(), version=1)
        for name, said in (("gives.py", {"data": "é"}), ("fails.py", {"msg": "no"})):
            gate.send("Module", {"module_name": name, "module_args": {"data": "é"}})
            kind, data = gate.receive()
            self.assertEqual((kind, data["stderr"]), ("ModuleResult", ""))
            printed = json.loads(data["stdout"])
            self.assertEqual({key: printed[key] for key in said}, said)
        inline = {"module_name": "it.py", "module": base64_of(GIVE)}
        gate.send("Module", dict(inline, module_args={"data": "x"}))
        kind, data = gate.receive()
        self.assertEqual((kind, json.loads(data["stdout"])["data"]), ("ModuleResult", "x"))

    def test_a_program_that_a_module_starts_finds_no_arguments_on_stdin(self):
        gate = self.open_all()
        for fresh in (False, True):
            said = gate.printed("starts", {"raw": "a secret"}, fresh=fresh)
            self.assertEqual(said["data"], "")

    def test_a_module_gets_its_arguments_and_returns_its_result(self):
        gate = self.open_all()
        for data in ("x", "é€😀", "", "x" * 100000):
            said = gate.printed("gives", {"data": data})
            self.assertEqual((said["data"], said["check"]), (data, False))
            self.assertEqual(said["invocation"]["module_args"]["data"], data)
        said = gate.printed("gives", {"data": "fresh"}, fresh=True)
        self.assertEqual(said["data"], "fresh")

    def test_a_module_that_fails_reports_it(self):
        gate = self.open_all()
        for args in ({}, {"wrong": 1}):
            data = gate.call("fails", args)
            self.assertEqual(data["rc"], 1)
            self.assertIs(json.loads(data["stdout"])["failed"], True)
        first = gate.start_call("fails")
        self.assertEqual(gate.call("gives", after=first)["state"], "cancelled")

    def test_check_mode_reaches_modules_that_support_it(self):
        gate = self.open_all()
        self.assertIs(gate.printed("gives", {}, check=True)["check"], True)
        self.assertIs(gate.printed("checks_not", {}, check=True)["skipped"], True)

    def test_relative_imports_start_in_the_folder_of_the_module(self):
        said = self.open_all().printed("relative")
        self.assertEqual(said["data"], "x")
        self.assertEqual(
            (said["name"], said["package"]), ("__main__", "ansible.modules")
        )

    def test_a_module_of_the_gate_may_respawn(self):
        said = self.open_all().printed("respawns", {"data": "x"})
        self.assertEqual(said["data"], "x")

    def test_a_module_of_a_pack_may_respawn_with_the_utils_of_both(self):
        util = "ansible_collections.a.b.plugins.module_utils.mine"
        use = "from %s import name\nassert name == 'mine'\n" % util
        files = {util.replace(".", "/") + ".py": "name = 'mine'"}
        data = archive({"it": ("new", RESPAWNS % use)}, files, is_pack=True)
        gate = self.open_all()
        gate.pack(data)
        said = gate.printed("it", {"data": "x"}, pack=sha256(data))
        self.assertEqual(said["data"], "x")
        self.assertEqual(
            [n for n in os.listdir(self.host_folder("calls")) if "shared" not in n], []
        )

    @unittest.skipUnless(hasattr(os, "memfd_create"), "[skipped: no memory files]")
    def test_modules_in_memory_may_respawn_from_a_zip_in_memory(self):
        data = archive({"it": ("new", RESPAWNS % "")}, is_pack=True)
        gate = self.open_in_memory(MODULES, core_files())
        gate.pack(data)
        for name, where in (("respawns", {}), ("it", {"pack": sha256(data)})):
            said = gate.printed(name, {"data": "x"}, **where)
            self.assertEqual(said["data"], "x")
        self.assertFalse(os.path.exists(self.home + "/.ftl"))

    def test_a_modules_temporary_folder_is_below_that_of_its_gate(self):
        gate = self.open_all()
        for fresh in (False, True):
            path = gate.printed("tmpdir", fresh=fresh)["data"]
            self.assertIn("-%d-shared/" % gate.about["pid"], path)

    def test_nothing_is_left_of_a_modules_temporary_folder(self):
        gate = self.open_all()
        path = gate.printed("tmpdir")["data"]
        self.assertFalse(os.path.exists(path))
        self.assertEqual(gate.shutdown(), 0)
        self.assertEqual(os.listdir(self.host_folder("calls")), [])
