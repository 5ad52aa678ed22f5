// Fetches one file from one host: compares size and checksum, and accepts the content
// only at its announced length.
import { join } from "@std/path";
import { CallError } from "../../errors.ts";
import { attributesOf, type Fetched, type Fetching } from "./fetch_types.ts";
import { SUM } from "../remote/host_script.ts";
import type { HostShell } from "../remote/host_shell.ts";
import { type HostEntry, readSums } from "../remote/host_survey.ts";
import { refuseToReplace } from "./local_place.ts";
import type { TransferProgress } from "../remote/transfer_progress.ts";

/** How much a host reads at a time, as `cat` does. */
const BLOCK = 128 * 1024;

/**
 * Fetches the file `$f`. `isInOurs`: no other user can replace it in the folder
 * that was entered.
 */
export async function fetchFile(
  shell: HostShell,
  fetching: Fetching & { entry: HostEntry; isInOurs: boolean },
  progress: TransferProgress,
): Promise<Fetched> {
  const { args, check, entry, isInOurs, maxSize, target } = fetching;
  const { size } = entry;
  const dest = join(fetching.folder, fetching.name);
  if (size > maxSize) throw tooLarge(fetching, size);
  await target.makeFolder(fetching.folder, { check });
  const wanted = attributesOf(entry, fetching);
  const there = await target.lookAt(dest);
  if (there?.isFile && there.size === size) {
    const [sum] = readSums((await shell.ask(SUM)).text);
    if (sum !== undefined && sum === await target.sumOf(dest)) {
      const changed = args.preserve === true && isUnlike(there, wanted);
      if (changed && !check) await target.setAttributes(dest, wanted);
      return { changed, dest, files: 0, bytes: 0 };
    }
  }
  if (check) {
    refuseToReplace(dest, there);
    const wouldWrite = { files: 1, bytes: size, would_write: [fetching.name] };
    return { changed: true, dest, ...wouldWrite };
  }
  progress.expect(size);
  shell.finish(sendFirst(size, { isInOurs }));
  const content = progress.over(announced(shell, { size, src: args.src }));
  await target.writeWhole(dest, content, { ...wanted, size, sync: true });
  return { changed: true, dest, files: 1, bytes: size };
}

/**
 * Sends the first `size` bytes of the file `$f`, even if it grows. `head` alone
 * would read 8 KiB at a time, which costs a host as much as the encryption.
 */
function sendFirst(
  size: number,
  { isInOurs }: { isInOurs: boolean },
): string {
  const blocks = Math.floor(size / BLOCK);
  const rest = size % BLOCK;
  const commands = [
    ...(isInOurs ? [] : ["vf"]),
    ...(blocks > 0 ? [`dd bs=${BLOCK} count=${blocks} 2>/dev/null`] : []),
    ...(rest > 0 ? [`head -c ${rest}`] : []),
  ];
  return `{ ${commands.join("&&") || ":"};} <"$f"`;
}

/** The content; checks the exit status of the host before it ends. */
async function* announced(
  shell: HostShell,
  { size, src }: { size: number; src: string },
): AsyncGenerator<Uint8Array, void> {
  for (let left = size; left > 0;) {
    const chunk = await shell.read();
    if (chunk === undefined) throw changed(src);
    const some = chunk.subarray(0, left);
    if (some.length < chunk.length) shell.unread(chunk.subarray(some.length));
    left -= some.length;
    yield some;
  }
  const end = await shell.answer().catch((error) => {
    // A host that sends too little has its exit status read as content.
    if (error instanceof CallError) throw changed(src);
    throw error;
  });
  if (end.status !== 0 || end.bytes.length > 0) throw changed(src);
}

function changed(src: string): CallError {
  return new CallError(
    `Cannot fetch ${src}: the host sent other content than it announced`,
    {
      hint: "Try again: the file may have changed while it was read, or the " +
        "command that read it was ended",
    },
  );
}

/** The error for more content than one host may send. */
export function tooLarge(
  { args, host, maxSize }: Fetching,
  size: number,
): CallError {
  return new CallError(
    `Cannot fetch ${args.src} from ${host}: its ${size} bytes are more than ` +
      `the ${maxSize} that one host may send`,
    { hint: "Raise `max_size`" },
  );
}

/** Whether a file here has other permissions, or another time. */
export function isUnlike(
  there: Pick<Deno.FileInfo, "mode" | "mtime">,
  { mode, mtime }: { mode: number; mtime: number | undefined },
): boolean {
  return ((there.mode ?? 0) & 0o7777) !== mode ||
    Math.floor((there.mtime?.getTime() ?? 0) / 1000) !== mtime;
}
