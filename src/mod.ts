/**
 * ftl as a library: automation modules on many hosts over SSH, by gates that
 * stay open.
 *
 * One module, once:
 *
 * ```ts
 * import { runModule } from "@ftl/ftl";
 *
 * const report = await runModule("ping", {
 *   inventory: "hosts.yml",
 *   pattern: "web",
 *   sources: { dirs: ["modules"] },
 * });
 * for (const { host, status, result } of report.results.values()) {
 *   console.log(host, status, result);
 * }
 * ```
 *
 * Several calls on gates that stay open, watched while they happen:
 *
 * ```ts
 * import { loadHosts, openFleet, ref, run } from "@ftl/ftl";
 *
 * const hosts = await loadHosts({ inventory: "web1,web2," });
 * await using fleet = await openFleet({ hosts, sources: { dirs: ["modules"] } });
 * for (const state of ["stopped", "started"]) {
 *   const args = { name: "nginx", state, port: ref("http_port") };
 *   for await (const event of run(fleet, { module: "service", args })) {
 *     if (event.event === "result") console.log(event.host, event.status);
 *   }
 * }
 * ```
 *
 * Files, to many hosts and from them:
 *
 * ```ts
 * import { collect, fetchFiles, loadHosts, openFleet, pushFiles } from "@ftl/ftl";
 *
 * const hosts = await loadHosts({ inventory: "web1,web2," });
 * await using fleet = await openFleet({ hosts });
 * await collect(pushFiles(fleet, { src: "site/", dest: "/srv/www", preserve: true }));
 * await collect(fetchFiles(fleet, { src: "/var/log/nginx", dest: "logs" }));
 * ```
 *
 * @module
 */
export type {
  Call,
  CallName,
  CallSettings,
  FetchArgs,
  FetchCall,
  HostError,
  HostResult,
  ModuleCall,
  PushArgs,
  PushCall,
  ShellCall,
  Status,
  Summary,
} from "./core/call/call.ts";
export type { ConnectionOverrides } from "./core/route/host_endpoint.ts";
export type { RunEvent } from "./core/call/run_event.ts";
export {
  type Fleet,
  type FleetOptions,
  openFleet,
  type Traffic,
} from "./core/fleet/fleet.ts";
export {
  fetchFiles,
  pushFiles,
  type TransferOptions,
} from "./core/run/transfers.ts";
export { type HostChoice, loadHosts } from "./core/input/load_hosts.ts";
export { ref, type Reference } from "./core/input/reference.ts";
export {
  collect,
  run,
  type RunOptions,
  type RunReport,
} from "./core/run/run.ts";
export { runModule, type RunModuleOptions } from "./core/run/run_module.ts";
export {
  BuildError,
  CallError,
  ConnectError,
  FtlError,
  type FtlErrorOptions,
  GateError,
  InventoryError,
  type Phase,
  SourceError,
} from "./errors.ts";
export {
  type Archive,
  buildGate,
  type BuildOptions,
  type GateSpec,
} from "./gate/archive/build_gate.ts";
export type { Host } from "./inventory/inventory.ts";
export { Vault, type VaultPassword } from "./inventory/vault.ts";
export type { Json, JsonObject } from "./protocol/message.ts";
export { openStore, type Store } from "./store/store.ts";
