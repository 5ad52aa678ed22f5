// Reads wheels (the binary distribution format, PEP 427): their names and their
// content. Only wheels without compiled code are accepted; every file is checked
// against the wheel's own record.
import { BuildError } from "../../errors.ts";
import type { SourceFile } from "../sources/build_inputs.ts";
import { unpackZip, zipFault } from "../format/zipapp.ts";
import { normalizeName } from "./package_name.ts";
import { parseRequirement, type Requirement } from "./requirement.ts";

/** A wheel as its file name describes it. */
export interface WheelFile {
  readonly path: string;
  /** Normalized. */
  readonly name: string;
  readonly version: string;
  /** Among builds of one version, the highest is used. */
  readonly build: number;
  /** The tags of its Pythons: `py3`, `cp311`, … */
  readonly pythons: readonly string[];
  /** Whether its name declares no compiled code. */
  readonly isPure: boolean;
}

/** The content of a wheel. */
export interface Wheel {
  readonly name: string;
  readonly version: string;
  /** Path below the packages' folder to content. */
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  readonly requires: readonly Requirement[];
  /** Versions of Python that it runs on (PEP 440); empty for any. */
  readonly requiresPython: string;
}

const NAME =
  /^(?<name>[^-]+)-(?<version>[^-]+)(?:-(?<build>\d[^-]*))?-(?<python>[^-]+)-(?<abi>[^-]+)-(?<platform>[^-]+)\.whl$/;
const COMPILED = /\.(?:so|pyd|dylib|dll)(?:\.[\d.]+)?$/;

/** Parses the file name of a wheel; undefined when it is not one. */
export function parseWheelName(
  path: string,
  fileName: string,
): WheelFile | undefined {
  const { name, version, build, python, abi, platform } =
    NAME.exec(fileName)?.groups ?? {};
  if (name === undefined) return undefined;
  return {
    path,
    name: normalizeName(name),
    version: version!.replaceAll("_", "-"),
    build: parseInt(build ?? "0"),
    pythons: python!.split("."),
    isPure: abi!.split(".").includes("none") &&
      platform!.split(".").includes("any"),
  };
}

/** Whether the name of a wheel declares that it fits a Python, `3.9`. */
export function isFor({ pythons }: WheelFile, python: string): boolean {
  const minor = Number(python.split(".")[1]);
  return pythons.some((tag) => {
    const [, kind, wanted] = /^(py|cp)3(\d*)$/.exec(tag) ?? [];
    if (kind === "py") return wanted === "" || Number(wanted) <= minor;
    return kind === "cp" && Number(wanted) === minor;
  });
}

/**
 * Reads a wheel.
 *
 * @throws {BuildError} when it is damaged, has compiled code despite its name, or
 * has files that would be written outside the packages' folder.
 */
export async function readWheel({ path, bytes }: SourceFile): Promise<Wheel> {
  const entries = unpack(path, bytes);
  const info = [...entries.keys()].find((name) =>
    /^[^/]+\.dist-info\/METADATA$/.test(name)
  )?.split("/")[0];
  if (info === undefined) throw unusable(path, "it has no METADATA");
  await checkRecord(path, entries, info);
  const headers = parseHeaders(text(entries.get(`${info}/METADATA`)!));
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const [name, content] of entries) {
    const place = placeOf(name);
    if (place === undefined) continue;
    if (COMPILED.test(place)) {
      throw unusable(path, `it has compiled code: ${name}`);
    }
    files.set(place, content);
  }
  return {
    name: normalizeName(first(headers, "name") ?? ""),
    version: first(headers, "version") ?? "",
    files,
    requires: (headers.get("requires-dist") ?? []).map((line) =>
      readRequirement(path, line)
    ),
    requiresPython: first(headers, "requires-python") ?? "",
  };
}

function unpack(path: string, bytes: Uint8Array) {
  let entries: Map<string, Uint8Array<ArrayBuffer>>;
  try {
    entries = unpackZip(bytes);
  } catch (error) {
    throw unusable(path, zipFault(error), error);
  }
  for (const name of entries.keys()) {
    if (name.endsWith("/")) entries.delete(name);
    else if (/^\/|^[A-Za-z]:|\\|(?:^|\/)\.\.?(?:\/|$)/.test(name)) {
      throw unusable(path, `it has a file outside its folder: ${name}`);
    }
  }
  return entries;
}

/** Checks every file against RECORD, which must list all of them. */
async function checkRecord(
  path: string,
  entries: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
  info: string,
): Promise<void> {
  const record = entries.get(`${info}/RECORD`);
  if (record === undefined) throw unusable(path, "it has no RECORD");
  const unlisted = new Set(entries.keys());
  for (const line of text(record).split(/\r?\n/)) {
    // A name with a comma is quoted.
    const [, quoted, plain, hash] =
      /^(?:"((?:[^"]|"")*)"|([^,]*)),([^,]*),/.exec(line) ?? [];
    const name = quoted?.replaceAll('""', '"') ?? plain;
    if (name === undefined) continue;
    const content = entries.get(name);
    unlisted.delete(name);
    if (!hash) continue; // RECORD itself, and its signatures
    if (content === undefined) throw unusable(path, `${name} is missing`);
    if (!hash.startsWith("sha256=")) continue;
    if (await sum(content) !== hash.slice("sha256=".length)) {
      throw unusable(path, `${name} was changed`);
    }
  }
  for (const name of unlisted) {
    if (/\.dist-info\/RECORD(?:\.jws|\.p7s)?$/.test(name)) continue;
    throw unusable(path, `${name} is not in its RECORD`);
  }
}

async function sum(content: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", content);
  return new Uint8Array(digest)
    .toBase64({ alphabet: "base64url", omitPadding: true });
}

/** The path of a file below the packages' folder; undefined for other files. */
function placeOf(name: string): string | undefined {
  const [, scheme, rest] = /^[^/]+\.data\/([^/]+)\/(.+)$/.exec(name) ?? [];
  if (scheme === undefined) return name;
  return scheme === "purelib" || scheme === "platlib" ? rest : undefined;
}

/** The headers of METADATA (RFC 822), names in lower case. */
function parseHeaders(metadata: string): Map<string, string[]> {
  const headers = new Map<string, string[]>();
  const [head] = metadata.split(/\r?\n\r?\n/, 1);
  const unfolded = head!.replace(/\r?\n[ \t]+/g, " ");
  for (const line of unfolded.split(/\r?\n/)) {
    const [, name, value] = /^([\w-]+):\s*(.*)$/.exec(line) ?? [];
    if (name === undefined) continue;
    const key = name.toLowerCase();
    headers.set(key, [...headers.get(key) ?? [], value!.trim()]);
  }
  return headers;
}

function first(
  headers: ReadonlyMap<string, string[]>,
  name: string,
): string | undefined {
  return headers.get(name)?.[0];
}

function readRequirement(path: string, line: string): Requirement {
  try {
    return parseRequirement(line);
  } catch (error) {
    throw unusable(path, (error as Error).message, error);
  }
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function unusable(
  path: string,
  why: string,
  cause?: unknown,
): BuildError {
  return new BuildError(`Cannot use ${path}: ${why}`, { cause });
}
