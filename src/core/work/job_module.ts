// The module that reports, ends and removes jobs on a host, and the folder of jobs
// there.
import { SettingReader } from "../../inventory/connection/setting_reader.ts";
import type { Host } from "../../inventory/inventory.ts";
import type { PreparedModule, PreparedPack } from "../fleet/provision.ts";

/** The variable of Ansible's that names the folder of jobs. */
const FOLDER_VARIABLE = "ansible_async_dir";
/** Ansible's default. */
const FOLDER = "~/.ansible_async";

/** The pack of jobs, encoded for sending. */
export async function preparedJobPack(): Promise<PreparedPack> {
  const { jobPack } = await import("../../gate/archive/job_pack.ts");
  const { id, bytes } = await jobPack();
  return { id, data: bytes.toBase64(), size: bytes.length, built: false };
}

/** The module of jobs, ready for calls on any host. */
export async function jobModule(): Promise<PreparedModule> {
  const { JOB_MODULE } = await import("../../gate/archive/job_pack.ts");
  return {
    name: JOB_MODULE,
    kind: "native",
    pack: await preparedJobPack(),
    secrets: [],
    unmasked: [],
    warnings: [],
  };
}

/**
 * The folder of jobs on a host.
 *
 * @throws {InventoryError} when the variable that names it cannot be used.
 */
export async function jobFolder(host: Host): Promise<string> {
  return await new SettingReader(host).text(FOLDER_VARIABLE) ?? FOLDER;
}
