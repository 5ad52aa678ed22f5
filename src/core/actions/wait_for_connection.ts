// wait_for_connection: tries a host until a gate answers there.
import { ConnectError, GateError } from "../../errors.ts";
import type { JsonObject } from "../../protocol/message.ts";
import { Deadline, within } from "../../async/deadline.ts";
import type { Turn } from "../turn.ts";
import { conclude } from "./answer.ts";
import type { Plan } from "../work.ts";

/** Plans a call of wait_for_connection. */
export const planWait: Plan = () =>
  Promise.resolve({
    secrets: [],
    warnings: [],
    run: (turn) =>
      conclude(
        turn,
        () =>
          turn.call.check ? Promise.resolve({ skipped: true }) : waitFor(turn),
      ),
  });

async function waitFor(turn: Turn): Promise<JsonObject> {
  const seconds = (name: string, otherwise: number) =>
    Number(turn.args[name] ?? otherwise);
  const began = performance.now();
  const elapsed = () => Math.floor((performance.now() - began) / 1000);
  await pause(seconds("delay", 0), turn.signal);
  const end = performance.now() + seconds("timeout", 600) * 1000;
  for (;;) {
    // A way that is open may lead to a host that is going down.
    await turn.release();
    const fault = await tryOnce(turn, seconds("connect_timeout", 5) * 1000);
    if (fault === undefined) return { elapsed: elapsed() };
    if (performance.now() >= end) {
      const msg = `timed out waiting for ping module test: ${fault}`;
      return { failed: true, msg, elapsed: elapsed() };
    }
    await pause(seconds("sleep", 1), turn.signal);
  }
}

/** Why the host does not answer; undefined: it does. */
async function tryOnce(turn: Turn, ms: number): Promise<string | undefined> {
  const answered = turn.use(async (host) => {
    const gate = await host.gate();
    await gate.channel.call({ type: "Ping", data: {} });
  });
  try {
    await within(answered.then(() => true), { ms, instead: false }) ||
      await turn.release();
    await answered;
    return undefined;
  } catch (error) {
    turn.signal.throwIfAborted();
    if (error instanceof ConnectError || error instanceof GateError) {
      return error.message;
    }
    throw error;
  }
}

async function pause(seconds: number, signal: AbortSignal): Promise<void> {
  const deadline = new Deadline(signal);
  const slept = Promise.withResolvers<void>();
  const timer = setTimeout(slept.resolve, seconds * 1000);
  try {
    await deadline.race(slept.promise);
  } finally {
    clearTimeout(timer);
    deadline.clear();
  }
}
