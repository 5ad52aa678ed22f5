// pause: waits once for all hosts of a call. Contacts no host, and never waits for a
// key. Follows Ansible's action plugin pause where stdin is not a terminal.
import { pause } from "../../async/deadline.ts";
import { isNumber } from "../../json/exact_number.ts";
import type { Json, JsonObject } from "../../protocol/message.ts";
import { LONGEST_DURATION_MS } from "../input/duration.ts";
import type { HostContext } from "../work/host_context.ts";
import type { Plan } from "../work/task.ts";
import { refuseOthers } from "./action_options.ts";
import { concludeAction, fail, isYes } from "./action_result.ts";

const NO_KEY =
  "pause does not wait for a key: give it seconds or minutes to wait";

/** Plans a call of pause. */
export const planPause: Plan = ({ args = {} }) => {
  let waiting: Promise<JsonObject> | undefined;
  const isTimed = ["seconds", "minutes"]
    .some((name) => (args[name] ?? null) !== null);
  return Promise.resolve({
    secrets: [],
    warnings: isTimed ? [] : [NO_KEY],
    run: (context) =>
      concludeAction(context, () => waiting ??= waitOnce(context)),
  });
};

async function waitOnce(context: HostContext): Promise<JsonObject> {
  refuseOthers(context, ["echo", "minutes", "prompt", "seconds"]);
  const { echo, minutes, seconds } = context.args;
  if ((minutes ?? null) !== null && (seconds ?? null) !== null) {
    fail("parameters are mutually exclusive: minutes|seconds");
  }
  const unit = (seconds ?? null) === null ? "minutes" : "seconds";
  const given = unit === "minutes" ? minutes : seconds;
  const began = Date.now();
  if ((given ?? null) !== null) {
    const wait = wholeOf(given!, unit) * (unit === "minutes" ? 60 : 1);
    await pause(Math.max(1, wait) * 1000, context.signal);
  }
  const ended = Date.now();
  const took = (ended - began) / 1000;
  const shown = (unit === "minutes" ? took / 60 : took).toFixed(2);
  return {
    changed: false,
    rc: 0,
    stderr: "",
    stdout: `Paused for ${Number(shown)} ${unit}`,
    start: pythonTime(began),
    stop: pythonTime(ended),
    delta: Math.floor(took),
    echo: isYes(echo, true),
    user_input: "",
  };
}

/** A whole number, as Python's `int()` makes it of an argument. */
function wholeOf(value: Json, name: string): number {
  const number = isNumber(value)
    ? Math.trunc(Number(value))
    : /^\s*[-+]?\d+\s*$/.test(String(value))
    ? Number(value)
    : NaN;
  if (Math.abs(number) * 60_000 <= LONGEST_DURATION_MS) return number;
  fail(`argument '${name}' is not a number that pause can wait: ${value}`);
}

/** A local time as `str(datetime.now())` writes it. */
function pythonTime(ms: number): string {
  const local = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return local.toISOString().replace("T", " ").replace("Z", "000");
}
