// The modules that do the host's part of a copy.
import type { HostFleet } from "../fleet/host_fleet.ts";
import type { PreparedModule } from "../fleet/provision.ts";

/** Those modules, prepared. */
export interface CopyModules {
  readonly copy: PreparedModule;
  readonly file: PreparedModule;
  readonly slurp: PreparedModule;
  readonly stat: PreparedModule;
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
