// The type of a benchmark, and what all of them share: how to start ftl, and rows
// of the table.
import { fromFileUrl, join } from "@std/path";
import { V8_FLAGS } from "../compile/bundle.ts";

/** One line of the table. */
export interface Row {
  readonly what: string;
  readonly figure: string;
  /** What it is compared with, or how it was measured. */
  readonly against: string;
  /** The budget of docs/performance.md; empty without one. */
  readonly budget: string;
  /** Whether the budget is met; null without one. */
  readonly met: boolean | null;
}

/** Measures something, and cleans up. */
export type Bench = () => Promise<Row[]>;

const ROOT = fromFileUrl(new URL("../..", import.meta.url));

/** The modules that benchmarks run. */
export const MODULES = join(ROOT, "tests/fixtures/modules");

/** The command line of ftl, from source. */
export function ftl(...args: string[]): string[] {
  return fromSource(join(ROOT, "main.ts"), args);
}

/** The command line of a program beside this file. */
export function script(name: string, ...args: string[]): string[] {
  return fromSource(besideThis(name), args);
}

/** The path of a file beside this one. */
export function besideThis(name: string): string {
  return fromFileUrl(new URL(name, import.meta.url));
}

/** The command line of a program; by default V8 is set as in the binary. */
export function fromSource(
  path: string,
  args: readonly string[],
  v8Flags: readonly string[] = V8_FLAGS,
): string[] {
  const flags = v8Flags.length > 0 ? [`--v8-flags=${v8Flags.join(",")}`] : [];
  return [Deno.execPath(), "run", ...flags, "-A", path, ...args];
}

/** Runs `body` with a new folder, which is removed afterwards. */
export async function withFolder<T>(
  body: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "ftl-bench-" });
  try {
    return await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A row for a duration as a multiple of a base. */
export function ratioRow(
  what: string,
  { ms, baseMs, base, budget }: {
    ms: number;
    baseMs: number;
    base: string;
    budget: number;
  },
): Row {
  const ratio = ms / baseMs;
  return {
    what,
    figure: `${ms.toFixed(0)} ms, ${ratio.toFixed(2)}×`,
    against: `${base}: ${baseMs.toFixed(0)} ms`,
    budget: `${budget}×`,
    met: ratio <= budget,
  };
}

/** A row for a value with a limit. */
export function limitRow(
  what: string,
  { value, limit, unit, against = "" }: {
    value: number;
    limit: number;
    unit: string;
    against?: string;
  },
): Row {
  return {
    what,
    figure: `${value.toFixed(value < 10 ? 2 : 0)} ${unit}`,
    against,
    budget: `${limit} ${unit}`,
    met: value <= limit,
  };
}
