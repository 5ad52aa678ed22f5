// reboot: reboots a host and waits until it is back, with another boot id and a test
// command that succeeds. The host needs no Python. Follows Ansible's action plugin
// reboot.
import { pause } from "../../async/deadline.ts";
import { messageOf } from "../../errors.ts";
import type { JsonObject } from "../../protocol/message.ts";
import { LONGEST_DURATION_MS } from "../input/duration.ts";
import { quoteWord } from "../shell/shell_words.ts";
import type { HostContext, OpenHost } from "../work/host_context.ts";
import type { Plan } from "../work/task.ts";
import { refuseOthers, textsOf } from "./action_options.ts";
import {
  concludeAction,
  endWith,
  fail,
  faultOfStep,
  runShellStep,
} from "./action_result.ts";
import { commandsFor, findSystem } from "./reboot_commands.ts";
import { tryOnce } from "./try_once.ts";

const OPTIONS = [
  "boot_time_command",
  "connect_timeout",
  "msg",
  "post_reboot_delay",
  "pre_reboot_delay",
  "reboot_command",
  "reboot_timeout",
  "search_paths",
  "test_command",
];
// Before 2.7 these names had the suffix `_sec`, which still works.
const DELAYS = [
  "connect_timeout",
  "post_reboot_delay",
  "pre_reboot_delay",
  "reboot_timeout",
];
const SEARCH_PATHS = [
  "/sbin",
  "/bin",
  "/usr/sbin",
  "/usr/bin",
  "/usr/local/sbin",
];
/** In seconds. */
const REBOOT_TIMEOUT = 600;
const CONNECT_TIMEOUT = 10;
/** The longest wait between two tries, in ms. */
const MAX_SLEEP_MS = 12_000;

/** Plans a call of reboot. */
export const planReboot: Plan = () =>
  Promise.resolve({
    secrets: [],
    warnings: [],
    run: (context) => concludeAction(context, () => reboot(context)),
  });

async function reboot(context: HostContext): Promise<JsonObject> {
  const { args, call } = context;
  refuseOthers(context, [...OPTIONS, ...DELAYS.map((name) => `${name}_sec`)]);
  if (await context.isLocal()) {
    return {
      failed: true,
      changed: false,
      elapsed: 0,
      rebooted: false,
      msg:
        "Running reboot with local connection would reboot the control node.",
    };
  }
  if (call.check) return { changed: true, elapsed: 0, rebooted: true };
  const seconds = secondsOf(args);
  const commands = await context.use(async (host) => {
    const system = await findSystem(host);
    return commandsFor(system, { args, preDelay: seconds.preDelay });
  });
  const before = await context.use((host) => bootTime(host, commands.bootTime))
    .catch((error) => {
      const fault = faultOfStep(error);
      if (fault === undefined) throw error;
      return fail(fault, { reboot: false });
    });
  const program = await context.use((host) =>
    findProgram(host, commands.program, textsOf(args.search_paths))
  );
  await start(context, {
    command: `${program} ${commands.words}`.trim(),
    limitMs: seconds.reboot * 1000,
  });
  const began = performance.now();
  const elapsed = () => Math.floor((performance.now() - began) / 1000);
  await pause(seconds.postDelay * 1000, context.signal);
  const waiting = {
    connectMs: seconds.connect * 1000,
    timeout: seconds.reboot,
    elapsed,
  };
  await waitFor(context, "last boot time check", waiting, async (host) => {
    const now = await bootTime(host, commands.bootTime);
    return now === "" || now === before ? "boot time has not changed" : "";
  });
  await waitFor(context, "post-reboot test command", waiting, async (host) => {
    const { rc, stdout, stderr } = await runShellStep(host, commands.test);
    return rc === 0 ? "" : `Test command failed: ${stderr} ${stdout}`;
  });
  return { changed: true, rebooted: true, elapsed: elapsed() };
}

/** The times of the call, in seconds. */
function secondsOf(args: JsonObject) {
  const read = (name: string, otherwise: number) => {
    const value = args[name] ?? args[`${name}_sec`] ?? otherwise;
    const seconds = Math.trunc(Number(value));
    if (Math.abs(seconds) * 1000 <= LONGEST_DURATION_MS) {
      return Math.max(0, seconds);
    }
    return fail(`${name} is not a number of seconds: ${value}`);
  };
  return {
    preDelay: read("pre_reboot_delay", 0),
    postDelay: read("post_reboot_delay", 0),
    reboot: read("reboot_timeout", REBOOT_TIMEOUT),
    connect: read("connect_timeout", CONNECT_TIMEOUT),
  };
}

/** What changes with every boot. */
async function bootTime(host: OpenHost, command: string): Promise<string> {
  const { rc, stdout, stderr } = await runShellStep(host, command);
  if (rc === 0) return stdout.trim();
  return fail(
    `reboot: failed to get host boot time info, rc: ${rc}, stdout: ${stdout}, stderr: ${stderr}`,
    { reboot: false },
  );
}

/** The path of the program that reboots. */
async function findProgram(
  host: OpenHost,
  program: string,
  paths: readonly string[] = SEARCH_PATHS,
): Promise<string> {
  if (program.startsWith("/")) return program;
  const candidates = paths.map((path) => quoteWord(`${path}/${program}`));
  const { stdout } = await runShellStep(
    host,
    `for p in ${candidates.join(" ")}; do ` +
      `if test -e "$p"; then printf %s "$p"; break; fi; done`,
  );
  if (stdout !== "") return quoteWord(stdout);
  const listed = paths.map((path) => `'${path}'`).join(", ");
  return fail(
    `Unable to find command "${program}" in search paths: [${listed}]`,
  );
}

/** Runs the command; the end of the connection is what it is for. */
async function start(
  context: HostContext,
  { command, limitMs }: { command: string; limitMs: number },
): Promise<void> {
  const attempt = await tryOnce(
    context,
    limitMs,
    (host) => runShellStep(host, command),
  );
  if ("fault" in attempt) return;
  const { rc, stdout, stderr } = attempt.value;
  if (rc === 0) return;
  fail(
    `Reboot command failed. Error was: '${stdout.trim()}, ${stderr.trim()}'`,
    { rebooted: false, elapsed: 0 },
  );
}

/** Tries until `check` has nothing to complain of, or the time is over. */
async function waitFor(
  context: HostContext,
  what: string,
  { connectMs, timeout, elapsed }: {
    connectMs: number;
    timeout: number;
    elapsed: () => number;
  },
  check: (host: OpenHost) => Promise<string>,
): Promise<void> {
  const end = performance.now() + timeout * 1000;
  for (let sleepMs = 1000;; sleepMs = Math.min(sleepMs * 2, MAX_SLEEP_MS)) {
    // An open connection may lead to a host that is shutting down.
    await context.release();
    const attempt = await tryOnce(
      context,
      connectMs,
      (host) => check(host).catch(messageOf),
    );
    if ("value" in attempt && attempt.value === "") return;
    if (performance.now() + sleepMs >= end) break;
    await pause(sleepMs, context.signal);
  }
  endWith({
    failed: true,
    changed: false,
    rebooted: true,
    msg: `Timed out waiting for ${what} (timeout=${timeout})`,
    elapsed: elapsed(),
  });
}
