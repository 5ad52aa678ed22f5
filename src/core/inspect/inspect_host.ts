// Diagnoses one host, phase by phase: how far connecting and opening a gate get,
// how long each phase takes, and what plain `sh` reports about the machine. Leaves
// no files there.
import { untilAbort } from "../../async/abort.ts";
import { FtlError, type Phase } from "../../errors.ts";
import type { HelloData } from "../../protocol/message.ts";
import type { Host } from "../../inventory/inventory.ts";
import { runShell } from "../shell/run_shell.ts";
import { FOLDER_RULE, GATE_PARENTS } from "../shell/own_folder.ts";
import type { HostFleet } from "../fleet/host_fleet.ts";
import { untimed } from "../result/host_result.ts";
import { PhaseClock } from "../result/phase_clock.ts";

/** How long the host's shell may take to answer. */
const SHELL_MS = 15_000;

/** The findings about a host. Plain data, except `error`. */
export interface Inspection {
  /** Whole milliseconds by phase, in order. */
  readonly phases: Readonly<Record<string, number>>;
  /** The facts from its shell; undefined when it was not reached. */
  readonly shell: ShellFacts | undefined;
  /** The key exchange with the host; undefined without SSH or a login. */
  readonly keyExchange: string | undefined;
  /** The gate's `Hello`; undefined when no gate runs there. */
  readonly gate: HelloData | undefined;
  /** The error that ended the inspection. */
  readonly error: (FtlError & { readonly phase?: Phase }) | undefined;
}

/** The facts that a host's shell reports about the machine. */
export interface ShellFacts {
  readonly user: string;
  readonly home: string;
  /** `Linux 6.1.0 x86_64` */
  readonly system: string;
  /** How far its clock is ahead of the controller's, in whole seconds. */
  readonly clockAhead: number;
  /**
   * The folders that may hold ftl's folder; undefined where nothing of ftl's may be
   * on a disk, and no file was tried.
   */
  readonly folders: readonly FolderFacts[] | undefined;
}

/** Whether files run there. `insecure`: other users could replace the files. */
export type FolderState = "runs" | "noexec" | "read-only" | "insecure";

/** The facts about one folder. */
export interface FolderFacts {
  readonly path: string;
  readonly state: FolderState;
  /** The free space in KiB; undefined when it is unknown. */
  readonly free: number | undefined;
}

// Prints one fact per line.
const QUESTIONS = `echo "user $(id -un)"
echo "home $HOME"
echo "system $(uname -s -r -m)"
echo "time $(date +%s)"
`;

// Its files are private, in a new folder that no other user can replace, and are
// removed again.
const FOLDER_QUESTIONS = `umask 077
probe() (
  set -f
  IFS=
  ${FOLDER_RULE}
  [ -d "$1" ] || { echo read-only; exit; }
  safe "$1" || { echo insecure; exit; }
  new=./.ftl-doctor-$$
  mkdir "$new" || { echo read-only; exit; }
  printf '#!/bin/sh\\n' >"$new/probe" && chmod 700 "$new/probe" &&
    "$new/probe" && echo runs || echo noexec
  rm -rf "$new"
)
for dir in ${GATE_PARENTS.map((path) => `"${path}"`).join(" ")}; do
  [ -n "$dir" ] || continue
  state=$(probe "$dir" 2>/dev/null)
  free=$(df -Pk "$dir" 2>/dev/null | tail -n 1 | while read -r a b c d e; do
    echo "$d"
  done)
  echo "folder $state \${free:--} $dir"
done`;

/** Inspects a host of a fleet. Rejects only for faults of ftl itself. */
export async function inspectHost(
  fleet: HostFleet,
  host: Host,
  { signal }: { signal: AbortSignal },
): Promise<Inspection> {
  const clock = new PhaseClock(() => {});
  const found: {
    shell?: ShellFacts;
    gate?: HelloData;
    keyExchange?: string | undefined;
  } = {};
  let error: FtlError | undefined;
  try {
    await fleet.use(
      host,
      { keepOpen: false, onPhase: (...phase) => clock.begin(...phase) },
      async (link) => {
        const connection = await link.connection(signal);
        found.keyExchange = connection.keyExchange;
        const began = Date.now();
        const { result } = await runShell(connection, {
          command: link.inMemory ? QUESTIONS : QUESTIONS + FOLDER_QUESTIONS,
          env: {},
          maxOutput: 1024 * 1024,
          timeoutMs: SHELL_MS,
          signal,
          callContext: untimed(host.name),
        });
        const between = (began + Date.now()) / 2;
        const { stdout } = result as { stdout: string };
        found.shell = readFacts(stdout, {
          now: between,
          inMemory: link.inMemory,
        });
        const gate = await link.gate(signal);
        found.gate = (await untilAbort(gate.opened, signal)).hello;
      },
    );
  } catch (caught) {
    if (!(caught instanceof FtlError)) throw caught;
    error = caught;
  } finally {
    clock.begin(undefined);
  }
  return {
    phases: clock.ms,
    shell: found.shell,
    keyExchange: found.keyExchange,
    gate: found.gate,
    error,
  };
}

function readFacts(
  text: string,
  { now, inMemory }: { now: number; inMemory: boolean },
): ShellFacts {
  const lines = text.split("\n");
  const valueOf = (name: string) =>
    lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1) ??
      "";
  const time = Number(valueOf("time"));
  return {
    user: valueOf("user"),
    home: valueOf("home"),
    system: valueOf("system"),
    clockAhead: Number.isFinite(time) && time > 0
      ? Math.round(time - now / 1000)
      : 0,
    folders: inMemory ? undefined : lines.flatMap(folderIn),
  };
}

function folderIn(line: string): FolderFacts[] {
  const [, state, free, path] = /^folder (\S+) (\S+) (.+)$/.exec(line) ?? [];
  if (path === undefined) return [];
  return [{
    path,
    state: state as FolderState,
    free: /^\d+$/.test(free!) ? Number(free) : undefined,
  }];
}
