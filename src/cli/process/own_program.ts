// How this program is started once more: a binary by its path, a portable one by
// its runtime, as its head does (scripts/compile/head.sh), and a checkout by Deno.
import { dirname, fromFileUrl } from "@std/path";
import { buildIdOf } from "../../core/workers/build_id.ts";

/** A command line and what it needs in its environment. */
export interface OwnProgram {
  readonly path: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Where nothing can be kept: below a file. */
const NOWHERE = /\/deno\/none$/;

/** Deno's options in a portable binary; head.sh has the same ones. */
export const PORTABLE_OPTIONS: readonly string[] = [
  "--quiet",
  "--no-config",
  "--no-lock",
  "--no-npm",
  "--no-remote",
  "--cached-only",
  "--no-prompt",
  "--allow-all",
  "--v8-flags=--max-semi-space-size=8,--heap-growing-percent=100",
];

/**
 * The options where code is kept: V8 rejects code that was compiled with others.
 */
export const CACHED_OPTIONS: readonly string[] = [
  ...PORTABLE_OPTIONS.slice(0, -1),
  `${PORTABLE_OPTIONS.at(-1)},--no-lazy,--no-enable-lazy-source-positions`,
];

/** The command line to which arguments of ftl are added. */
export function ownProgram(): OwnProgram {
  const path = Deno.execPath();
  if (Deno.build.standalone) return { path, args: [], env: {} };
  const main = fromFileUrl(Deno.mainModule);
  if (!main.endsWith(".js")) {
    return { path, args: ["run", "--quiet", "--allow-all", main], env: {} };
  }
  // The first lines of main.js have it from the head (scripts/compile/portable.ts).
  const { ftlDenoDir: folder = `${dirname(path)}/cache` } = globalThis as {
    ftlDenoDir?: string;
  };
  const options = NOWHERE.test(folder) ? PORTABLE_OPTIONS : CACHED_OPTIONS;
  return {
    path,
    args: ["run", ...options, main],
    env: {
      DENO_DIR: folder,
      DENO_NO_UPDATE_CHECK: "1",
    },
  };
}

/** Identifies this program. */
export async function buildId(): Promise<string> {
  return await buildIdOf(fromFileUrl(Deno.mainModule));
}
