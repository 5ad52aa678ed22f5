# Version 1, message by message: what the client of the Python original sends, and
# the replies that it needs.
import json

from gate_process import GateTest, base64_of, frame

MODULES = {
    "echo": ("json", "import sys; print(open(sys.argv[1]).read())"),
    "ping": ("old", 'print("{}")'),
    "greet": ("native", "async def main(name='you'):\n  return {'hi': name}\n"),
    "slow": ("old", "import time; time.sleep(0.3); print('slow')"),
    "raises": ("native", "def main():\n  raise KeyError('gone')\n"),
    "chatty": ("native", "def main(progress):\n  progress(1); print('x'); return 2\n"),
}


class Version1(GateTest):
    def setUp(self):
        super().setUp()
        self.gate = self.open(MODULES, version=1)

    def ask(self, *message):
        self.gate.send(*message)
        return self.gate.receive()

    def module(self, name, args=None, **data):
        return self.ask("Module", dict(data, module_name=name, module_args=args))

    def test_hello_is_echoed_whatever_it_holds(self):
        for data in ({}, {"a": [1]}, None, "x", {"ftl": 2}, {"ftl": 1, "nonce": "n"}):
            with self.subTest(repr(data)):
                self.assertEqual(self.ask("Hello", data), ["Hello", data])

    def test_only_a_complete_hello_starts_version_2(self):
        for data, ident in (({"ftl": 2}, 0), ({"ftl": 2, "nonce": "n"}, 7)):
            self.assertEqual(self.ask("Hello", data, ident), ["Hello", data])
        self.assertIn("gate", self.gate.hello())

    def test_a_module_gets_its_arguments_with_and_without_extension(self):
        for name in ("echo", "echo.py"):
            kind, data = self.module(name, {"a": "é"})
            self.assertEqual(kind, "ModuleResult")
            self.assertEqual(json.loads(data["stdout"]), {"a": "é"})
            self.assertEqual(data["stderr"], "")

    def test_arguments_may_be_null_or_absent(self):
        for data in ({}, {"module_args": None}):
            reply = self.ask("Module", dict(data, module_name="echo.py"))
            self.assertEqual(reply[1]["stdout"], "{}\n")

    def test_a_missing_module_is_not_found(self):
        for name in ("nope", "nope.py", ""):
            reply = self.module(name)
            text = "Module %s not found in gate bundle." % name
            self.assertEqual(reply, ["ModuleNotFound", {"message": text}])

    def test_a_call_may_carry_its_module(self):
        sources = {
            "hi.sh": ("#!/bin/sh\necho hi $(wc -c < $1)\n", "hi 0\n"),
            "args.py": ("import sys; print(len(sys.argv))", "2\n"),
            "native.py": ("def main(*, a=1):\n  return a\n", "1"),
            "new_style.py": (
                "AnsibleModule = print\nAnsibleModule(__name__)",
                "__main__\n",
            ),
            "echo.py": ("#!/usr/bin/env python3\nprint('mine')", "mine\n"),
        }
        for name, (source, stdout) in sources.items():
            with self.subTest(name):
                reply = self.module(name, module=base64_of(source))
                self.assertEqual(
                    reply, ["ModuleResult", {"stdout": stdout, "stderr": ""}]
                )

    def test_a_module_of_a_refused_kind_is_an_error(self):
        kind, data = self.module("x.ps1", module=base64_of("#!powershell\n"))
        self.assertEqual(kind, "GateSystemError")
        self.assertIn("Module x.ps1 is a PowerShell module", data["message"])

    def test_an_ftl_module_returns_its_value(self):
        data = {"module_name": "n", "module": base64_of("def main(a): return [a]")}
        reply = self.ask("FTLModule", dict(data, module_args={"a": 1}))
        self.assertEqual(reply, ["FTLModuleResult", {"result": [1]}])
        reply = self.ask("FTLModule", {"module_name": "greet.py"})
        self.assertEqual(reply, ["FTLModuleResult", {"result": {"hi": "you"}}])

    def test_an_ftl_module_is_always_native(self):
        source = "# WANT_JSON\ndef main(): return 1\n"
        data = {"module_name": "n", "module": base64_of(source)}
        self.assertEqual(self.ask("FTLModule", data)[1], {"result": 1})

    def test_an_exception_is_answered_with_its_traceback_and_the_gate_continues(self):
        kind, data = self.module("raises.py")
        self.assertEqual(kind, "GateSystemError")
        self.assertIn("KeyError: 'gone'", data["message"])
        self.assertEqual(self.module("ping.py")[0], "ModuleResult")

    def test_an_ftl_module_that_ends_without_a_value_is_an_error(self):
        source = "import os\ndef main(): os._exit(0)\n"
        data = {"module_name": "n", "module": base64_of(source)}
        self.assertEqual(self.ask("FTLModule", data)[0], "GateSystemError")

    def test_the_output_and_value_of_a_native_module_are_its_stdout(self):
        reply = self.module("chatty")
        self.assertEqual(reply, ["ModuleResult", {"stdout": "x\n2", "stderr": ""}])

    def test_an_unknown_type_is_answered_with_an_error(self):
        reply = self.ask("Nope", {})
        self.assertEqual(reply, ["Error", {"message": "Unknown message type Nope"}])

    def test_data_that_is_not_an_object_is_answered_with_an_error(self):
        for data in (None, [], "x"):
            reply = self.ask("Module", data)
            self.assertEqual(reply, ["Error", {"message": "Invalid Module data"}])

    def test_members_of_the_wrong_type_are_answered_with_an_error(self):
        wrong = [
            {},
            {"module_name": None},
            {"module_name": ["echo"]},
            {"module_name": "echo", "module_args": [1]},
            {"module_name": "x", "module": 1},
            {"module_name": "x", "module": "é"},
        ]
        for data in wrong:
            with self.subTest(repr(data)):
                self.assertEqual(self.ask("Module", data)[0], "GateSystemError")
        self.assertEqual(self.module("ping")[0], "ModuleResult")

    def test_an_invalid_body_is_answered_with_an_error(self):
        for body in (b"{}", b"[]", b"[1,2]", b"x", b"\xff", b'["Hello"]', b"[NaN]"):
            with self.subTest(body):
                self.gate.write(frame(body))
                self.assertEqual(self.gate.receive()[0], "GateSystemError")
        self.assertEqual(self.ask("Hello", {}), ["Hello", {}])

    def test_messages_are_served_one_after_the_other(self):
        self.gate.send("Module", {"module_name": "slow.py"})
        self.gate.send("Hello", {"n": 1})
        self.gate.send("Module", {"module_name": "ping.py"})
        kinds = [self.gate.receive() for _ in range(3)]
        self.assertEqual(kinds[0][1]["stdout"], "slow\n")
        self.assertEqual(kinds[1], ["Hello", {"n": 1}])
        self.assertEqual(kinds[2][1]["stdout"], "{}\n")

    def test_shutdown_is_answered_and_ends_the_gate(self):
        self.assertEqual(self.ask("Shutdown", {}), ["Goodbye", {}])
        self.assertEqual(self.gate.rest(), [])
        self.assertEqual(self.gate.wait(), 0)

    def test_the_end_of_input_ends_the_gate_after_pending_requests(self):
        self.gate.send("Module", {"module_name": "slow.py"})
        self.gate.process.stdin.close()
        kinds = [kind for kind, _ in self.gate.rest()]
        self.assertEqual(kinds, ["ModuleResult", "Goodbye"])
        self.assertEqual(self.gate.wait(), 0)
