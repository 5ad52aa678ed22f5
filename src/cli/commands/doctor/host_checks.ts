// Hosts, as the doctor sees them: the way there as the phases of a connection,
// then what the host is and what of a gate it has room for.
import {
  type FolderState,
  inspectHost,
  type Inspection,
} from "../../../core/inspect/inspect_host.ts";
import type { HostRoute } from "../../../core/route/host_endpoint.ts";
import type { HostFleet } from "../../../core/fleet/host_fleet.ts";
import { ConnectError, GateError, type Phase } from "../../../errors.ts";
import type { Host } from "../../../inventory/inventory.ts";
import { type Check, failed } from "./check.ts";
import type { HostReport } from "./doctor_report.ts";

/** A clock that is off by more is worth a word, in seconds. */
const SKEW = 30;
/** Less room than this is worth a word, in KiB. */
const LITTLE = 20 * 1024;

/** What the phases of the way are called, in order. */
const WAY: readonly (readonly [phase: Phase, name: string])[] = [
  ["resolve", "name"],
  ["connect", "connection"],
  ["hostkey", "host key"],
  ["auth", "login"],
];
/** What the phases of a gate are called, in order. */
const OPENING: readonly (readonly [phase: Phase, name: string])[] = [
  ["python", "python"],
  ["upload", "upload"],
  ["start", "start"],
];

/** Looks at hosts side by side. */
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
  const way = WAY.flatMap(([phase, name]) => passed(phase, name, inspection));
  return {
    host: host.name,
    isReached: !(error instanceof ConnectError || error instanceof GateError),
    checks: [
      checkRoute(route),
      ...way,
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
    ...proxyCommand ? [`the command ${proxyCommand}`] : [],
    ...jumps.map((jump) => `${jump.user}@${jump.address}:${jump.port}`),
  ];
  const found = `${at}, by ${transport}` +
    (through.length > 0 ? `, through ${through.join(", ")}` : "");
  if (ignored.length === 0) return { name: "route", verdict: "ok", found };
  return {
    name: "route",
    verdict: "warn",
    found,
    remedy: "Lines of ssh_config that are not followed:",
    details: ignored.map(({ file, line, ...what }) =>
      `${file}:${line}: ${what.kind === "set" ? what.keyword : what.kind}`
    ),
  };
}

/** A phase that was passed. */
function passed(
  phase: Phase,
  name: string,
  { phases, error }: Inspection,
): Check[] {
  const ms = phases[phase];
  if (ms === undefined || error?.phase === phase) return [];
  return [{ name, verdict: "ok", found: PASSED[phase]!, ms }];
}

const PASSED: Partial<Record<Phase, string>> = {
  resolve: "Its address is known",
  connect: "It answers",
  hostkey: "It is the one that is known",
  auth: "It lets us in",
  upload: "The gate was sent",
  start: "The gate runs",
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
  const noexec = folders.filter(({ state }) => state !== "runs");
  const full = folders.filter(({ free }) =>
    free !== undefined && free < LITTLE
  );
  const runs = folders.filter(({ state }) => state === "runs");
  return [
    {
      name: "system",
      verdict: "ok",
      found: `${system}, as ${user} in ${home}`,
    },
    {
      name: "clock",
      verdict: off > SKEW ? "warn" : "ok",
      found: off <= 1
        ? "It is right"
        : `It is ${off} s ${clockAhead > 0 ? "ahead" : "behind"}`,
      ...(off > SKEW &&
        { remedy: "Set the time of the host, or of this machine" }),
    },
    {
      name: "folders",
      verdict: noexec.length > 0 || full.length > 0 ? "warn" : "ok",
      found: noexec.length + full.length === 0
        ? `Programs run from ${runs.map(({ path }) => path).join(", ")}`
        : [
          ...noexec.map(({ path, state }) => `${path} ${STATES[state]}`),
          ...full.map(({ path, free }) => `${path} has ${free} KiB left`),
        ].join(", "),
      ...(full.length > 0
        ? { remedy: "Make room: a gate that is not kept is sent at every run" }
        : noexec.length > 0
        ? {
          remedy: runs.length > 0
            ? "Nothing to do: binary modules run from elsewhere"
            : "Binary modules need a folder that programs may run from",
        }
        : {}),
    },
  ];
}

function checkGate(inspection: Inspection): Check[] {
  const { gate, phases } = inspection;
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
  return [python, ...opening, {
    name: "gate",
    verdict: folder === null ? "warn" : "ok",
    found: folder === null
      ? "It runs from memory: no folder of the host takes it"
      : `It is kept in ${folder}`,
    ...(folder === null && {
      remedy: "It is sent at every run: give the user a HOME to write to",
    }),
  }];
}

function checkError({ error }: Inspection): Check[] {
  if (error === undefined) return [];
  const name = [...WAY, ...OPENING].find(([phase]) => phase === error.phase)
    ?.[1];
  return [failed(name ?? "call", error)];
}
