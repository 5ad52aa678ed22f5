// Whether sessions may be open: the one question about them that every run asks.
import { join } from "@std/path";
import { defaultFolder } from "./folder.ts";

const SOCKET = /\.sock$/;

/** The folder of the sessions of this machine; others may share the store. */
export async function sessionsFolder(): Promise<string> {
  return join(await defaultFolder(), "sessions", Deno.hostname());
}

/** The names of sessions that have left a socket; none where it cannot be told. */
export async function sessionNames(): Promise<string[]> {
  try {
    const names = await Array.fromAsync(
      Deno.readDir(await sessionsFolder()),
      ({ name }) => name,
    );
    return names.filter((name) => SOCKET.test(name))
      .map((name) => name.replace(SOCKET, "")).sort();
  } catch {
    return []; // nothing was ever opened, or there is no store
  }
}
