// The modules that a copy runs on the host.
import type { HostFleet } from "../fleet/host_fleet.ts";
import type { PreparedModule } from "../fleet/provision.ts";

/** The prepared modules. */
export interface CopyModules {
  readonly copy: PreparedModule;
  readonly file: PreparedModule;
  readonly slurp: PreparedModule;
  readonly stat: PreparedModule;
}

/** Prepares the modules. */
export async function prepareCopy(fleet: HostFleet): Promise<CopyModules> {
  const prepare = (name: string) => fleet.prepare(`ansible.legacy.${name}`);
  return {
    copy: await prepare("copy"),
    file: await prepare("file"),
    slurp: await prepare("slurp"),
    stat: await prepare("stat"),
  };
}
