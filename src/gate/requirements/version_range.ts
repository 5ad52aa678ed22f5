// Selects the versions of a package that satisfy specifiers (PEP 440).
import { explain, filter } from "@renovatebot/pep440";

/**
 * The versions that satisfy all specifiers. Pre-releases are included only when
 * `pre` or a specifier asks for them, or when nothing else satisfies (PEP 440,
 * "Handling of pre-releases").
 */
export function fittingVersions(
  versions: readonly string[],
  specifiers: readonly string[],
  { pre }: { pre: boolean },
): string[] {
  const all = specifiers.filter(Boolean).join(",");
  const fitting = (prereleases: boolean) =>
    filter([...versions], all, { prereleases });
  if (pre || namesPrerelease(all)) return fitting(true);
  const released = fitting(false);
  return released.length > 0 ? released : fitting(true);
}

function namesPrerelease(specifier: string): boolean {
  return specifier.split(",").some((each) =>
    explain(each.replace(/^\s*[~=!<>]+/, "").trim())?.is_prerelease
  );
}
