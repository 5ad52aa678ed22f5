// What a test needs from the machine. A test whose need is absent is skipped
// with the reason in its name; with FTL_TEST_REQUIRE set nothing is skipped:
// the need itself throws, unless FTL_TEST_ALLOW (a comma list) names it.
import { join } from "@std/path";

/** Whether a test can run here. Spread into a test's name and `ignore`. */
export interface Need {
  /** True when the test must be skipped. */
  readonly ignore: boolean;
  /** Added to the test's name: empty, or the reason for skipping it. */
  readonly suffix: string;
  /** Where the thing is; empty when it is absent. */
  readonly path: string;
}

/**
 * States that a test needs something, and where that was found.
 *
 * @throws {Error} when it is absent though FTL_TEST_REQUIRE is set.
 */
export function need(what: string, path: string | undefined): Need {
  if (path !== undefined) return { ignore: false, suffix: "", path };
  const allowed = (Deno.env.get("FTL_TEST_ALLOW") ?? "").split(",");
  if (Deno.env.get("FTL_TEST_REQUIRE") && !allowed.includes(what)) {
    throw new Error(
      `Cannot skip the tests that need ${what}: FTL_TEST_REQUIRE is set`,
    );
  }
  return { ignore: true, suffix: ` [skipped: no ${what}]`, path: "" };
}

/** Finds a program on PATH or in the folders of system daemons. */
export function findProgram(name: string): string | undefined {
  const folders = (Deno.env.get("PATH") ?? "").split(":")
    .concat("/usr/sbin", "/sbin", "/usr/local/sbin");
  return folders.filter((folder) => folder !== "")
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

/** States that a test needs all of several things. */
export function needAll(...needs: readonly Need[]): Need {
  return needs.find(({ ignore }) => ignore) ?? needs[0]!;
}

/** States that a test needs a program. */
export function needProgram(name: string): Need {
  return need(name, findProgram(name));
}

function isExecutable(path: string): boolean {
  try {
    const info = Deno.statSync(path);
    return info.isFile && ((info.mode ?? 0) & 0o111) !== 0;
  } catch {
    return false; // not there, or not ours to look at: the same to a test
  }
}
