// Checks hosts: each phase of connecting, then the system, the clock, folders, and
// whether the host can keep a gate.
import {
  type FolderFacts,
  type FolderState,
  inspectHost,
  type Inspection,
} from "../../../core/inspect/inspect_host.ts";
import type { HostRoute } from "../../../core/route/host_endpoint.ts";
import type { HostFleet } from "../../../core/fleet/host_fleet.ts";
import { isPostQuantum } from "../../../transport/post_quantum.ts";
import { ConnectError, GateError, type Phase } from "../../../errors.ts";
import type { Host } from "../../../inventory/inventory.ts";
import { type Check, failed } from "./check.ts";
import type { HostReport } from "./doctor_report.ts";

/** A clock that is off by more is a warning, in seconds. */
const MAX_SKEW_S = 30;
/** Less free space than this is a warning, in KiB. */
const LOW_SPACE_KIB = 20 * 1024;

/** The phases of connecting and their check names, in order. */
const CONNECTING: readonly (readonly [phase: Phase, name: string])[] = [
  ["resolve", "name"],
  ["connect", "connection"],
  ["hostkey", "host key"],
  ["auth", "login"],
];
/** The phases of opening a gate and their check names, in order. */
const OPENING: readonly (readonly [phase: Phase, name: string])[] = [
  ["python", "python"],
  ["upload", "upload"],
  ["start", "start"],
];

/** Checks hosts in parallel. */
export async function checkHosts(
  fleet: HostFleet,
  hosts: readonly Host[],
  { signal }: { signal: AbortSignal },
): Promise<HostReport[]> {
  return await Promise.all(hosts.map((host) => checkHost(fleet, host, signal)));
}

async function checkHost(
  fleet: HostFleet,
  host: Host,
  signal: AbortSignal,
): Promise<HostReport> {
  let route: HostRoute;
  try {
    route = await fleet.routeTo(host);
  } catch (error) {
    const checks = [failed("route", error)];
    return { host: host.name, isReached: true, checks };
  }
  const inspection = await inspectHost(fleet, host, { signal });
  const { error } = inspection;
  const connecting = CONNECTING.flatMap(([phase, name]) =>
    passed(phase, name, inspection)
  );
  return {
    host: host.name,
    isReached: !(error instanceof ConnectError || error instanceof GateError),
    checks: [
      checkRoute(route),
      ...connecting,
      ...checkKeyExchange(inspection),
      ...checkShell(inspection),
      ...checkGate(inspection),
      ...checkError(inspection),
    ],
  };
}

function checkRoute({ endpoint, ignored }: HostRoute): Check {
  const { user, address, port, transport, jumps = [], proxyCommand } = endpoint;
  const at = transport === "local"
    ? "this machine"
    : `${user}@${address}:${port}`;
  const through = [
    ...proxyCommand ? [`the proxy command ${proxyCommand}`] : [],
    ...jumps.map((jump) => `${jump.user}@${jump.address}:${jump.port}`),
  ];
  const found = `${at}, transport ${transport}` +
    (through.length > 0 ? `, through ${through.join(", ")}` : "");
  if (ignored.length === 0) return { name: "route", verdict: "ok", found };
  return {
    name: "route",
    verdict: "warn",
    found,
    remedy: "ftl ignores these lines of ssh_config:",
    details: ignored.map(({ file, line, ...what }) =>
      `${file}:${line}: ${what.kind === "set" ? what.keyword : what.kind}`
    ),
  };
}

/** The check of a phase that succeeded; none otherwise. */
function passed(
  phase: Phase,
  name: string,
  { phases, error }: Inspection,
): Check[] {
  const ms = phases[phase];
  if (ms === undefined || error?.phase === phase) return [];
  return [{ name, verdict: "ok", found: PASSED[phase]!, ms }];
}

