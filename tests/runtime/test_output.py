# The output and the end of a call: floods, split characters, output that a child
# keeps open, exit statuses and exceptions.
import os
import signal

from ftl_gate.output import MAX_STDERR, MAX_STDOUT, MOST_STDOUT
from gate_process import GateTest, fixture, memory, wait_until

PIECES = """
import os, sys, time
for piece in (b"caf\\xc3", b"\\xa9 ", b"\\xff", b"\\xe2\\x82", b"\\xac\\xf0\\x9f"):
    os.write(1, piece)
    time.sleep(0.05)
"""
KEEPS_OPEN = """
import os, time
parent = os.getpid()
if os.fork() == 0:
    %s
    while os.getppid() == parent:
        time.sleep(0.001)
    os.write(1, b"soon ")
    time.sleep(60)
os.write(1, b"now ")
os._exit(0)
"""
LEAVES_OPEN = """
import atexit, tempfile
atexit.register(print, "atexit", flush=True)
file = open(%r, "w")
file.write("written")
temporary = tempfile.NamedTemporaryFile(dir=%r)
class Loop:
    def __init__(self): self.me = self
    def __del__(self): print("del", end=" ")
loop = Loop()
"""
RAISES = """
import helper_that_is_not_there
"""


def old(source):
    return "old", source


