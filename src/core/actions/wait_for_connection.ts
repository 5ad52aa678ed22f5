// wait_for_connection: connects to a host again and again until its gate answers.
import type { JsonObject } from "../../protocol/message.ts";
import { pause } from "../../async/deadline.ts";
import { LONGEST_DURATION_MS } from "../input/duration.ts";
import type { HostContext, OpenHost } from "../work/host_context.ts";
import { refuseOthers } from "./action_options.ts";
import { concludeAction, fail } from "./action_result.ts";
import { tryOnce } from "./try_once.ts";
import type { Plan } from "../work/task.ts";

/** Plans a call of wait_for_connection. */
export const planWait: Plan = () =>
  Promise.resolve({
    secrets: [],
    warnings: [],
    run: (context) =>
      concludeAction(
        context,
        () => {
          refuseOthers(context, OPTIONS);
          return context.call.check
            ? Promise.resolve({ skipped: true })
            : waitFor(context);
        },
      ),
  });

const OPTIONS = ["connect_timeout", "delay", "sleep", "timeout"];

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
    const attempt = await tryOnce(context, connectTimeout * 1000, ping);
    if ("value" in attempt) return { elapsed: elapsed() };
    if (performance.now() >= end) {
      const msg = `timed out waiting for ping module test: ${attempt.fault}`;
      return { failed: true, msg, elapsed: elapsed() };
    }
    await pause(sleep * 1000, context.signal);
  }
}

async function ping(host: OpenHost): Promise<void> {
  const gate = await host.gate();
  await gate.channel.call({ type: "Ping", data: {} });
}
