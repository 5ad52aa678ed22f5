// The files that a package installs, as a folder: the runtime unpacked below
// /usr/lib/ftl, so that all users share it and nothing is unpacked at the first
// start; the manual pages; the completions; the licenses.
import { gzipSync } from "node:zlib";
import { dirname, fromFileUrl, join } from "@std/path";
import { LICENSES } from "../../src/cli/commands/licenses/licenses_handler.ts";
import { MANUAL_TOPICS } from "../../src/cli/manual/manual_topics.ts";
import { makeRuntime, type PortableParts } from "../compile/portable.ts";
import { run } from "../compile/targets.ts";

const ROOT = fromFileUrl(new URL("../..", import.meta.url));
const LIBRARY = "usr/lib/ftl";

/** The time of every file, so that two builds give the same bytes: 1980, the first
 * that all archive formats have, in seconds since 1970. */
export const TIME_S = 315_532_800;

/** The formats of packages; each has a place of its own for zsh's completions. */
const ZSH_PLACE = {
  deb: "usr/share/zsh/vendor-completions",
  rpm: "usr/share/zsh/site-functions",
} as const;

/**
 * Writes the files that a package installs below a folder, which must be empty.
 * Their owner is the caller, their modes are final.
 */
export async function writeTree(
  folder: string,
  parts: PortableParts,
  format: keyof typeof ZSH_PLACE,
): Promise<void> {
  const { name, files, head } = await makeRuntime(parts, `/${LIBRARY}`);
  const put = async (
    path: string,
    content: Uint8Array | string,
    mode = 0o644,
  ) => {
    const place = join(folder, path);
    await makeFolder(folder, dirname(path));
    await Deno.writeFile(
      place,
      typeof content === "string" ? new TextEncoder().encode(content) : content,
    );
    await Deno.chmod(place, mode); // whatever the umask
    await Deno.utime(place, TIME_S, TIME_S);
  };
  await put("usr/bin/ftl", head, 0o755);
  for (const [path, { content, executable }] of files) {
    const mode = executable ? 0o755 : 0o644;
    await put(join(LIBRARY, name, path), content, mode);
  }
  await put("usr/share/man/man1/ftl.1.gz", zip(await ftl("man")));
  for (const topic of MANUAL_TOPICS) {
    const page = zip(await ftl("man", topic));
    await put(`usr/share/man/man7/ftl-${topic}.7.gz`, page);
  }
  const completions = {
    bash: "usr/share/bash-completion/completions/ftl",
    zsh: join(ZSH_PLACE[format], "_ftl"),
    fish: "usr/share/fish/vendor_completions.d/ftl.fish",
  };
  for (const [shell, path] of Object.entries(completions)) {
    await put(path, await ftl("completions", shell));
  }
  const licenses = parts.bundle.files.get(LICENSES) ?? "";
  await put("usr/share/doc/ftl/copyright", licenses);
}

/** Creates a folder and its parents below another, with the modes of packages. */
async function makeFolder(root: string, path: string): Promise<void> {
  if (path === ".") return;
  await makeFolder(root, dirname(path));
  const place = join(root, path);
  await Deno.mkdir(place, { recursive: true });
  await Deno.chmod(place, 0o755);
}

function zip(text: string): Uint8Array {
  return gzipSync(text, { level: 9 });
}

/** What ftl prints, from the sources. */
async function ftl(...args: readonly string[]): Promise<string> {
  return await run(Deno.execPath(), [
    ...["run", "-A", join(ROOT, "main.ts")],
    ...args,
  ]);
}
