// Checks HOME and the store. A file is written and removed again, because only
// that proves that the store can be written to.
import { statfs } from "node:fs/promises";
import { dirname } from "@std/path";
import { FtlError } from "../../../errors.ts";
import { defaultFolder } from "../../../store/folder.ts";
import { openStore } from "../../../store/store.ts";
import type { Context } from "../context.ts";
import { type Check, count, failed } from "./check.ts";

/** Less free space than this is a warning, in bytes. */
const LOW_SPACE_BYTES = 100e6;

/** Checks that HOME is a folder of this user. */
export async function checkHome(context: Context): Promise<Check> {
  const name = "HOME";
  const home = context.env("HOME");
  if (!home) {
    return {
      name,
      verdict: context.env("FTL_HOME") ? "warn" : "fail",
      found: "Not set, so there is no ~/.ssh",
      remedy: "Set HOME to your home folder",
    };
  }
  const info = await Deno.stat(home).catch(() => undefined);
  if (!info?.isDirectory) {
    return {
      name,
      verdict: "fail",
      found: `${home} is not a folder`,
      remedy: "Set HOME to your home folder",
    };
  }
  if (info.uid !== Deno.uid()) {
    return {
      name,
      verdict: "warn",
      found:
        `${home} belongs to user ${info.uid}, but ftl runs as user ${Deno.uid()}`,
      remedy: "If you use sudo, use sudo -H",
    };
  }
  return { name, verdict: "ok", found: home };
}

/** Checks that the store belongs to this user alone and can be written to. */
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
        found: `${path} will be created by the first run${await freeSpace(
          place,
        )}`,
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
      verdict: free !== undefined && free < LOW_SPACE_BYTES ? "warn" : "ok",
      found: `${path}, private to its owner: ${
        count(gates.length, "gate")
      } and ${count(packs.length, "pack")}, ${megabytes(size)}${await freeSpace(
        place,
      )}`,
      ...(free !== undefined && free < LOW_SPACE_BYTES && {
        remedy: "Free some space, or run ftl gate prune",
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
    return undefined; // the file system does not report it
  }
}

async function freeSpace(folder: string): Promise<string> {
  const free = await freeBytes(folder);
  return free === undefined ? "" : `, ${megabytes(free)} free`;
}

function megabytes(bytes: number): string {
  return bytes < 10e9
    ? `${(bytes / 1e6).toFixed(bytes < 10e6 ? 1 : 0)} MB`
    : `${(bytes / 1e9).toFixed(0)} GB`;
}
