// Whether sessions may be open: the one question about them that every run asks.
import { join } from "@std/path";
import { defaultFolder } from "./folder.ts";

/** The folder of the sessions of this machine; others may share the store. */
export async function sessionsFolder(): Promise<string> {
  return join(await defaultFolder(), "sessions", Deno.hostname());
}

/** Whether there is a trace of a session; false where it cannot be told. */
export async function hasSessions(): Promise<boolean> {
  try {
    for await (const { name } of Deno.readDir(await sessionsFolder())) {
      if (name.endsWith(".sock")) return true;
    }
  } catch {
    // Nothing was ever opened, or there is no store.
  }
  return false;
}
