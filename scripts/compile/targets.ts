// The machines that a binary can be made for, and the source of their Deno: the
// running one for this machine, npm packages for the others.
import { join } from "@std/path";

/** A machine to make a binary for. */
export interface Target {
  /** The value of `--target`. */
  readonly name: string;
  /** The name for `deno compile`. */
  readonly triple: string;
  /** The npm package of its Deno. */
  readonly package: string;
}

export const TARGETS: readonly Target[] = [
  {
    name: "linux-x64",
    triple: "x86_64-unknown-linux-gnu",
    package: "@deno/linux-x64-glibc",
  },
  {
    name: "linux-arm64",
    triple: "aarch64-unknown-linux-gnu",
    package: "@deno/linux-arm64-glibc",
  },
  {
    name: "macos-x64",
    triple: "x86_64-apple-darwin",
    package: "@deno/darwin-x64",
  },
  {
    name: "macos-arm64",
    triple: "aarch64-apple-darwin",
    package: "@deno/darwin-arm64",
  },
];

/** This machine; undefined when no binary can be made for it. */
export function thisMachine(): Target | undefined {
  return TARGETS.find(({ triple }) => triple === Deno.build.target);
}

/**
 * Reads the Deno of a target.
 *
 * @param version The version of Deno.
 * @throws {Error} with npm's output, when npm cannot download it.
 */
export async function readDeno(
  target: Target,
  version: string,
): Promise<Uint8Array<ArrayBuffer>> {
  if (target === thisMachine() && version === Deno.version.deno) {
    return await Deno.readFile(Deno.execPath());
  }
  const folder = await Deno.makeTempDir({ prefix: "ftl-compile-" });
  try {
    // npm checks the download against the registry's checksum.
    const name = (await run("npm", [
      "pack",
      "--silent",
      "--pack-destination",
      folder,
      `${target.package}@${version}`,
    ])).trim();
    await run("tar", ["-xzf", join(folder, name), "-C", folder]);
    return await Deno.readFile(join(folder, "package/deno"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/**
 * Runs a program and returns its output; throws when it fails.
 *
 * @param env Added to its environment.
 */
export async function run(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    env: { ...env },
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  if (success) return text.decode(stdout);
  throw new Error(
    `Cannot run ${program} ${args[0]}: ${text.decode(stderr).trim()}`,
  );
}
