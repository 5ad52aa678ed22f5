// Parses one requirement (PEP 508): `requests[socks]>=2.8,<3;
// python_version < "3.12"`.
import { validRange } from "@renovatebot/pep440";
import { type Marker, parseMarker } from "./marker.ts";
import { normalizeName } from "./package_name.ts";

/** A requirement, parsed. */
export interface Requirement {
  /** Normalized (PEP 503). */
  readonly name: string;
  readonly extras: readonly string[];
  /** The accepted versions (PEP 440); empty for any. */
  readonly specifier: string;
  /** Undefined when it always applies. */
  readonly marker?: Marker;
}

const REQUIREMENT =
  /^([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:\[([^\]]*)\])?\s*(.*)$/s;

/**
 * Parses a requirement.
 *
 * @throws {SyntaxError} when the text is not a requirement, or has a URL.
 */
export function parseRequirement(text: string): Requirement {
  const [before, ...after] = text.split(";");
  const [, name, extras = "", rest = ""] = REQUIREMENT.exec(before!.trim()) ??
    [];
  if (name === undefined) throw malformed(text);
  if (rest.startsWith("@")) {
    throw new SyntaxError(
      `${JSON.stringify(text.trim())} has a URL, and ftl reads wheels only`,
    );
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

/** A requirement as text, without extras and marker. */
export function formatRequirement({ name, specifier }: Requirement): string {
  return name + specifier.replace(/\s+/g, "");
}

function malformed(text: string): SyntaxError {
  return new SyntaxError(`${JSON.stringify(text.trim())} is not a requirement`);
}