function checkKeyExchange({ keyExchange }: Inspection): Check[] {
  if (keyExchange === undefined) return [];
  const found = isPostQuantum(keyExchange)
    ? `${keyExchange}, post-quantum`
    : `${keyExchange}, not post-quantum`;
  return [{ name: "key exchange", verdict: "ok", found }];
}

const PASSED: Partial<Record<Phase, string>> = {
  resolve: "The name resolves",
  connect: "The host answers",
  hostkey: "The host key is accepted",
  auth: "The login succeeds",
  upload: "The gate was sent",
  start: "The gate started",
};

const STATES: Readonly<Record<FolderState, string>> = {
  runs: "runs programs",
  noexec: "is noexec",
  "read-only": "is read-only",
  insecure: "can be changed by other users",
};

function checkShell({ shell }: Inspection): Check[] {
  if (shell === undefined) return [];
  const { user, home, system, clockAhead, folders } = shell;
  const off = Math.abs(clockAhead);
  return [
    {
      name: "system",
      verdict: "ok",
      found: `${system}, as ${user} in ${home}`,
    },
    {
      name: "clock",
      verdict: off > MAX_SKEW_S ? "warn" : "ok",
      found: off <= 1
        ? "The clock is right"
        : `The clock is ${off} s ${clockAhead > 0 ? "fast" : "slow"}`,
      ...(off > MAX_SKEW_S &&
        { remedy: "Set the clock of the host, or of this machine" }),
    },
    checkFolders(folders),
  ];
}

/** @param folders undefined where nothing of ftl's may be on a disk. */
function checkFolders(folders: readonly FolderFacts[] | undefined): Check {
  if (folders === undefined) {
    const found =
      "No file was tried, because nothing of ftl's may be on a disk";
    return { name: "folders", verdict: "ok", found };
  }
  const noexec = folders.filter(({ state }) => state !== "runs");
  const full = folders.filter(({ free }) =>
    free !== undefined && free < LOW_SPACE_KIB
  );
  const runs = folders.filter(({ state }) => state === "runs");
  return {
    name: "folders",
    verdict: noexec.length > 0 || full.length > 0 ? "warn" : "ok",
    found: noexec.length + full.length === 0
      ? `Programs run from ${runs.map(({ path }) => path).join(", ")}`
      : [
        ...noexec.map(({ path, state }) => `${path} ${STATES[state]}`),
        ...full.map(({ path, free }) => `${path} has ${free} KiB free`),
      ].join(", "),
    ...(full.length > 0
      ? { remedy: "Free some space, or the gate is sent again at every run" }
      : noexec.length > 0
      ? {
        remedy: runs.length > 0
          ? "Do nothing: binary modules run from the other folders"
          : "Provide a folder that programs can run from, or avoid binary modules",
      }
      : {}),
  };
}

function checkGate(inspection: Inspection): Check[] {
  const { gate, phases, shell } = inspection;
  if (gate === undefined) return [];
  const python: Check = {
    name: "python",
    verdict: "ok",
    found: `${gate.python}, ${gate.executable}`,
    ...(phases.python !== undefined && { ms: phases.python }),
  };
  const opening = OPENING.slice(1)
    .flatMap(([phase, name]) => passed(phase, name, inspection));
  const { folder } = gate;
  if (folder === null && shell?.folders === undefined) {
    const found = "It runs from memory, as set for the host";
    return [python, ...opening, { name: "gate", verdict: "ok", found }];
  }
  return [python, ...opening, {
    name: "gate",
    verdict: folder === null ? "warn" : "ok",
    found: folder === null
      ? "It runs from memory, because no folder on the host can hold it"
      : `It is kept in ${folder}`,
    ...(folder === null && {
      remedy: "Give the user a writable HOME, or the gate is sent at every run",
    }),
  }];
}

function checkError({ error }: Inspection): Check[] {
  if (error === undefined) return [];
  const name = [...CONNECTING, ...OPENING].find(([phase]) =>
    phase === error.phase
  )
    ?.[1];
  return [failed(name ?? "call", error)];
}
