// wait_for_connection: connects to a host again and again until its gate answers.
import { ConnectError, GateError } from "../../errors.ts";
import type { JsonObject } from "../../protocol/message.ts";
import { Deadline, pause, within } from "../../async/deadline.ts";
import { LONGEST_DURATION_MS } from "../input/duration.ts";
import type { HostContext } from "../work/host_context.ts";
import { concludeAction, fail } from "./action_result.ts";
import type { Plan } from "../work/task.ts";

/** Plans a call of wait_for_connection. */
export const planWait: Plan = () =>
  Promise.resolve({
    secrets: [],
    warnings: [],
    run: (context) =>
      concludeAction(
        context,
        () =>
          context.call.check
            ? Promise.resolve({ skipped: true })
            : waitFor(context),
      ),
  });

async function waitFor(context: HostContext): Promise<JsonObject> {
  const secondsOf = (name: string, otherwise: number) => {
    const seconds = Number(context.args[name] ?? otherwise);
    if (seconds >= 0 && seconds * 1000 <= LONGEST_DURATION_MS) return seconds;
    fail(`${name} is not a number of seconds: ${context.args[name]}`);
  };
  const delay = secondsOf("delay", 0);
  const timeout = secondsOf("timeout", 600);
  const connectTimeout = secondsOf("connect_timeout", 5);
  const sleep = secondsOf("sleep", 1);
  const began = performance.now();
  const elapsed = () => Math.floor((performance.now() - began) / 1000);
  await pause(delay * 1000, context.signal);
  const end = performance.now() + timeout * 1000;
  for (;;) {
    // An open connection may lead to a host that is shutting down.
    await context.release();
    const fault = await tryOnce(context, connectTimeout * 1000);
    if (fault === undefined) return { elapsed: elapsed() };
    if (performance.now() >= end) {
      const msg = `timed out waiting for ping module test: ${fault}`;
      return { failed: true, msg, elapsed: elapsed() };
    }
    await pause(sleep * 1000, context.signal);
  }
}

/** Why the host does not answer; undefined when it does. */
async function tryOnce(
  context: HostContext,
  ms: number,
): Promise<string | undefined> {
  const answered = context.use(async (host) => {
    const gate = await host.gate();
    await gate.channel.call({ type: "Ping", data: {} });
  });
  answered.catch(() => {}); // awaited below, unless the run is cancelled first
  const deadline = new Deadline(context.signal);
  const inTime = within(answered.then(() => true), { ms, instead: false });
  try {
    await deadline.race(inTime) || await deadline.race(context.release());
    await deadline.race(answered);
    return undefined;
  } catch (error) {
    context.signal.throwIfAborted();
    if (error instanceof ConnectError || error instanceof GateError) {
      return error.message;
    }
    throw error;
  } finally {
    deadline.clear();
  }
}
