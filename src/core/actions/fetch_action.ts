// fetch: copies a file from the host to the controller, completely or not at all.
import {
  basename,
  dirname,
  join,
  normalize,
  relative,
  resolve,
} from "@std/path";
import type { JsonObject } from "../../protocol/message.ts";
import type { PreparedModule } from "../fleet/provision.ts";
import type { HostContext, OpenHost } from "../work/host_context.ts";
import type { LocalFile } from "../work/local_source.ts";
import { concludeAction, fail, isYes, textOf } from "./action_result.ts";
import { digest } from "./local_file.ts";
import { here, makeFolders, refuseToReplace } from "../fetch/local_place.ts";
import { statOf } from "./remote_stat.ts";
import type { Plan } from "../work/task.ts";

/** Plans a call of fetch. */
export const planFetchAction: Plan = async (_, { fleet }) => {
  const stat = await fleet.prepare("ansible.legacy.stat");
  return {
    secrets: [],
    warnings: [],
    run: (context) => concludeAction(context, () => fetchFile(context, stat)),
  };
};

async function fetchFile(
  context: HostContext,
  stat: PreparedModule,
): Promise<JsonObject> {
  if (context.call.check) {
    const msg = "check mode not (yet) supported for this module";
    return { skipped: true, msg };
  }
  const src = textOf(context.args.src);
  const dest = textOf(context.args.dest);
  if (src === undefined || dest === undefined) {
    fail("src and dest are required");
  }
  return await context.use(async (host) => {
    const isStrict = isYes(context.args.fail_on_missing, true);
    const remote = await statOf(host, { stat, path: src, follow: true });
    const absent = !remote.exists
      ? "the remote file does not exist"
      : remote.isdir
      ? "remote file is a directory, fetch cannot work on directories"
      : !remote.isreg
      ? "remote file is a device, a socket or a pipe"
      : undefined;
    if (absent !== undefined) {
      const msg = `${absent}, not transferring, ignored`;
      if (!isStrict) return { changed: false, file: src, msg };
      fail(remote.exists ? absent : msg);
    }
    const path = await placeFor(context, { src, dest });
    // A link is replaced, unless it leads to a device, such as `/dev/stdout`.
    refuseToReplace(path, await Deno.stat(path).catch(() => undefined));
    return await take(host, { context, src, path, expected: remote.checksum });
  });
}

/** The destination: below a folder for the host, unless `flat` is set. */
async function placeFor(
  { args, host }: HostContext,
  { src, dest }: { src: string; dest: string },
): Promise<string> {
  if (!isYes(args.flat)) return normalize(join(resolve(dest), host.name, src));
  if (dest.endsWith("/")) return join(resolve(dest), basename(src));
  if ((await Deno.stat(dest).catch(() => null))?.isDirectory) {
    fail(
      "dest is an existing directory, use a trailing slash if you want to fetch src into that directory",
    );
  }
  return resolve(dest);
}

interface Taking {
  context: HostContext;
  src: string;
  path: string;
  /** The SHA-1 of the host's file; empty when it could not be read. */
  expected: string;
}

async function take(
  host: OpenHost,
  { context, src, path, expected }: Taking,
): Promise<JsonObject> {
  const there = await localFile(path);
  if (there !== undefined && await digest(there, "sha1") === expected) {
    const md5sum = await digest(there, "md5");
    const checksum = expected;
    return { changed: false, md5sum, file: src, dest: path, checksum };
  }
  // Only the part of the path that the user named may contain links.
  const named = isYes(context.args.flat)
    ? dirname(path)
    : resolve(textOf(context.args.dest)!);
  await here(named, () => Deno.mkdir(named, { recursive: true }));
  const below = relative(named, dirname(path));
  await makeFolders(named, below.split("/").filter((part) => part !== ""));
  const part = join(dirname(path), `.ftl-${crypto.randomUUID()}`);
  try {
    const file = await here(path, () =>
      Deno.open(part, {
        createNew: true,
        write: true,
        mode: 0o600, // not the mode on the host: a fetched file may be secret
      }));
    await host.receive(src, writing(file, path));
    const received = (await localFile(part))!;
    const checksum = await digest(received, "sha1");
    const sums = {
      md5sum: await digest(received, "md5"),
      dest: path,
      checksum,
      remote_checksum: expected,
      remote_md5sum: null,
    };
    if (isYes(context.args.validate_checksum, true) && checksum !== expected) {
      fail("checksum mismatch", { ...sums, file: src });
    }
    await here(path, () => Deno.rename(part, path));
    return { changed: true, ...sums };
  } finally {
    // It does not exist after the rename, or when it was not created.
    await Deno.remove(part).catch(() => {});
  }
}

/** Writes to a file; its errors name the path that it is to have. */
function writing(file: Deno.FsFile, path: string): WritableStream<Uint8Array> {
  const writer = file.writable.getWriter();
  return new WritableStream({
    write: (chunk) => here(path, () => writer.write(chunk)),
    close: () => here(path, () => writer.close()),
    abort: (reason) => writer.abort(reason),
  });
}

async function localFile(path: string): Promise<LocalFile | undefined> {
  const info = await Deno.stat(path).catch(() => undefined);
  if (!info?.isFile) return undefined;
  return {
    name: basename(path),
    path,
    size: info.size,
    mode: undefined,
    open: async () => (await Deno.open(path)).readable,
  };
}
