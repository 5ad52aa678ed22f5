// The keys that the events of runs are sealed for, kept by the sender below FTL_HOME:
// `ftl runs follow`, and who reads a detached run later, opens its events with them.
import { join } from "@std/path";
import { FtlError } from "../../../errors.ts";
import { defaultFolder, openFolder } from "../../../store/folder.ts";
import {
  createKeyFile,
  type ExchangeKey,
  makeExchangeKey,
  readKeyFile,
} from "./exchange_key.ts";

const FOLDER = "run_keys";

/** For how long the key of a run is kept; its events have expired by then. */
const KEPT_MS = 30 * 24 * 60 * 60 * 1000;

/**
 * Makes the key of a run, and keeps it for 30 days, with mode 0600.
 *
 * @param home Default: `FTL_HOME`, else `~/.ftl`.
 * @throws {FtlError} when it cannot be kept.
 */
export async function makeRunReceiver(
  run: string,
  home?: string,
): Promise<ExchangeKey> {
  const folder = await openReceivers(home);
  await removeOld(folder);
  await createKeyFile(join(folder, fileOf(run)), await makeExchangeKey());
  return await openRunReceiver(run, home); // a file that exists stays as it is
}

/**
 * Opens the key of a run that was started by this user on this machine.
 *
 * @throws {FtlError} when there is none.
 */
export async function openRunReceiver(
  run: string,
  home?: string,
): Promise<ExchangeKey> {
  const key = await readKeyFile(join(await openReceivers(home), fileOf(run)));
  if (key !== undefined) return key;
  throw new FtlError(
    `Cannot read the events of run ${run}: its key is not here`,
    {
      hint:
        "Follow it as the user and on the machine that started it, within 30 days",
    },
  );
}

/** Whether the key of a run is here. */
export async function hasRunReceiver(
  run: string,
  home?: string,
): Promise<boolean> {
  const path = join(await openReceivers(home), fileOf(run));
  return await readKeyFile(path) !== undefined;
}

/**
 * The id of the run of this user that starts with some characters; these characters
 * when there is no such run.
 *
 * @throws {FtlError} when there are several.
 */
export async function findReceiver(
  start: string,
  home?: string,
): Promise<string> {
  const found: string[] = [];
  for await (const { name } of Deno.readDir(await openReceivers(home))) {
    if (name === `${start}.key`) return start;
    if (name.startsWith(start)) found.push(name.slice(0, -".key".length));
  }
  if (found.length < 2) return found[0] ?? start;
  throw new FtlError(`Cannot choose a run by ${start}: several start with it`, {
    hint: "Give more characters of its id",
  });
}

async function openReceivers(home: string | undefined): Promise<string> {
  const parent = await openFolder(home ?? await defaultFolder());
  return await openFolder(join(parent, FOLDER));
}

function fileOf(run: string): string {
  if (/^[\w-]{1,100}$/.test(run)) return `${run}.key`;
  throw new FtlError(`Cannot use ${JSON.stringify(run)} as the id of a run`, {
    hint: "Give the id that --detach printed",
  });
}

async function removeOld(folder: string): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    const path = join(folder, name);
    const { mtime } = await Deno.lstat(path).catch(() => ({ mtime: null }));
    const age = Date.now() - (mtime?.getTime() ?? Date.now());
    if (age > KEPT_MS) await Deno.remove(path).catch(() => {}); // another did
  }
}
