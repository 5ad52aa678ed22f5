// Reads a gate from a file that is not trusted: the manifest must name every entry
// with its hash, and the file must contain nothing else.
import { BuildError, messageOf } from "../../errors.ts";
import { exposureOf } from "../../ownership.ts";
import { parseUntrustedJson } from "../../protocol/untrusted_json.ts";
import type { Archive } from "./archive.ts";
import { sha256 } from "../sources/build_inputs.ts";
import { type Manifest, MANIFEST_PATH } from "../format/manifest.ts";
import { isBare, unpackZip, zipFault } from "../format/zipapp.ts";

/**
 * Reads a gate or a pack that `ftl gate build -o` wrote.
 *
 * @throws {BuildError} when the file cannot be read, or is damaged.
 */
export async function readArchive(path: string): Promise<Archive> {
  const bytes = await readBytes(path);
  const entries = readEntries(path, bytes);
  const manifest = readManifest(path, entries.get(MANIFEST_PATH));
  entries.delete(MANIFEST_PATH);
  for (const [name, { sha256: expected }] of Object.entries(manifest.entries)) {
    const entry = entries.get(name);
    if (entry === undefined) throw broken(path, `${name} is missing`);
    if (await sha256(entry) !== expected) {
      throw broken(path, `${name} was changed`);
    }
    entries.delete(name);
  }
  for (const name of entries.keys()) {
    throw broken(path, `${name} is not in its manifest`);
  }
  if (!isBare(bytes)) {
    throw broken(path, "there is data before or after its zip");
  }
  return {
    id: await sha256(bytes),
    bytes,
    manifest,
    path,
    built: false,
    why: {},
    warnings: [],
    skipped: {},
  };
}

async function readBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const exposure = exposureOf(path, "code");
    if (exposure?.isRefused) {
      const { why, hint } = exposure;
      throw new BuildError(`Cannot use the gate ${path}: ${why}`, { hint });
    }
    return await Deno.readFile(path);
  } catch (cause) {
    if (cause instanceof BuildError) throw cause;
    const why = cause instanceof Deno.errors.NotFound
      ? "the file does not exist"
      : messageOf(cause);
    throw new BuildError(`Cannot read the gate ${path}: ${why}`, { cause });
  }
}

function readEntries(path: string, bytes: Uint8Array) {
  try {
    return unpackZip(bytes);
  } catch (cause) {
    throw broken(path, zipFault(cause), cause);
  }
}

function readManifest(path: string, bytes: Uint8Array | undefined): Manifest {
  try {
    const manifest = parseUntrustedJson(new TextDecoder().decode(bytes));
    if (isManifest(manifest)) return manifest;
  } catch {
    // Reported below, like JSON of another shape.
  }
  throw broken(path, "it has no valid manifest");
}

function isManifest(value: unknown): value is Manifest {
  const { ftl, entries, modules } = (value ?? {}) as Record<string, unknown>;
  return typeof ftl === "string" &&
    isRecordOf(entries, (entry) => typeof entry.sha256 === "string") &&
    isRecordOf(
      modules,
      (module) =>
        typeof module.path === "string" && typeof module.kind === "string",
    );
}

function isRecordOf(
  value: unknown,
  test: (member: Record<string, unknown>) => boolean,
): boolean {
  return typeof value === "object" && value !== null &&
    Object.values(value).every((member) =>
      typeof member === "object" && member !== null && test(member)
    );
}

function broken(path: string, why: string, cause?: unknown): BuildError {
  return new BuildError(`Cannot use the gate ${path}: ${why}`, {
    hint: "Build it again with: ftl gate build",
    cause,
  });
}
