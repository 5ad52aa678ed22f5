// What a module may need that only Ansible's controller provides, found in the text
// of the module and its utils. Such a module would fail on every host, and is
// refused before any contact.
import { BuildError } from "../../errors.ts";

/** A module that needs what only Ansible's controller has. */
export class UnsupportedError extends BuildError {}

/**
 * `connection`: a process on the controller that stays logged in to a device.
 * `no connection`: it also works without one. `turbo`: a process on the host that
 * outlives calls.
 */
export type Need = "connection" | "no connection" | "turbo";

/** What a module needs, as a clause, and what to do. */
export interface Unsupported {
  readonly why: string;
  readonly hint: string;
}

const CONNECTION: Unsupported = {
  why:
    "works through a persistent connection of Ansible's controller (network_cli, httpapi or netconf), which ftl does not have",
  hint: "Use Ansible for it, or a module that logs in to the device by itself",
};
const TURBO: Unsupported = {
  why:
    "uses turbo mode of cloud.common, a process that stays on the host after the call",
  hint: "Use Ansible for it, or leave the collection cloud.common out",
};

const USES_CONNECTION =
  /\bConnection\(\s*[\w.]*\b_socket_path\b|^from[ \t]+ansible\.module_utils\.connection[ \t]+import\b[^\n]*\bexec_command\b/m;
const ALSO_WITHOUT = /\b_socket_path is (?:not )?None\b/;
const USES_TURBO = /^\s*(?:from .* import\s+\(?\s*)?AnsibleTurboModule\b/m;
const ON_REQUEST = /\bENABLE_TURBO_MODE\b/;

/** What the text of one file needs; undefined for almost all files. */
export function needOf(text: string): Need | undefined {
  if (text.includes("_socket_path") || text.includes("exec_command")) {
    if (ALSO_WITHOUT.test(text)) return "no connection";
    if (USES_CONNECTION.test(text)) return "connection";
  }
  const isTurbo = text.includes("AnsibleTurboModule") &&
    USES_TURBO.test(text) && !ON_REQUEST.test(text);
  return isTurbo ? "turbo" : undefined;
}

/** What the files of a module need together; undefined when ftl can run it. */
export function unsupported(
  files: Iterable<{ readonly entry: string; readonly need: Need | undefined }>,
): Unsupported | undefined {
  const needs = new Set<Need>();
  let hasTurbo = false;
  for (const { entry, need } of files) {
    // It defines what the others use.
    if (entry === "ansible/module_utils/connection.py") continue;
    if (need !== undefined) needs.add(need);
    if (entry.endsWith("/module_utils/turbo/module.py")) hasTurbo = true;
  }
  if (needs.has("connection") && !needs.has("no connection")) return CONNECTION;
  return needs.has("turbo") && hasTurbo ? TURBO : undefined;
}
