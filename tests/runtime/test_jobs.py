# Jobs: calls that run in the background, outlive their gate, and leave a result on
# the host in Ansible's format.
import json
import os
import signal
import stat
import subprocess
import sys
import time
import unittest

from gate_process import (
    GateTest,
    RUNTIME,
    archive,
    is_alive,
    read,
    sha256,
    to_bytes,
    wait_until,
)

NATIVE = "async def main(x): return {'x': x, 'changed': True}\n"
WAITS = (
    "import os, time\ndef main(flag, **_):\n"
    "    while not os.path.exists(flag): time.sleep(0.02)\n"
    "    return {'waited': True, 'argv': open('/proc/self/cmdline').read()}\n"
)
SLEEPS = (
    "import os, time\ndef main(path, **_):\n"
    "    if not os.fork(): time.sleep(300)\n"
    "    open(path + '.new', 'w').write(str(os.getpid()))\n"
    "    os.rename(path + '.new', path)\n    time.sleep(300)\n"
)
BINARY = "#!/bin/sh\nprintf '{\"kind\": \"program\", \"args\": %d}' $(wc -c < $1)\n"
MODULES = {
    "native": ("native", NATIVE),
    "waits": ("native", WAITS),
    "sleeps": ("native", SLEEPS),
    "raises": ("native", "def main(): raise OSError('no such thing')"),
    "old": ("old", "import json, sys; print(json.dumps({'text': open(sys.argv[1]).read()}))"),
    "json": ("json", "# WANT_JSON\nimport sys; print(open(sys.argv[1]).read())"),
    "script": ("script", BINARY, "modules/script.sh"),
    "prints": ("old", "print('no object')"),
    "fails": ("old", "import sys; print('{\"a\": 1}'); sys.stderr.write('why'); sys.exit(3)"),
    "dies": ("old", "import os; os.kill(os.getpid(), 9)"),
    "fresh": ("native", "# ftl: fresh\ndef main(): return {'fresh': True}"),
}


def job_pack():
    files = {
        "ftl_gate/" + name: read(RUNTIME + "/jobs/" + name)
        for name in ("job.py", "job_files.py")
    }
    module = ("native", read(RUNTIME + "/jobs/report.py"))
    return archive({"ftl_jobs": module}, files, is_pack=True)


PACK = job_pack()


