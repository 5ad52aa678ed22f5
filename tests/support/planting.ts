// What tests about folders of other users need: the right to give files away and
// to run programs as anybody, and users of whom this machine has never heard.
import { findProgram, need } from "./need.ts";

/** Whether this machine allows becoming another user. */
export const planting = need(
  "root, and setpriv",
  Deno.uid() === 0 ? findProgram("setpriv") : undefined,
);

/** Numbers of two users who have no folder in /tmp or /var/tmp. */
export async function newUsers(): Promise<[user: number, other: number]> {
  for (;;) {
    const user = 100_000 + Math.floor(Math.random() * 1e6) * 2;
    try {
      await Deno.lstat(`/tmp/ftl-${user}`);
    } catch {
      return [user, user + 1];
    }
  }
}
