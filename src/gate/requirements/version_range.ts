// Which versions of a package will do (PEP 440).
import { explain, filter } from "@renovatebot/pep440";

/**
 * The versions that fulfil all specifiers. Those before a release only count
 * when they are asked for, by `pre` or by a specifier, or when there is nothing
 * else (PEP 440, "Handling of pre-releases").
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
