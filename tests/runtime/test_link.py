# The link: chunks, invalid input, its end in every state, readers that stop.
import os
import signal
import subprocess
import sys
import time

from ftl_gate import code_cache, output
from gate_process import (
    GateTest,
    archive,
    fixture,
    frame,
    is_alive,
    memory,
    wait_until,
)

MODULES = {
    "ok": ("old", "print('{}')"),
    "echo": ("json", "import sys; print(open(sys.argv[1]).read())"),
    "sleeps": ("old", fixture("nasty/sleeps.py")),
    "forks_children": ("old", fixture("nasty/forks_children.py")),
    "slow": ("old", "import time; time.sleep(0.5); print('{}')"),
    "leaves": (
        "json",
        "import json, sys, time\na = json.load(open(sys.argv[1]))\n"
        "time.sleep(0.5); open(a['file'], 'w').write('done')",
    ),
    "flood": (
        "old",
        "import os\nfor _ in range(48): os.write(1, b'x' * (1 << 20))",
    ),
    "endless": ("old", "import os\nwhile True: os.write(1, b'x' * 65536)"),
}
# Runs between the gate and the test, which kills it as if it were a controller.
CONTROLLER = """
import subprocess, sys
gate = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
print(gate.pid, flush=True)
while True:
    data = sys.stdin.buffer.raw.read(65536)
    gate.stdin.write(data)
    gate.stdin.flush()
"""