class Output(GateTest):
    def run_source(self, source, **options):
        return self.open({"it": old(source)}).call("it", **options)

    def test_a_flood_is_cut_and_counted_and_the_gate_stays_small(self):
        gate = self.open({"floods": old(fixture("nasty/floods.py"))})
        data = gate.call("floods")
        self.assertEqual(data["rc"], 0)
        self.assertEqual(data["stdout"], ("x" * 1023 + "\n") * (MAX_STDOUT >> 10))
        whole = 1000 * 1000 * 1000 // 1024 * 1024
        self.assertEqual(data["cut"], {"stdout": whole - MAX_STDOUT, "stderr": 0})
        self.assertLess(memory(gate.pid), 200)

    def test_stderr_is_kept_apart_and_cut_at_its_limit(self):
        data = self.run_source(
            "import os; os.write(1, b'out')\n"
            "for _ in range(3): os.write(2, b'e' * (1 << 20))"
        )
        self.assertEqual((data["stdout"], data["stderr"]), ("out", "e" * MAX_STDERR))
        self.assertEqual(data["cut"], {"stdout": 0, "stderr": (3 << 20) - MAX_STDERR})

    def test_a_call_has_its_own_limit_for_its_output(self):
        source = "import os\nfor _ in range(4): os.write(1, b'x' * (1 << 20))"
        data = self.run_source(source, max_output=3 << 20)
        self.assertEqual(len(data["stdout"]), 3 << 20)
        self.assertEqual(data["cut"]["stdout"], 1 << 20)
        source = "import os\nfor _ in range(50): os.write(1, b'x' * (1 << 20))"
        data = self.run_source(source, max_output=1 << 40)
        self.assertEqual(len(data["stdout"]), MOST_STDOUT)

    def test_a_result_fits_even_if_escapes_lengthen_it(self):
        data = self.run_source(
            "import os\nfor _ in range(16): os.write(1, bytes(1 << 20))"
        )
        kept = len(data["stdout"])
        self.assertEqual(data["stdout"], "\0" * kept)
        self.assertEqual(kept + data["cut"]["stdout"], 16 << 20)
        self.assertGreater(kept, 9 << 20)

    def test_bytes_that_are_not_utf8_are_told_apart(self):
        gate = self.open({"it": old(fixture("nasty/invalid_utf8.py"))})
        self.assertEqual(
            gate.call("it")["stdout"], '\udcff\udcfe noise\n{"name": "caf\udce9"}\n'
        )

    def test_streamed_text_never_splits_a_character(self):
        gate = self.open({"it": old(PIECES)})
        data = gate.call("it", stream=True)
        texts = [data["text"] for _, data, _ in gate.events]
        self.assertEqual("".join(texts), "caf\u00e9 \udcff\u20ac\udcf0\udc9f")
        self.assertEqual("".join(texts), data["stdout"])
        self.assertGreater(len(texts), 2)

    def test_streams_arrive_while_the_call_runs_with_their_names(self):
        gate = self.open(
            {"it": old("import os; os.write(2, b'e'); os.write(1, b'o'); input()")}
        )
        ident = gate.start_call("it", stream=True)
        self.assertEqual(gate.result(ident)["rc"], 1)
        texts = {}
        for _, data, about in gate.events:
            self.assertEqual(about, ident)
            texts[data["stream"]] = texts.get(data["stream"], "") + data["text"]
        self.assertEqual(texts["stdout"], "o")
        self.assertIn("EOFError", texts["stderr"])

    def test_a_stream_longer_than_a_message_arrives_before_its_result(self):
        source = "import os\nfor _ in range(40): os.write(1, b'x' * (1 << 20))"
        gate = self.open({"it": old(source)})
        data = gate.call("it", stream=True)
        self.assertEqual(sum(len(d["text"]) for _, d, _ in gate.events), 40 << 20)
        self.assertEqual(len(data["stdout"]), MAX_STDOUT)

    def test_output_that_stays_open_is_closed_soon_after_the_process_ended(self):
        for apart in ("pass", "os.setsid()"):
            with self.subTest(apart):
                gate = self.open({"it": old(KEEPS_OPEN % apart)})
                data = gate.call("it")
                self.assertEqual((data["rc"], data["stdout"]), (0, "now soon "))

    def test_a_module_that_closes_its_output_may_run_on(self):
        gate = self.open({"it": old(fixture("nasty/closes_stdout.py"))})
        data = gate.call("it")
        self.assertEqual((data["rc"], data["stdout"]), (0, ""))
        self.assertGreater(data["duration_ms"], 199)

    def test_closed_output_is_not_a_failure(self):
        for source in (
            "import sys; print('x'); sys.stdout.close()",
            "import sys; print('x', flush=True); sys.stdout = None",
            "import sys; print('x', flush=True); del sys.stdout, sys.stderr",
        ):
            with self.subTest(source):
                data = self.run_source(source)
                self.assertEqual((data["rc"], data["stdout"]), (0, "x\n"))

    def test_unwritten_output_ends_with_status_120_as_in_python(self):
        data = self.run_source("import os; print('x'); os.close(1)")
        self.assertEqual(data["rc"], 120)

    def test_exit_statuses_equal_those_of_python(self):
        for code, rc, said in (
            ("None", 0, ""),
            ("0", 0, ""),
            ("3", 3, ""),
            ("True", 1, ""),
            ("256", 0, ""),
            ("-1", 255, ""),
            ("'why'", 1, "why\n"),
            ("(1, 2)", 1, "(1, 2)\n"),
        ):
            with self.subTest(code):
                data = self.run_source("import sys; sys.exit(%s)" % code)
                self.assertEqual((data["rc"], data["stderr"]), (rc, said))

    def test_a_module_that_exits_hard_does_not_flush(self):
        gate = self.open({"it": old(fixture("nasty/exits_hard.py"))})
        data = gate.call("it")
        self.assertEqual((data["rc"], data["stdout"]), (3, ""))

    def test_a_module_that_a_signal_ends_has_no_status(self):
        gate = self.open({"it": old(fixture("nasty/kills_itself.py"))})
        data = gate.call("it")
        self.assertEqual((data["state"], data["rc"]), ("ended", None))
        self.assertEqual(data["signal"], signal.SIGKILL)

    def test_an_exception_is_printed_without_our_frames(self):
        sources = {
            "raise RuntimeError('gave up')": "RuntimeError: gave up",
            "x = ]": "SyntaxError: ",
            "import not_there": "No module named 'not_there'",
            "import os; os.kill(os.getpid(), 2); input()": "KeyboardInterrupt",
            "def f():\n  f()\nf()": "RecursionError: ",
        }
        for source, wanted in sources.items():
            with self.subTest(source):
                data = self.run_source(source)
                self.assertEqual(data["rc"], 1)
                self.assertIn(wanted, data["stderr"])
                files = [
                    line for line in data["stderr"].splitlines() if "File " in line
                ]
                self.assertTrue(all("/modules/it.py" in line for line in files), files)

    def test_atexit_handlers_run_and_open_files_are_flushed_and_closed(self):
        path = os.path.join(self.home, "written")
        data = self.run_source(LEAVES_OPEN % (path, self.home))
        self.assertEqual((data["rc"], data["stderr"]), (0, ""))
        self.assertEqual(data["stdout"], "atexit\ndel ")
        with open(path) as file:
            self.assertEqual(file.read(), "written")
        self.assertEqual([n for n in os.listdir(self.home) if n.startswith("tmp")], [])

    def test_threads_are_joined_as_in_python(self):
        data = self.run_source(
            "import threading, time\n"
            "def late(): time.sleep(0.1); print('late')\n"
            "threading.Thread(target=late).start()\n"
            "threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
        )
        self.assertEqual((data["rc"], data["stdout"]), (0, "late\n"))

    def test_a_daemon_survives_the_normal_end_of_its_call(self):
        gate = self.open({"it": old(fixture("nasty/leaves_daemon.py"))})
        pid = gate.printed("it")["daemon"]
        self.addCleanup(os.kill, pid, 9)
        self.assertEqual(gate.shutdown(), 0)
        os.kill(pid, 0)

    def test_many_calls_leave_no_descriptors_folders_or_processes(self):
        gate = self.open({"it": old("print('{}')"), "sh": ("script", "#!/bin/sh\n")})

        def left():
            fds = os.listdir("/proc/%d/fd" % gate.pid)
            return len(fds), len(os.listdir(self.host_folder("calls")))

        gate.call("it")
        before = left()
        calls = [gate.start_call(("it", "sh")[at % 2]) for at in range(60)]
        for ident in calls:
            self.assertEqual(gate.result(ident)["rc"], 0)
        # The first call may still have had some of its own.
        wait_until(
            lambda: all(now <= then for now, then in zip(left(), before)),
            "no descriptors and folders are left",
        )
        with open("/proc/%d/task/%d/children" % (gate.pid, gate.pid)) as file:
            self.assertEqual(file.read(), "")
