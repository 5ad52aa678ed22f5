// Where ftl keeps things: HOME and the store. Something is written there and
// removed again, because only that proves that it can be done.
import { statfs } from "node:fs/promises";
import { dirname } from "@std/path";
import { FtlError } from "../../../errors.ts";
import { defaultFolder } from "../../../store/folder.ts";
import { openStore } from "../../../store/store.ts";
import type { Context } from "../context.ts";
import { type Check, count, failed } from "./check.ts";

/** Less room than this is worth a word, in bytes. */
const LITTLE = 100e6;

/** Whether HOME is a folder of ours. */
export async function checkHome(context: Context): Promise<Check> {
  const name = "HOME";
  const home = context.env("HOME");
  if (!home) {
    return {
      name,
      verdict: context.env("FTL_HOME") ? "warn" : "fail",
      found: "It is not set, so there is no ~/.ssh",
      remedy: "Set it, as a login does",
    };
  }
  const info = await Deno.stat(home).catch(() => undefined);
  if (!info?.isDirectory) {
    return {
      name,
      verdict: "fail",
      found: `${home} is no folder`,
      remedy: "Set it to a folder of your own",
    };
  }
  if (info.uid !== Deno.uid()) {
    return {
      name,
      verdict: "warn",
      found:
        `${home} belongs to user ${info.uid}, and this is user ${Deno.uid()}`,
      remedy: "Under sudo: use sudo -H",
    };
  }
  return { name, verdict: "ok", found: home };
}

/** Whether the store is ours alone and can be written to. */
export async function checkStore(): Promise<Check> {
  const name = "store";
  try {
    const path = await defaultFolder();
    const isThere = await exists(path);
    const place = isThere ? path : await existingAbove(path);
    if (!isThere) {
      await tryWriting(place);
      return {
        name,
        verdict: "ok",
        found: `${path} is made by the first run${await room(place)}`,
      };
    }
    const store = await openStore(path);
    await tryWriting(store.path);
    const [gates, packs] = [
      await store.list("gates"),
      await store.list("packs"),
    ];
    const size = [...gates, ...packs].reduce((sum, item) => sum + item.size, 0);
    const free = await freeBytes(place);
    return {
      name,
      verdict: free !== undefined && free < LITTLE ? "warn" : "ok",
      found: `${path}, for its owner alone: ${
        count(gates.length, "gate")
      } and ${count(packs.length, "pack")}, ${megabytes(size)}${await room(
        place,
      )}`,
      ...(free !== undefined && free < LITTLE && {
        remedy: "Make room, or: ftl gate prune",
      }),
    };
  } catch (error) {
    return failed(name, error);
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

async function existingAbove(path: string): Promise<string> {
  let above = dirname(path);
  while (above !== "/" && !await exists(above)) above = dirname(above);
  return above;
}

async function tryWriting(folder: string): Promise<void> {
  try {
    const path = await Deno.makeTempFile({
      dir: folder,
      prefix: ".ftl-doctor-",
    });
    await Deno.remove(path);
  } catch (error) {
    throw new FtlError(
      `Cannot write to ${folder}: ${(error as Error).message}`,
      { cause: error, hint: "Set FTL_HOME to a folder of your own" },
    );
  }
}

async function freeBytes(folder: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return undefined; // a file system that does not tell
  }
}

async function room(folder: string): Promise<string> {
  const free = await freeBytes(folder);
  return free === undefined ? "" : `, ${megabytes(free)} free`;
}

function megabytes(bytes: number): string {
  return bytes < 10e9
    ? `${(bytes / 1e6).toFixed(bytes < 10e6 ? 1 : 0)} MB`
    : `${(bytes / 1e9).toFixed(0)} GB`;
}
