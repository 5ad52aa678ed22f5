# Ending calls: deadlines, cancels, and processes that do not end.
import os

from ftl_gate.gate import MAX_RUNNING
from gate_process import GateTest, fixture, is_alive, wait_until

MODULES = {
    name: ("old", fixture("nasty/%s.py" % name))
    for name in ("sleeps", "ignores_term", "forks_children", "leaves_daemon")
}
MODULES["ok"] = ("old", "print('{}')")
MODULES["tidies"] = (
    "old",
    "import signal, sys, time\n"
    "signal.signal(15, lambda *_: sys.exit('tidy'))\n"
    "print('ready', flush=True)\ntime.sleep(60)\n",
)
MODULES["hides"] = (
    "old",
    "import os, time\n"
    "if os.fork(): os._exit(0) if os.fork() else time.sleep(60)\n"
    "os.setpgid(0, 0); time.sleep(60)",
)


class Ending(GateTest):
    def setUp(self):
        super().setUp()
        self.gate = self.open(MODULES)

    def wait_for_children(self, count):
        wait_until(lambda: len(self.gate.children()) == count, "%d children" % count)
        return self.gate.children()

    def test_a_deadline_ends_a_call_and_gives_the_reason(self):
        data = self.gate.call("sleeps", timeout_ms=100)
        self.assertEqual((data["state"], data["signal"]), ("timed_out", 15))
        self.assertEqual(data["reason"], "It was ended after 0.1 s")
        self.assertIsNone(data["rc"])

    def test_a_deadline_counts_from_the_start_of_the_call(self):
        calls = [self.gate.start_call("sleeps", timeout_ms=300) for _ in range(MAX_RUNNING)]
        last = self.gate.start_call("ok", timeout_ms=200)
        for ident in calls:
            self.assertEqual(self.gate.result(ident)["state"], "timed_out")
        self.assertEqual(self.gate.result(last)["state"], "ended")

    def test_a_cancelled_call_may_clean_up(self):
        ident = self.gate.start_call("tidies", stream=True)
        while not self.gate.events:
            self.gate.request("Ping")
        self.gate.send("Cancel", {}, ident)
        data = self.gate.result(ident)
        self.assertEqual((data["state"], data["rc"]), ("cancelled", 1))
        self.assertEqual((data["stdout"], data["stderr"]), ("ready\n", "tidy\n"))

    def test_a_call_that_ignores_term_is_killed(self):
        ident = self.gate.start_call("ignores_term", timeout_ms=300)
        data = self.gate.result(ident)
        self.assertEqual((data["state"], data["signal"]), ("timed_out", 9))
        self.assertEqual(self.gate.children(), [])

    def test_a_cancel_right_after_its_call_ends_only_that_call(self):
        for _ in range(40):
            ident = self.gate.start_call("sleeps")
            self.gate.send("Cancel", {}, ident)
            self.assertEqual(self.gate.result(ident)["state"], "cancelled")
        self.assertEqual(self.gate.call("ok")["rc"], 0)

    def test_children_in_other_process_groups_end_with_their_call(self):
        ident = self.gate.start_call("forks_children")
        pids = self.wait_for_children(3)
        self.gate.send("Cancel", {}, ident)
        self.assertEqual(self.gate.result(ident)["state"], "cancelled")
        self.assertEqual([pid for pid in pids if is_alive(pid)], [])

    def test_a_process_that_outlives_its_call_is_not_ended_by_a_later_one(self):
        pid = self.gate.printed("leaves_daemon")["daemon"]
        self.addCleanup(os.kill, pid, 9)
        self.gate.call("sleeps", timeout_ms=50)
        self.assertTrue(is_alive(pid))

    def test_a_cancel_of_an_ended_call_is_ignored(self):
        ident = self.gate.start_call("ok")
        self.assertEqual(self.gate.result(ident)["state"], "ended")
        self.gate.send("Cancel", {}, ident)
        self.assertEqual(self.gate.request("Ping")[0], "Pong")

    def test_other_calls_continue_while_one_is_being_killed(self):
        first = self.gate.start_call("ignores_term", stream=True)
        while not self.gate.events:  # until TERM is ignored
            self.gate.request("Ping")
        self.gate.send("Cancel", {}, first)
        self.assertEqual(self.gate.call("ok")["rc"], 0)
        self.assertNotIn(first, self.gate.answers)
