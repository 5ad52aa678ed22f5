// Reads a file of settings: a mapping of option names to values, each with its
// line. It knows neither options nor commander, because completion reads it too.
import { dirname, join, resolve } from "@std/path";
import { InventoryError } from "../../errors.ts";
import type { DocumentNode } from "../../inventory/format/document.ts";
import { isNumber } from "../../json/exact_number.ts";
import { UsageError } from "../process/exit_code.ts";

/** The longest file that is read. */
const MAX_BYTES = 1024 * 1024;

/** A value of the file as it is written. */
export type SettingValue = string | number | boolean;

/** One setting of the file. */
export interface FileSetting {
  /** The name of a long option, without hyphens before it. */
  readonly name: string;
  readonly values: readonly SettingValue[];
  readonly isList: boolean;
  /** `ftl.yml:3` */
  readonly place: string;
}

/** A file of settings. */
export interface SettingsFile {
  readonly path: string;
  /** Its folder, absolute: relative paths start there. */
  readonly folder: string;
  readonly settings: readonly FileSetting[];
}

/**
 * Reads the file.
 *
 * @throws {UsageError} when it cannot be read, is not a mapping, or a value is
 *   neither text, a number, a boolean nor a list of these.
 */
export async function readSettingsFile(path: string): Promise<SettingsFile> {
  const text = await readBounded(path);
  const { parseYaml } = await import("../../inventory/format/yaml.ts");
  const folder = dirname(resolve(path));
  try {
    const root = parseYaml({ text, file: path }, {
      warn: ({ line }, problem) => {
        throw new UsageError(`Cannot use ${path}:${line}: ${problem}`);
      },
    });
    if (root.kind === "null") return { path, folder, settings: [] };
    if (root.kind !== "map") {
      throw new UsageError(`Cannot use ${path}: it is not a mapping`, {
        hint:
          "Write one NAME: VALUE on each line, such as inventory: hosts.yml",
      });
    }
    return { path, folder, settings: readMap(root, { text, path }) };
  } catch (error) {
    if (!(error instanceof InventoryError)) throw error;
    const message = error.message.replace(/^Cannot use inventory /, "");
    throw new UsageError(`Cannot use ${message}`, {
      cause: error,
      ...(error.hint && { hint: error.hint }),
    });
  }
}

async function readBounded(path: string): Promise<string> {
  let bytes: Uint8Array;
  try {
    using file = await Deno.open(path);
    const buffer = new Uint8Array(MAX_BYTES + 1);
    let length = 0;
    for (;;) {
      const count = await file.read(buffer.subarray(length));
      if (!count) break;
      length += count;
    }
    bytes = buffer.subarray(0, length);
  } catch (cause) {
    throw new UsageError(
      `Cannot read ${path}: ${
        cause instanceof Deno.errors.PermissionDenied
          ? "permission denied"
          : (cause as Error).message
      }`,
      { cause },
    );
  }
  if (bytes.length > MAX_BYTES) {
    throw new UsageError(
      `Cannot read ${path}: it is larger than ${MAX_BYTES} bytes`,
    );
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new UsageError(`Cannot read ${path}: it is not UTF-8`, { cause });
  }
}

function readMap(
  root: DocumentNode,
  { text, path }: { text: string; path: string },
): FileSetting[] {
  const lines = text.split("\n");
  return root.entries().map(({ key, place: { line }, node }) => {
    const place = `${path}:${line}`;
    const name = String(key);
    const isList = node.kind === "list";
    const all = isList ? node.value() as unknown[] : [node.value()];
    const values = all.map((value) => {
      if (value === "") {
        throw new UsageError(`Cannot use ${place}: ${name}: it is empty`);
      }
      if (typeof value === "string" || typeof value === "boolean") return value;
      if (isNumber(value)) {
        // YAML reads 0123 as 83, and 1:30 as 90.
        const isAsWritten = typeof value === "number" &&
          (isList || isIn(lines[node.place.line - 1] ?? "", String(value)));
        if (isAsWritten) return value;
        throw new UsageError(
          `Cannot use ${place}: YAML reads ${name} as ${value}`,
          { hint: "Put the value in quotes" },
        );
      }
      throw new UsageError(
        value === null
          ? `Cannot use ${place}: ${name} has no value`
          : `Cannot use ${place}: ${name} is neither text nor a list of texts`,
      );
    });
    return { name, values, isList, place };
  });
}

/** Whether a line holds a number as it is written. */
function isIn(line: string, number: string): boolean {
  return line.split(/[^\w.:+-]+/).includes(number);
}

/** Makes a path of the file absolute: `~/` is HOME, others start at its folder. */
export function resolveInFile(path: string, folder: string): string {
  if (path.startsWith("~/")) {
    const home = Deno.env.get("HOME");
    return home ? join(home, path.slice(2)) : path;
  }
  return path.startsWith("/") ? path : join(folder, path);
}

/** Makes the inventory sources of the file absolute; lists of hosts stay. */
export function resolveSource(source: string, folder: string): string {
  return source.includes(",") ? source : resolveInFile(source, folder);
}
