// Names of packages, which are written in several ways and mean the same.

/** A name as names are compared (PEP 503). */
export function normalizeName(name: string): string {
  return name.replace(/[-_.]+/g, "-").toLowerCase();
}