def cpu_time(pid):
    """Seconds of CPU that a process has used."""
    with open("/proc/%d/stat" % pid, "rb") as file:
        fields = file.read().rpartition(b")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Link(GateTest):
    def stop_at(self, version, data):
        """The messages and the exit status of a gate whose input ends after `data`."""
        gate = self.open(MODULES, version=version)
        gate.write(data)
        gate.process.stdin.close()
        return [message[0] for message in gate.rest()], gate.wait()

    def test_messages_are_read_byte_by_byte(self):
        gate = self.open(MODULES)
        text = "é€😀\0" * 3
        data = b"00000000" + frame(["Call", {"module": "echo", "args": {"a": text}}, 1])
        for at in range(len(data)):
            gate.write(data[at : at + 1])
        self.assertEqual(gate.result(1)["rc"], 0)

    def test_many_messages_are_read_from_one_chunk(self):
        gate = self.open(MODULES)
        gate.write(b"".join(frame(["Ping", {}, at + 1]) for at in range(3000)))
        for at in range(3000):
            self.assertEqual(gate.receive(), ["Pong", {}, at + 1])

    def test_an_invalid_length_ends_the_gate_with_an_error(self):
        for version in (1, 2):
            for data in (b"GET / HTTP/1.1\r\n", b"0000000G", b"ffffffff", b"04000001"):
                with self.subTest(data, version=version):
                    gate = self.open(MODULES, version=version)
                    gate.write(data)
                    self.assertEqual(gate.receive()[0], "GateSystemError")
                    self.assertIsNone(gate.receive())
                    self.assertEqual(gate.wait(), 1)

    def test_garbage_ends_the_calls_in_flight_too(self):
        gate = self.open(MODULES)
        ident = gate.start_call("sleeps")
        gate.write(b"garbage!")
        messages = gate.rest()
        self.assertEqual([m[0] for m in messages], ["GateSystemError", "Result"])
        self.assertEqual(messages[1][1]["state"], "cancelled")
        self.assertEqual((messages[1][2], gate.wait()), (ident, 1))

    def test_the_end_of_input_inside_a_frame_is_a_lost_link(self):
        for data in (b"0", b"0000000c", b'0000000c["Hello",{'):
            for version in (1, 2):
                with self.subTest(data, version=version):
                    self.assertEqual(self.stop_at(version, data), ([], 1))

    def test_the_end_of_input_between_frames_is_normal_only_in_version_1(self):
        self.assertEqual(self.stop_at(1, b"00000000"), (["Goodbye"], 0))
        self.assertEqual(self.stop_at(2, b""), ([], 1))

    def test_the_end_of_input_ends_calls_in_flight(self):
        data = frame(["Call", {"module": "sleeps", "args": {}}, 1])
        self.assertEqual(self.stop_at(2, data), (["Result"], 1))

    def test_a_waiting_gate_uses_no_cpu(self):
        gates = []
        for version in (1, 2):
            gate = self.open(MODULES, version=version)
            if version == 1:
                gate.send("Module", {"module_name": "sleeps"})
            else:
                gate.start_call("sleeps")
            wait_until(gate.children, "the call runs")
            gate.write(b"0000")
            gates.append(gate)
        # In version 1 the gate waits for the call after the end of input.
        gates[0].process.stdin.close()
        before = [cpu_time(gate.pid) for gate in gates]
        time.sleep(1)
        for gate, used in zip(gates, before):
            self.assertLess(cpu_time(gate.pid) - used, 0.1)

    def test_a_closed_output_ends_the_gate_and_its_calls(self):
        for version in (1, 2):
            with self.subTest(version=version):
                gate = self.open(MODULES, version=version)
                if version == 1:
                    gate.send("Module", {"module_name": "forks_children"})
                else:
                    gate.start_call("forks_children")
                wait_until(lambda gate=gate: len(gate.children()) == 3, "3 children")
                pids = gate.children()
                gate.process.stdout.close()
                self.assertEqual(gate.wait(), 1)
                self.assertEqual([pid for pid in pids if is_alive(pid)], [])

    def test_no_process_is_left_when_the_controller_is_killed(self):
        path = os.path.join(self.home, "gate.pyz")
        with open(path, "wb") as file:
            file.write(archive(MODULES))
        controller = self.start(
            [sys.executable, "-c", CONTROLLER, sys.executable, path]
        )
        gate = int(controller.read_line())
        controller.send("Hello", {"ftl": 2, "nonce": "n"}, 0)
        for ident in range(1, 4):
            data = {"module": "forks_children", "args": {}}
            controller.send("Call", data, ident)
        wait_until(lambda: len(controller.children()) == 10, "a gate and 9 processes")
        pids = controller.children()
        self.assertIn(gate, pids)
        controller.process.send_signal(signal.SIGKILL)
        wait_until(lambda: not any(map(is_alive, pids)), "all have ended")

    def test_a_gate_opened_with_finish_waits_for_its_calls(self):
        path = os.path.join(self.home, "done")
        gate = self.bootstrapped("finish")
        gate.start_call("leaves", {"file": path})
        gate.start_call("leaves", {"file": path + "2"}, after=1)
        wait_until(gate.children, "the call runs")
        gate.process.stdin.close()
        gate.process.stdout.close()
        self.assertEqual(gate.wait(), 1)
        self.assertTrue(os.path.exists(path))
        self.assertFalse(os.path.exists(path + "2"))

    def bootstrapped(self, loss):
        """A gate that handles a lost link as the option `loss` says."""
        source = (
            "from ftl_gate import gate, trees\n"
            "tree = trees.Tree(sys.argv[1])\n"
            "gate.serve('', tree, b'', finish=sys.argv[2] == 'finish')"
        )
        gate = self.open_changed(MODULES, source, loss)
        gate.hello()
        return gate

    def test_signals_end_a_gate_even_if_it_was_opened_with_finish(self):
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            gate = self.bootstrapped("finish")
            ident = gate.start_call("sleeps")
            wait_until(gate.children, "the call runs")
            gate.process.send_signal(number)
            self.assertEqual(gate.result(ident)["state"], "cancelled")
            self.assertEqual(gate.wait(), 1)

    def test_streams_wait_for_a_reader_that_stops_reading(self):
        gate = self.open(MODULES)
        endless = gate.start_call("endless", stream=True)
        for _ in range(4):
            gate.start_call("flood")
        time.sleep(1)
        before = cpu_time(gate.pid)
        time.sleep(0.5)
        self.assertLess(cpu_time(gate.pid) - before, 0.4)
        self.assertLess(memory(gate.pid), 400)
        gate.send("Cancel", {}, endless)
        self.assertEqual(gate.result(endless)["state"], "cancelled")
        for ident in range(2, 6):
            cut = gate.result(ident)["cut"]["stdout"]
            self.assertEqual(cut, (48 << 20) - output.MAX_STDOUT)

    def test_a_call_that_ends_does_not_wait_for_a_large_result_of_another(self):
        gate = self.open(MODULES)
        gate.start_call("flood")
        wait_until(lambda: not gate.children(), "the flood has ended")
        ident = gate.start_call("ok")
        self.assertEqual(gate.result(ident)["rc"], 0)
        self.assertNotIn(1, gate.answers)

    def test_a_long_session_needs_no_more_memory(self):
        gate = self.open(MODULES)

        def run(count):
            for ident in [gate.start_call("ok") for _ in range(count)]:
                gate.result(ident)
            with open("/proc/%d/statm" % gate.pid) as file:
                return int(file.read().split()[1]) * 4

        run(100)
        # Saving the compiled code takes memory once, when there is time.
        code = self.host_folder("gates", gate.about["gate"]) + code_cache.FILE
        wait_until(lambda: os.path.exists(code), "the compiled code is saved")
        before = run(50)
        self.assertLess(run(200) - before, 400)

    def test_a_gate_serves_one_socket_for_input_and_output(self):
        path = os.path.join(self.home, "gate.pyz")
        with open(path, "wb") as file:
            file.write(archive(MODULES))
        import socket

        ours, theirs = socket.socketpair()
        gate = subprocess.Popen(
            [sys.executable, path], stdin=theirs, stdout=theirs, env=self.environment()
        )
        theirs.close()
        ours.settimeout(60)
        self.addCleanup(gate.kill)
        ours.sendall(frame(["Hello", {}]) + frame(["Module", {"module_name": "slow"}]))
        ours.shutdown(socket.SHUT_WR)
        data = b""
        while b"Goodbye" not in data:
            piece = ours.recv(65536)
            self.assertNotEqual(piece, b"", data)
            data += piece
        self.assertIn(b"ModuleResult", data)
        self.assertEqual(gate.wait(60), 0)
        ours.close()


class Silence(GateTest):
    """The gate's limit on silence is one second instead of sixty."""

    def open_impatient(self, silence=1):
        source = (
            "from ftl_gate import gate, trees\n"
            "gate.SILENCE = int(sys.argv[2])\n"
            "gate.serve('', trees.Tree(sys.argv[1]), b'')"
        )
        return self.open_changed(MODULES, source, str(silence))

    def test_silence_means_a_lost_link_in_version_2(self):
        gate = self.open_impatient()
        gate.hello()
        ident = gate.start_call("sleeps")
        wait_until(gate.children, "the call runs")
        pids = gate.children()
        self.assertEqual(gate.wait(), 1)
        self.assertEqual([pid for pid in pids if is_alive(pid)], [])
        self.assertEqual(ident, 1)
        self.assertEqual(gate.stderr(), "The gate heard nothing for 1 s\n")

    def test_a_ping_breaks_the_silence(self):
        gate = self.open_impatient(2)
        gate.hello()
        ident = gate.start_call("sleeps", timeout_ms=3000)
        for _ in range(12):
            time.sleep(0.2)
            self.assertEqual(gate.request("Ping")[0], "Pong")
        self.assertEqual(gate.result(ident)["state"], "timed_out")

    def test_silence_is_allowed_in_version_1(self):
        gate = self.open_impatient()
        gate.send("Hello", {})
        self.assertEqual(gate.receive()[0], "Hello")
        time.sleep(1.5)
        gate.send("Hello", {})
        self.assertEqual(gate.receive()[0], "Hello")

    def test_a_closing_gate_does_not_wait_forever_for_its_reader(self):
        gate = self.open_impatient()
        gate.hello()
        gate.start_call("flood")
        time.sleep(0.5)
        gate.send("Shutdown", {}, 9)
        gate.wait()
