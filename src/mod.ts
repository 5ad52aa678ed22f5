/**
 * ftl as a library: runs automation modules on many hosts over SSH, through
 * gates that stay open. It prints nothing and never exits.
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
 * Hosts that stay open for the next program, which then calls them in one round trip:
 *
 * ```ts
 * import { collect, exec, loadHosts, openFleet } from "@ftl/ftl";
 *
 * const hosts = await loadHosts({ inventory: "web1,web2," });
 * const session = { keepMs: 600_000 };
 * await using fleet = await openFleet({ hosts, session });
 * await collect(exec(fleet, "uptime"));
 * ```
 *
 * Shell commands, and files to and from many hosts:
 *
 * ```ts
 * import {
 *   collect,
 *   exec,
 *   fetchFiles,
 *   loadHosts,
 *   openFleet,
 *   pushFiles,
 * } from "@ftl/ftl";
 *
 * const hosts = await loadHosts({ inventory: "web1,web2," });
 * await using fleet = await openFleet({ hosts });
 * await collect(exec(fleet, "systemctl stop nginx"));
 * await collect(pushFiles(fleet, { src: "site/", dest: "/srv/www", preserve: true }));
 * await collect(fetchFiles(fleet, { src: "/var/log/nginx", dest: "logs" }));
 * ```
 *
 * @module
 */
export type { BecomeMethod } from "./core/become/become.ts";
export type {
  Background,
  Call,
  CallName,
  CallSettings,
  FetchArgs,
  FetchCall,
  HostError,
  HostResult,
  ModuleCall,
  OpenCall,
  PushArgs,
  PushCall,
  ShellCall,
  Status,
  Summary,
} from "./core/call/call.ts";
export { STATUSES } from "./core/call/call.ts";
export type { RunEvent } from "./core/call/run_event.ts";
export type { Fleet, Traffic } from "./core/fleet/fleet.ts";
export {
  type AskSecret,
  type BecomeOptions,
  type ConnectionOptions,
  type FleetOptions,
  openFleet,
  type SessionOptions,
} from "./core/run/open_fleet.ts";
export {
  type CommandOptions,
  exec,
  fetchFiles,
  pushFiles,
} from "./core/run/commands.ts";
export { type HostChoice, loadHosts } from "./core/input/load_hosts.ts";
export { ref, type Reference } from "./core/input/reference.ts";
export {
  collect,
  run,
  type RunOptions,
  type RunReport,
} from "./core/run/run.ts";
export type { HostCallOptions } from "./core/run/host_call.ts";
export type { HostShare, RolloutOptions } from "./core/run/rollout.ts";
export { runModule, type RunModuleOptions } from "./core/run/run_module.ts";
export {
  BuildError,
  CallError,
  ConnectError,
  FtlError,
  type FtlErrorOptions,
  GateError,
  InventoryError,
  OverdueError,
  type Phase,
  SourceError,
} from "./errors.ts";
export {
  type Archive,
  buildGate,
  type BuildOptions,
  type GateSpec,
} from "./gate/archive/build_gate.ts";
export type {
  Manifest,
  ModuleEntry,
  ModuleKind,
} from "./gate/format/manifest.ts";
export type { ModuleSources } from "./gate/sources/library.ts";
export type { Group, Host, Inventory } from "./inventory/inventory.ts";
export { Vault, type VaultPassword } from "./inventory/vault.ts";
export { parseExact } from "./json/exact_json.ts";
export { ExactNumber } from "./json/exact_number.ts";
export type { Json, JsonObject } from "./protocol/message.ts";
export {
  openStore,
  type Store,
  type StoredItem,
  type StoredKind,
} from "./store/store.ts";
export type { HostKeyPolicy, TransportName } from "./transport/transport.ts";