class Jobs(GateTest):
    def setUp(self):
        super().setUp()
        self.folder = self.home + "/.ansible_async"
        self.gate = self.ready()

    def ready(self, **env):
        gate = self.open(MODULES, **env)
        self.assertEqual(gate.pack(PACK)[0], "Stored")
        return gate

    def launch(self, module, args=None, gate=None, **job):
        """Starts a job and returns its name."""
        answer = self.reply_to(module, args, gate, **job)
        self.assertEqual(answer.get("started"), 1, answer)
        return answer["ansible_job_id"]

    def reply_to(self, module, args=None, gate=None, **job):
        wanted = dict(
            {"pack": sha256(PACK), "id": "j42", "module": module, "seconds": 60},
            folder="~/.ansible_async",
        )
        data = (gate or self.gate).call(module, args, job=dict(wanted, **job))
        self.assertEqual((data["rc"], data["stderr"]), (0, ""))
        return json.loads(data["stdout"])

    def ask(self, mode, jid="", gate=None, **args):
        args = dict(args, mode=mode, jid=jid)
        gate = gate or self.gate
        return gate.call("ftl_jobs", args, pack=sha256(PACK))["value"]

    def result(self, name):
        """What the file of a job holds, once it has a result."""
        self.assertEqual(self.ask("wait", name, seconds=60)["finished"], 1)
        return json.loads(read(self.folder + "/" + name).decode())

    def supervisor(self, name):
        return int(name.partition(".")[2])

    def note(self, name):
        return json.loads(read(self.folder + "/.ftl/" + name).decode())

    def test_a_job_of_each_kind_leaves_the_result_of_its_module(self):
        self.assertEqual(
            self.result(self.launch("native", {"x": 1})), {"x": 1, "changed": True}
        )
        text = self.result(self.launch("old", {"a": "b"}))["text"]
        self.assertTrue(text.startswith("a=b "), text)
        self.assertEqual(self.result(self.launch("json", {"a": 1}))["a"], 1)
        value = self.result(self.launch("script", {"a": 1}))
        self.assertEqual(value["kind"], "program")
        self.assertGreater(value["args"], 4)

    def test_a_failure_is_told_as_for_a_call_that_is_waited_for(self):
        value = self.result(self.launch("raises"))
        self.assertEqual((value["failed"], value["msg"]), (True, "OSError: no such thing"))
        value = self.result(self.launch("prints"))
        self.assertEqual(value["data"], "no object\n")
        self.assertIn("printed no JSON object", value["msg"])
        value = self.result(self.launch("fails"))
        self.assertEqual((value["a"], value["failed"], value["stderr"]), (1, True, "why"))
        value = self.result(self.launch("dies"))
        self.assertEqual(value["msg"], "The module was killed by signal 9")

    def test_a_module_that_wants_an_interpreter_of_its_own_gets_it(self):
        self.assertEqual(self.result(self.launch("fresh")), {"fresh": True})

    def test_a_running_job_has_the_file_that_ansible_writes(self):
        name = self.launch("waits", {"flag": self.home + "/flag"})
        path = self.folder + "/" + name
        about = {"started": 1, "finished": 0, "ansible_job_id": name}
        self.assertEqual(json.loads(read(path).decode()), about)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(os.stat(self.folder).st_mode), 0o700)
        answer = self.ask("status", name)
        self.assertEqual((answer["finished"], answer["results_file"]), (0, path))
        open(self.home + "/flag", "w").close()
        self.assertTrue(self.result(name)["waited"])

    def test_a_job_outlives_a_gate_that_is_killed_with_its_group(self):
        flag = self.home + "/flag"
        name = self.launch("waits", {"flag": flag})
        os.killpg(self.gate.pid, signal.SIGKILL)
        self.gate.wait()
        self.assertTrue(is_alive(self.supervisor(name)))
        open(flag, "w").close()
        other = self.ready()
        self.assertEqual(self.ask("wait", "j42", other, seconds=60)["waited"], True)

    def test_a_job_outlives_the_end_of_its_gate_and_its_scratch_folder_too(self):
        flag = self.home + "/flag"
        name = self.launch("waits", {"flag": flag})
        self.gate.shutdown()
        self.gate = self.ready()  # it cleans what gates that are gone have left
        open(flag, "w").close()
        self.assertTrue(self.result(name)["waited"])
        wait_until(lambda: not is_alive(self.supervisor(name)), "the job's process ends")

    def test_listings_name_the_job_and_never_its_arguments(self):
        name = self.launch("waits", {"flag": self.home + "/flag", "word": "hunter2"})
        for pid in (self.supervisor(name), self.note(name)["child"]):
            line = read("/proc/%d/cmdline" % pid).rstrip(b"\0").decode()
            self.assertEqual(line, "ftl job %s: waits" % name)
            self.assertEqual(read("/proc/%d/comm" % pid), b"ftl-job\n")
            wait_until(lambda pid=pid: os.getsid(pid) == pid, "it leads a session")
            self.assertNotIn(b"hunter2", read("/proc/%d/environ" % pid))
        targets = []
        for fd in os.listdir("/proc/%d/fd" % self.supervisor(name)):
            try:
                targets.append(
                    os.readlink("/proc/%d/fd/%s" % (self.supervisor(name), fd))
                )
            except FileNotFoundError:
                pass  # closed meanwhile
        ours = {os.readlink("/proc/%d/fd/%d" % (self.gate.pid, fd)) for fd in (3, 4)}
        self.assertFalse(ours & {t for t in targets if t.startswith("pipe:")})
        open(self.home + "/flag", "w").close()
        self.result(name)

    def test_the_time_limit_ends_all_processes_of_a_job(self):
        path = self.home + "/pid"
        name = self.launch("sleeps", {"path": path}, seconds=1)
        value = self.result(name)
        self.assertIs(value["failed"], True)
        self.assertEqual(value["msg"], "Timeout exceeded: the job was ended after 1 s")
        self.assertFalse(is_alive(int(read(path))))
        self.assertEqual(self.members(int(read(path))), [])

    def members(self, session):
        found = []
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                if os.getsid(int(name)) == session and is_alive(int(name)):
                    found.append(int(name))
            except OSError:
                pass
        return found

    def test_a_cancel_ends_all_processes_and_is_recorded(self):
        path = self.home + "/pid"
        name = self.launch("sleeps", {"path": path})
        wait_until(lambda: os.path.exists(path), "the job runs")
        self.assertEqual(self.ask("cancel", name)["changed"], True)
        self.assertEqual(self.members(int(read(path))), [])
        answer = self.ask("status", name)
        self.assertEqual((answer["failed"], answer["msg"]), (True, "The job was cancelled"))
        self.assertEqual(self.ask("cancel", name)["msg"], "The job was cancelled")

    def test_a_job_whose_process_was_killed_has_died(self):
        path = self.home + "/pid"
        name = self.launch("sleeps", {"path": path})
        wait_until(lambda: os.path.exists(path), "the job runs")
        os.kill(self.supervisor(name), signal.SIGKILL)
        wait_until(lambda: not is_alive(self.supervisor(name)), "it is killed")
        answer = self.ask("status", name)
        self.assertEqual((answer["died"], answer["failed"]), (True, True))
        self.assertIn(int(read(path)), answer["left"])
        self.assertEqual(self.ask("list")["jobs"][0]["state"], "died")
        self.assertEqual(self.ask("cancel", name)["changed"], True)
        self.assertEqual(self.members(int(read(path))), [])
        self.assertEqual(self.ask("status", name)["msg"], "The job was cancelled")

    def test_a_process_with_the_number_of_another_is_not_taken_for_it(self):
        name = self.launch("native", {"x": 1})
        self.result(name)
        # As after a restart of the host: the same numbers are other processes.
        running = {"started": 1, "finished": 0, "ansible_job_id": name}
        self.write(self.folder + "/" + name, running)
        about = dict(self.note(name), pid=os.getpid(), child=os.getpid())
        self.write(self.folder + "/.ftl/" + name, about)
        answer = self.ask("status", name)
        self.assertEqual((answer["died"], answer["finished"]), (True, 1))
        self.assertNotIn("left", answer)
        self.ask("cancel", name)  # must not end this test

    @unittest.skipUnless(os.geteuid() == 0, "needs root")
    def test_a_process_of_another_user_is_never_that_of_a_job(self):
        os.mkdir(self.folder, 0o700)
        name = "j77.4000001"
        with open(self.folder + "/" + name, "w") as file:
            file.write(json.dumps({"started": 1, "finished": 0}))
        os.utime(self.folder + "/" + name, (0, 0))
        argv = ["async_wrapper", "-c", "read x", "j77"]
        python = "import os; os.setgid(65534); os.setuid(65534); "
        python += "os.execv('/bin/sh', %r)" % argv
        command = [sys.executable, "-c", python]
        with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
            try:
                forged = "/proc/%d/cmdline" % process.pid
                wait_until(
                    lambda: read(forged).startswith(b"async_wrapper"), "the name"
                )
                self.assertTrue(self.ask("status", name)["died"])
                self.ask("cancel", name)
                self.assertIsNone(process.poll())
            finally:
                process.kill()

    def test_a_restart_of_the_host_ends_a_job_whatever_runs_with_its_numbers(self):
        flag = self.home + "/flag"
        name = self.launch("waits", {"flag": flag})
        self.write(self.folder + "/.ftl/" + name, dict(self.note(name), boot="b"))
        self.assertTrue(self.ask("status", name)["died"])
        self.assertTrue(is_alive(self.supervisor(name)))
        open(flag, "w").close()
        self.assertTrue(self.result_of_late(name)["waited"])

    def result_of_late(self, name):
        path = self.folder + "/" + name
        wait_until(lambda: b"waited" in read(path), "the result is written")
        return json.loads(read(path).decode())

    def write(self, path, value):
        with open(path, "wb") as file:
            file.write(to_bytes(json.dumps(value)))

    def test_a_job_of_another_host_that_shares_the_folder_is_not_called_dead(self):
        name = self.launch("native", {"x": 1})
        self.result(name)
        running = {"started": 1, "finished": 0, "ansible_job_id": name}
        self.write(self.folder + "/" + name, running)
        self.write(self.folder + "/.ftl/" + name, dict(self.note(name), host="other", boot="b"))
        answer = self.ask("status", name)
        self.assertEqual(answer["finished"], 0)
        self.assertIn("It runs on other", answer["msg"])
        self.assertIn("cancel it there", self.ask("cancel", name)["msg"])

    def test_of_the_jobs_of_hosts_that_share_the_folder_the_own_one_is_meant(self):
        own, others = (self.launch("native", {"x": x}) for x in (1, 2))
        self.result(others)
        about = dict(self.note(others), host="other", boot="b")
        self.write(self.folder + "/.ftl/" + others, about)
        answer = self.ask("wait", "j42", seconds=60)
        self.assertEqual((answer["ansible_job_id"], answer["x"]), (own, 1))

    def test_a_job_that_must_be_the_hosts_own_is_not_one_of_another_host(self):
        name = self.launch("native", {"x": 1})
        self.result(name)
        self.assertEqual(self.ask("status", "j42", own=True)["ansible_job_id"], name)
        about = dict(self.note(name), host="other", boot="b")
        self.write(self.folder + "/.ftl/" + name, about)
        self.assertEqual(self.ask("status", "j42")["ansible_job_id"], name)
        answer = self.ask("status", "j42", own=True)
        self.assertEqual((answer["msg"], answer["skipped"]), ("could not find job", True))

    def test_texts_that_are_hidden_are_not_in_the_file(self):
        args = {"x": ["a hunter2 b", {"hunter2": 1}]}
        name = self.launch("native", args, hidden=["hunter2"])
        self.assertEqual(self.result(name)["x"], ["a ******** b", {"********": 1}])
        name = self.launch("native", {"x": "hunter2"}, no_log=True, id="j43")
        self.assertEqual(
            self.result(name), {"changed": True, "censored": "Hidden by no_log"}
        )

    def test_a_folder_that_others_could_change_is_refused(self):
        shared = self.home + "/shared"
        os.mkdir(shared)
        os.chmod(shared, 0o777)
        planted = self.home + "/planted"
        os.symlink(shared, planted)
        deeper = [above + "/below/deeper" for above in (shared, planted)]
        for folder in [shared, planted, shared + "/below", "relative"] + deeper:
            answer = self.reply_to("native", {"x": 1}, folder=folder)
            self.assertTrue(answer["failed"], folder)
            self.assertIn("Cannot start the job: ", answer["msg"])
        self.assertEqual(os.listdir(shared), [])

    def test_a_folder_of_the_user_that_ansible_made_is_closed_to_others(self):
        os.mkdir(self.folder, 0o755)
        self.result(self.launch("native", {"x": 1}))
        self.assertEqual(stat.S_IMODE(os.stat(self.folder).st_mode), 0o700)

    def test_an_unknown_job_and_an_ambiguous_name_are_told(self):
        self.assertEqual(self.ask("list")["jobs"], [])
        self.assertFalse(os.path.exists(self.folder))
        answer = self.ask("status", "j1.1")
        self.assertEqual((answer["msg"], answer["skipped"]), ("could not find job", True))
        self.assertTrue(self.ask("status", "j1.1", known=True)["failed"])
        names = sorted(self.launch("native", {"x": 1}) for _ in range(2))
        self.assertIn(", ".join(names), self.ask("status", "j42")["msg"])

    def test_cleanup_removes_a_job_that_has_ended(self):
        flag = self.home + "/flag"
        name = self.launch("waits", {"flag": flag})
        self.assertIn("still runs", self.ask("cleanup", name)["msg"])
        open(flag, "w").close()
        self.result(name)
        erased = self.folder + "/" + name
        self.assertEqual(self.ask("cleanup", name)["erased"], erased)
        self.assertEqual(os.listdir(self.folder), [".ftl"])
        self.assertEqual(os.listdir(self.folder + "/.ftl"), [])

    def test_what_ansible_cleaned_up_leaves_nothing_of_ours(self):
        name = self.launch("native", {"x": 1})
        self.result(name)
        wait_until(lambda: not is_alive(self.supervisor(name)), "the job ends")
        os.unlink(self.folder + "/" + name)
        self.assertEqual(self.ask("list")["jobs"], [])
        self.assertEqual(os.listdir(self.folder + "/.ftl"), [])

    def test_a_list_tells_what_is_known_of_each_job(self):
        before = time.time()
        name = self.launch("native", {"x": 1})
        self.result(name)
        wait_until(lambda: "ended" in self.note(name), "the end is noted")
        (job,) = self.ask("list")["jobs"]
        self.assertEqual((job["job"], job["state"]), (name, "finished"))
        self.assertEqual((job["module"], job["seconds"]), ("native", 60))
        self.assertTrue(before <= job["started"] <= job["ended"] <= time.time())

    def test_a_gate_without_a_folder_starts_jobs_too(self):
        nowhere = {"HOME": self.home, "XDG_CACHE_HOME": self.nowhere}
        blocked = self.home + "/.ftl"
        os.rename(blocked, blocked + ".old")
        with open(blocked, "w"):
            pass
        gate = self.ready(**nowhere)
        name = self.launch("native", {"x": 5}, gate)
        self.assertEqual(self.ask("wait", name, gate, seconds=60)["x"], 5)

    def test_a_missing_pack_is_asked_for(self):
        gate = self.open(MODULES, HOME=self.home + "/other")
        wanted = {"pack": "0" * 64, "id": "j1", "module": "m", "seconds": 1}
        ident = gate.start_call("native", {"x": 1}, job=dict(wanted, folder="~/x"))
        kind, data = gate.answer(ident)
        self.assertEqual((kind, data["kind"]), ("Error", "no_pack"))
