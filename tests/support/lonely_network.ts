// A network of its own that has nothing but a loopback device: what runs there
// reaches no other machine, and no server of names.
import { findProgram, need } from "./need.ts";

/** Whether this machine allows making one. */
export const lonelyNetworkNeed = need(
  "right to a network of its own",
  canMake() ? "/" : undefined,
);

function canMake(): boolean {
  if (!["unshare", "nsenter", "ip"].every(findProgram)) return false;
  const { success } = new Deno.Command("unshare", {
    args: ["-n", "ip", "link", "set", "lo", "up"],
    stderr: "null",
  }).outputSync();
  return success;
}

/** The network; it goes when it is disposed. */
export interface LonelyNetwork extends AsyncDisposable {
  /** Starts a command there, in the process that it becomes. */
  readonly wrapper: readonly string[];
  /** A process in it. */
  readonly pid: number;
}

/** Makes a network. */
export async function makeLonelyNetwork(): Promise<LonelyNetwork> {
  const holder = new Deno.Command("unshare", {
    args: ["-n", "sh", "-c", "ip link set lo up && echo up && exec cat"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const reader = holder.stdout.getReader();
  await reader.read(); // "up"
  return {
    pid: holder.pid,
    wrapper: ["nsenter", "-t", String(holder.pid), "-n", "--"],
    [Symbol.asyncDispose]: async () => {
      await holder.stdin.close(); // which ends `cat`
      await reader.cancel();
      await holder.status;
    },
  };
}
