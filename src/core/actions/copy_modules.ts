// The modules that do the host's part of a copy.
import type { HostFleet } from "../fleet/host_fleet.ts";
import type { Prepared } from "../fleet/provision.ts";

/** Those modules, prepared. */
export interface CopyModules {
  readonly copy: Prepared;
  readonly file: Prepared;
  readonly slurp: Prepared;
  readonly stat: Prepared;
}

/** Prepares them. */
export async function prepareCopy(fleet: HostFleet): Promise<CopyModules> {
  const prepare = (name: string) => fleet.prepare(`ansible.legacy.${name}`);
  return {
    copy: await prepare("copy"),
    file: await prepare("file"),
    slurp: await prepare("slurp"),
    stat: await prepare("stat"),
  };
}
