// Names of packages, of which several spellings are the same.

/** Normalizes a name for comparison (PEP 503). */
export function normalizeName(name: string): string {
  return name.replace(/[-_.]+/g, "-").toLowerCase();
}
