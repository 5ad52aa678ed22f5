// A look at one host, phase by phase: how far the way to it and to a gate there
// goes, how long each part takes, and what plain `sh` says of the machine. For
// who wants to know why a host does not do; nothing stays behind there.
import { Deadline } from "../../async/deadline.ts";
import { FtlError, type Phase } from "../../errors.ts";
import type { HelloData } from "../../protocol/message.ts";
import type { Host } from "../../inventory/inventory.ts";
import { runShell } from "../shell/exec.ts";
import type { Fleet } from "../fleet.ts";
import { PhaseClock } from "../outcome/phase_clock.ts";

/** How long the host's shell may take to answer. */
const SHELL_MS = 15_000;

/** What was found out about a host. Plain data but for `error`. */
export interface Inspection {
  /** Whole milliseconds by phase, in order. */
  readonly phases: Readonly<Record<string, number>>;
  /** What its shell said; undefined when it was not reached. */
  readonly shell: ShellFacts | undefined;
  /** What the gate said of itself; undefined when none runs there. */
  readonly gate: HelloData | undefined;
  /** What went wrong, and in which phase. */
  readonly error: (FtlError & { readonly phase?: Phase }) | undefined;
}

/** What a host's shell says of the machine. */
export interface ShellFacts {
  readonly user: string;
  readonly home: string;
  /** `Linux 6.1.0 x86_64` */
  readonly system: string;
  /** How far its clock is ahead of ours, in whole seconds. */
  readonly clockAhead: number;
  /** Folders that a file was written to and run from, and how that went. */
  readonly folders: readonly FolderFacts[];
}

/** What can be done in one folder. */
export interface FolderFacts {
  readonly path: string;
  readonly state: "runs" | "noexec" | "read-only";
  /** In KiB; undefined when the host does not say. */
  readonly free: number | undefined;
}

// Answers a line a fact. What it makes it makes for its owner alone, in a folder
// of its own that must not have been there, and removes it again.
const QUESTIONS = `umask 077
echo "user $(id -un)"
echo "home $HOME"
echo "system $(uname -s -r -m)"
echo "time $(date +%s)"
for dir in "$HOME" /var/tmp /tmp; do
  [ -n "$dir" ] || continue
  new=$dir/.ftl-doctor-$$
  state=read-only
  if mkdir "$new" 2>/dev/null; then
    state=noexec
    printf '#!/bin/sh\\n' >"$new/probe" 2>/dev/null && chmod 700 "$new/probe" &&
      "$new/probe" 2>/dev/null && state=runs
    rm -rf "$new"
  fi
  free=$(df -Pk "$dir" 2>/dev/null | tail -n 1 | while read -r a b c d e; do
    echo "$d"
  done)
  echo "folder $state \${free:--} $dir"
done`;

/** Looks at a host of a fleet. Never rejects but for what is a fault of ours. */
export async function inspectHost(
  fleet: Fleet,
  host: Host,
  { signal }: { signal: AbortSignal },
): Promise<Inspection> {
  const clock = new PhaseClock(() => {});
  const found: { shell?: ShellFacts; gate?: HelloData } = {};
  let error: FtlError | undefined;
  try {
    await fleet.use(
      host,
      { keepOpen: false, onPhase: (phase) => clock.begin(phase) },
      async (link) => {
        const connection = await link.connection(signal);
        const began = Date.now();
        const { result } = await runShell(connection, {
          command: QUESTIONS,
          env: {},
          timeoutMs: SHELL_MS,
          signal,
          about: { host: host.name, duration_ms: 0, phases_ms: {} },
        });
        const between = (began + Date.now()) / 2;
        const { stdout } = result as { stdout: string };
        found.shell = readFacts(stdout, between);
        const gate = await link.gate(signal);
        const deadline = new Deadline(signal);
        try {
          found.gate = (await deadline.race(gate.opened)).hello;
        } finally {
          deadline.clear();
        }
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
    gate: found.gate,
    error,
  };
}

function readFacts(text: string, now: number): ShellFacts {
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
    folders: lines.map((line) => /^folder (\S+) (\S+) (.+)$/.exec(line))
      .filter((match) => match !== null)
      .map(([, state, free, path]) => ({
        path: path!,
        state: state as FolderFacts["state"],
        free: /^\d+$/.test(free!) ? Number(free) : undefined,
      })),
  };
}
