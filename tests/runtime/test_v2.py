# Version 2: requests, refusals, and calls that wait for others.
import json
import os
import sys
import time

from ftl_gate.gate import MAX_RUNNING
from gate_process import GateTest, archive, frame, sha256

MODULES = {
    "ok": ("old", 'print("{}")'),
    "echo": ("json", "import sys; print(open(sys.argv[1]).read())"),
    "no": ("old", "print('{\"failed\": true}')"),
    "exits": ("old", "raise SystemExit(3)"),
    "odd": ("old", 'print(\'{1 of 3}\\n{"failed": true, "b": [\\n{}]}\\nbye\')'),
    "value": ("native", "def main(failed): return {'failed': failed}"),
    "waits": ("old", "import sys; sys.stdin.read(); import time; time.sleep(100)"),
    "note": (
        "json",
        "import json, sys, time\na = json.load(open(sys.argv[1]))\n"
        "time.sleep(a.get('sleep', 0))\nopen(a['file'], 'a').write(a['text'])\n",
    ),
    "big": ("native", "def main(size): return 'x' * size"),
}


class Version2(GateTest):
    def setUp(self):
        super().setUp()
        self.gate = self.open(MODULES)

    def test_hello_describes_the_gate(self):
        about = self.gate.about
        python = ".".join(map(str, sys.version_info[:3]))
        self.assertEqual(about["gate"], sha256(archive(MODULES)))
        self.assertEqual(about["python"], python)
        self.assertEqual(about["executable"], sys.executable)
        self.assertEqual(about["pid"], self.gate.pid)
        self.assertEqual(about["uid"], os.geteuid())
        self.assertEqual(about["folder"], os.path.join(self.home, ".ftl"))
        self.assertEqual((about["ftl"], about["nonce"], about["packs"]), (2, "n0", []))

    def test_a_second_hello_is_refused(self):
        self.gate.send("Hello", {"ftl": 2, "nonce": "n1"}, 0)
        self.assertEqual(self.gate.answer(0)[1]["kind"], "bad_message")

    def test_info_counts_calls_and_names_modules(self):
        first = self.gate.start_call("waits")
        self.gate.start_call("ok", after=first)
        info = self.gate.request("Info")[1]
        self.assertEqual((info["calls"], info["running"], info["waiting"]), (1, 1, 1))
        self.assertEqual(info["modules"], sorted(MODULES))
        members = set(info) - {"calls", "running", "waiting", "modules"}
        self.assertEqual(members, set(self.gate.about) - {"ftl", "nonce"})

    def test_ping_is_answered_while_calls_run(self):
        self.gate.start_call("waits")
        self.assertEqual(self.gate.request("Ping"), ("Pong", {}))

    def test_an_invalid_body_is_refused_with_its_id_and_the_gate_continues(self):
        bodies = [
            (b"{}", 0),
            (b"nonsense", 0),
            (b'["Ping",{}]', 0),
            (b'["Ping",{},-1]', 0),
            (b'["Ping",{},true]', 0),
            (b'["Ping",{},"x"]', 0),
            (b'["Ping",[],5]', 5),
            (b"[7,{},5]", 5),
            (b'["Nope",{},5]', 5),
            (b'["Ping",{},5,6]', 0),
            (b"[" * 300 + b"]" * 300, 0),
        ]
        for body, ident in bodies:
            with self.subTest(body[:40]):
                self.gate.write(frame(body))
                kind, data = self.gate.answer(ident)
                self.assertEqual((kind, data["kind"]), ("Error", "bad_message"))
        self.assertEqual(self.gate.call("ok")["rc"], 0)

    def test_a_call_with_wrong_members_is_refused(self):
        wrong = [
            {"module": None},
            {"module": ["ok"]},
            {"args": None},
            {"args": [1]},
            {"timeout_ms": "1"},
            {"timeout_ms": True},
            {"timeout_ms": 10**400},
            {"env": []},
            {"env": {"A": 1}},
            {"env": {"A=B": "c"}},
            {"env": {"": "c"}},
            {"env": {"A": "\0"}},
            {"after": "1"},
            {"after": [1]},
            {"pack": ["x"]},
            {"stream": 1},
            {"check": "yes"},
            {"fresh": 0},
        ]
        for members in wrong:
            with self.subTest(repr(members)):
                data = dict({"module": "ok", "args": {}}, **members)
                kind, reply = self.gate.request("Call", data)
                self.assertEqual((kind, reply.get("kind")), ("Error", "bad_message"))
        self.assertEqual(self.gate.call("ok")["rc"], 0)

    def test_a_missing_module_or_pack_is_an_error(self):
        kind, data = self.gate.answer(self.gate.start_call("nope"))
        self.assertEqual((kind, data["kind"]), ("Error", "no_module"))
        for pack in ("0" * 64, "../../gates/" + self.gate.about["gate"], ""):
            kind, data = self.gate.answer(self.gate.start_call("ok", pack=pack))
            self.assertEqual((kind, data["kind"]), ("Error", "no_pack"))

    def test_an_id_in_use_is_refused_and_its_call_continues(self):
        first = self.gate.start_call("waits")
        self.gate.send("Call", {"module": "ok", "args": {}}, first)
        self.assertEqual(self.gate.answer(first)[1]["kind"], "bad_message")
        self.gate.send("Cancel", {}, first)
        self.assertEqual(self.gate.result(first)["state"], "cancelled")

    def test_a_deadline_may_be_years_away(self):
        self.assertEqual(self.gate.call("ok", timeout_ms=10**15)["state"], "ended")

    def test_calls_start_in_the_order_in_which_they_arrive(self):
        path = os.path.join(self.home, "notes")
        calls = [
            self.gate.start_call("note", {"file": path, "text": "."}) for _ in range(40)
        ]
        for ident in calls:
            self.assertEqual(self.gate.result(ident)["rc"], 0)
        with open(path) as file:
            self.assertEqual(file.read(), "." * 40)

    def test_a_limited_number_of_calls_run_at_once(self):
        calls = [self.gate.start_call("waits") for _ in range(MAX_RUNNING + 2)]
        info = self.gate.request("Info")[1]
        self.assertEqual((info["running"], info["waiting"]), (MAX_RUNNING, 2))
        for ident in calls[:2]:
            self.gate.send("Cancel", {}, ident)
            self.gate.result(ident)
        info = self.gate.request("Info")[1]
        self.assertEqual((info["running"], info["waiting"]), (MAX_RUNNING, 0))

    def test_a_call_follows_one_that_succeeds_in_order(self):
        path = os.path.join(self.home, "notes")
        first = self.gate.start_call("note", {"file": path, "text": "1", "sleep": 0.2})
        second = self.gate.start_call("note", {"file": path, "text": "2"}, after=first)
        third = self.gate.start_call("note", {"file": path, "text": "3"}, after=second)
        for ident in (third, second, first):
            self.assertEqual(self.gate.result(ident)["state"], "ended")
        with open(path) as file:
            self.assertEqual(file.read(), "123")

    def test_a_call_may_follow_one_that_has_been_answered(self):
        self.gate.call("ok")
        self.assertEqual(self.gate.call("ok", after=1)["state"], "ended")
        self.gate.call("no")
        self.assertEqual(self.gate.call("ok", after=3)["state"], "cancelled")

    def test_no_call_follows_one_that_fails(self):
        failures = [
            ("no", {}),
            ("exits", {}),
            ("odd", {}),
            ("value", {"failed": True}),
            ("big", {"wrong": 1}),
        ]
        for module, args in failures:
            with self.subTest(module):
                first = self.gate.start_call(module, args)
                second = self.gate.start_call("ok", after=first)
                third = self.gate.start_call("ok", after=second)
                self.gate.result(first)
                for ident, before in ((second, first), (third, second)):
                    data = self.gate.result(ident)
                    reason = "It waited for call %d, which did not succeed" % before
                    self.assertEqual(data["state"], "cancelled")
                    self.assertEqual(data["reason"], reason)
                    self.assertIsNone(data["rc"])
        self.assertEqual(self.gate.call("value", {"failed": False})["rc"], 0)
        self.assertEqual(self.gate.call("ok", after=self.gate.last_id)["rc"], 0)

    def test_no_call_follows_an_unknown_one(self):
        for after in (999, 0, self.gate.last_id + 1):
            self.assertEqual(self.gate.call("ok", after=after)["state"], "cancelled")

    def test_the_outcome_of_the_last_thousand_calls_is_kept(self):
        self.gate.call("ok")
        for _ in range(999):  # each is answered at once, and remembered
            self.gate.start_call("ok", check=True)
        self.assertEqual(self.gate.result(1000)["state"], "skipped")
        self.assertEqual(self.gate.call("ok", after=1)["state"], "ended")
        self.assertEqual(self.gate.call("ok", after=1)["state"], "cancelled")

    def test_a_chain_of_a_thousand_calls_is_cancelled_at_once(self):
        first = self.gate.start_call("waits")
        calls = [self.gate.start_call("ok", after=first + at) for at in range(1000)]
        self.gate.send("Cancel", {}, first)
        states = {self.gate.result(ident)["state"] for ident in calls}
        self.assertEqual(states, {"cancelled"})

    def test_a_call_is_cancelled_while_it_waits_for_room(self):
        calls = [self.gate.start_call("waits") for _ in range(MAX_RUNNING + 1)]
        self.gate.send("Cancel", {}, calls[-1])
        data = self.gate.result(calls[-1])
        self.assertEqual((data["state"], data["rc"]), ("cancelled", None))

    def test_a_call_is_cancelled_while_it_waits_for_another(self):
        first = self.gate.start_call("waits")
        second = self.gate.start_call("ok", after=first)
        third = self.gate.start_call("ok", after=second)
        self.gate.send("Cancel", {}, second)
        self.assertEqual(self.gate.result(second)["reason"], "It was cancelled")
        self.assertEqual(self.gate.result(third)["state"], "cancelled")
        info = self.gate.request("Info")[1]
        self.assertEqual((info["running"], info["waiting"]), (1, 0))

    def test_a_cancel_of_an_unknown_call_is_ignored(self):
        self.gate.call("ok")
        for ident in (1, 999, 0):
            self.gate.send("Cancel", {}, ident)
        self.assertEqual(self.gate.request("Ping")[0], "Pong")

    def test_shutdown_cancels_calls_in_flight_and_then_sends_goodbye(self):
        calls = [self.gate.start_call("waits") for _ in range(MAX_RUNNING + 1)]
        calls.append(self.gate.start_call("ok", after=calls[0]))
        calls.append(self.gate.start_call("ok", after=calls[MAX_RUNNING]))
        calls.append(self.gate.start_call("ok", after=calls[-1]))
        self.gate.send("Shutdown", {}, 99)
        messages = self.gate.rest()
        self.assertEqual(messages.pop(), ["Goodbye", {}, 99])
        states = {ident: data["state"] for _, data, ident in messages}
        self.assertEqual(states, dict.fromkeys(calls, "cancelled"))
        self.assertEqual(len(messages), len(calls))
        self.assertEqual(self.gate.wait(), 0)

    def test_goodbye_does_not_pass_a_series(self):
        self.gate.start_call("big", {"size": 5 << 20})
        second = self.gate.start_call("big", {"size": 3 << 20})
        # Both calls have ended, and neither result can have been written.
        while self.gate.request("Info")[1]["running"]:
            time.sleep(0.01)
        self.gate.send("Shutdown", {}, 99)
        messages = [self.gate.answers.pop(i, None) for i in (1, second)]
        kinds = [message[0] for message in messages if message]
        kinds += [message[0] for message in self.gate.rest()]
        self.assertEqual(kinds, ["Result", "Result", "Goodbye"])

    def test_requests_may_come_in_parts(self):
        body = json.dumps(["Call", {"module": "echo", "args": {"a": "é" * 99}}, 7])
        for at in range(0, len(body), 10):
            part, last = body[at : at + 10], at + 10 >= len(body)
            self.gate.send("Data", {"part": part, "last": last}, 7)
            if at == 20:
                self.gate.send("Ping", {}, 8)
        self.assertEqual(self.gate.answer(8)[0], "Pong")
        self.assertEqual(json.loads(self.gate.result(7)["stdout"])["a"], "é" * 99)

    def test_a_broken_series_is_dropped_and_the_gate_continues(self):
        self.gate.send("Data", {"part": '["Ping"', "last": False}, 7)
        self.gate.send("Data", {"part": ",{},8]", "last": True}, 8)
        self.assertEqual(self.gate.answer(8)[1]["kind"], "bad_message")
        self.gate.send("Data", {"part": ",{},7]", "last": True}, 7)
        self.assertEqual(self.gate.answer(7)[1]["kind"], "bad_message")
        self.assertEqual(self.gate.request("Ping")[0], "Pong")

    def test_check_mode_skips_kinds_that_do_not_support_it(self):
        data = self.gate.call("ok", check=True)
        self.assertEqual((data["state"], data["rc"]), ("skipped", None))
        self.assertIn("kind old", data["reason"])
