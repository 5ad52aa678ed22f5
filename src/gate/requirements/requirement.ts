// One requirement as packages state it (PEP 508): `requests[socks]>=2.8,<3;
// python_version < "3.12"`.
import { validRange } from "@renovatebot/pep440";
import { type Marker, parseMarker } from "./marker.ts";
import { normalizeName } from "./package_name.ts";

/** A requirement, parsed. */
export interface Requirement {
  /** Normalised (PEP 503). */
  readonly name: string;
  readonly extras: readonly string[];
  /** Versions that will do (PEP 440); empty: any. */
  readonly specifier: string;
  /** Undefined: it always counts. */
  readonly marker?: Marker;
}

const REQUIREMENT =
  /^([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:\[([^\]]*)\])?\s*(.*)$/s;

/**
 * Parses a requirement.
 *
 * @throws {SyntaxError} when it is none, or names a URL.
 */
export function parseRequirement(text: string): Requirement {
  const [before, ...after] = text.split(";");
  const [, name, extras = "", rest = ""] = REQUIREMENT.exec(before!.trim()) ??
    [];
  if (name === undefined) throw malformed(text);
  if (rest.startsWith("@")) {
    throw new SyntaxError(`It is at a URL, and only wheels are read: ${text}`);
  }
  const specifier = rest.replace(/^\((.*)\)$/s, "$1").trim();
  if (specifier !== "" && !validRange(specifier)) throw malformed(text);
  return {
    name: normalizeName(name),
    extras: extras.split(",").map((extra) => extra.trim()).filter(Boolean)
      .map(normalizeName),
    specifier,
    ...(after.length > 0 && { marker: parseMarker(after.join(";")) }),
  };
}

/** A requirement as people write it. */
export function formatRequirement({ name, specifier }: Requirement): string {
  return name + specifier.replace(/\s+/g, "");
}

function malformed(text: string): SyntaxError {
  return new SyntaxError(`It is not a requirement: ${text.trim()}`);
}
