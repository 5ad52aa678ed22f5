// `ftl worker`: makes calls that others send over NATS, or lists the workers.
import { join } from "@std/path";
import { pause } from "../../../async/deadline.ts";
import { AllowedSenders } from "../../../core/nats/trust/allowed_senders.ts";
import { removeOldRuns } from "../../../core/nats/reports/begun_hosts.ts";
import { listWorkers } from "../../../core/nats/sender/list_workers.ts";
import {
  NatsAway,
  type NatsLink,
} from "../../../core/nats/server/nats_link.ts";
import { checkSite } from "../../../core/nats/server/nats_subjects.ts";
import { NatsWorker } from "../../../core/nats/worker/nats_worker.ts";
import { GrantedKeys } from "../../../core/nats/trust/run_key.ts";
import { SeenCalls } from "../../../core/nats/trust/seen_calls.ts";
import {
  isWorkerName,
  type WorkerStatus,
} from "../../../core/nats/messages/sent_call.ts";
import type { SenderTrust } from "../../../core/nats/trust/signed_message.ts";
import { openWorkerKey } from "../../../core/nats/trust/worker_key.ts";
import { columnsText } from "../../../output/columns.ts";
import { escapeLine, toJsonText } from "../../../output/escape.ts";
import { defaultFolder } from "../../../store/folder.ts";
import { openStore } from "../../../store/store.ts";
import { connectionOf } from "../../input/fleet_options.ts";
import { connectToNats } from "../../input/nats_connection.ts";
import type { ConnectOptions } from "../../options/options.ts";
import { EXIT, UsageError, warningText } from "../../process/exit_code.ts";
import { buildId } from "../../process/own_program.ts";
import { VERSION } from "../../process/version.ts";
import type { NatsRole } from "../../../core/nats/server/nats_permissions.ts";
import type { Context } from "../context.ts";

/** How often a server that is away is tried. */
const RETRY_MS = 2_000;

/** The options of `ftl worker`. */
export type WorkerCommandOptions = ConnectOptions & {
  nats?: string;
  site?: string;
  allow?: string;
  name?: string;
  list?: boolean;
  showKey?: boolean;
  format?: "text" | "json";
};

/** Works, lists workers, or shows a key; resolves to the exit status. */
export async function handleWorker(
  options: WorkerCommandOptions,
  context: Context,
): Promise<number> {
  if (options.showKey) {
    const { text } = await openWorkerKey();
    context.out(`${nameOf(options)} ${text}\n`);
    return EXIT.ok;
  }
  if (options.format !== undefined && !options.list) {
    throw new UsageError("Cannot use --format: it needs --list");
  }
  return options.list
    ? await list(options, context)
    : await work(options, context);
}

function nameOf({ name }: WorkerCommandOptions): string {
  const own = name ?? Deno.hostname();
  if (isWorkerName(own)) return own;
  throw new UsageError(
    `Cannot use the worker's name ${
      JSON.stringify(own)
    }: it may have letters, digits and . _ @ -`,
  );
}

async function work(
  options: WorkerCommandOptions,
  context: Context,
): Promise<number> {
  const name = nameOf(options);
  const site = options.site === undefined ? undefined : checkSite(options.site);
  const key = await openWorkerKey();
  const trust = await trustOf(options, context);
  const onNote = (text: string) => say(warningText(escapeLine(text)), context);
  const link = await connectPatiently(options.nats, {
    name: `ftl worker ${name}`,
    role: "worker",
    ...{ context, onNote },
  });
  if (link === undefined) return EXIT.ok; // it was ended
  try {
    const { identityFiles, hostKeys, knownHostsFiles, connectTimeoutMs } =
      connectionOf(options);
    const worker = new NatsWorker({
      ...{ link, name, site, key, trust },
      ftl: VERSION,
      build: await buildId(),
      means: {
        store: await openStore(),
        fanout: options.fanout,
        connection: {
          ...{ identityFiles, hostKeys, knownHostsFiles, connectTimeoutMs },
        },
        ssh: { config: options.sshConfig },
      },
      stop: context.signal,
      onNote,
    });
    const unreported = await worker.work({
      onReady: () => {
        const where = site === undefined ? "" : ` of site ${site}`;
        say(`ftl: the worker ${name}${where} is ready\n`, context);
      },
    });
    // A service is ended by a signal.
    return unreported === 0 ? EXIT.ok : EXIT.interrupted;
  } finally {
    trust?.seen.close();
    await link.close();
  }
}

/**
 * Connects to NATS as soon as it is there: a service may start before it. Undefined
 * when the worker is ended first.
 */
async function connectPatiently(
  url: string | undefined,
  options: {
    name: string;
    role: NatsRole;
    context: Context;
    onNote: (text: string) => void;
  },
): Promise<NatsLink | undefined> {
  const { context: { signal }, onNote } = options;
  let told: string | undefined;
  while (!signal.aborted) {
    try {
      return await connectToNats(url, options);
    } catch (error) {
      if (!(error instanceof NatsAway)) throw error;
      if (told !== error.message) onNote(`${error.message}; trying again`);
      told = error.message;
    }
    await pause(RETRY_MS, signal).catch(() => {}); // the loop looks at the signal
  }
  return undefined;
}

/** Calls go on when nobody reads what the worker says. */
function say(text: string, context: Context): void {
  try {
    context.err(text);
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

/** Whose calls are made; undefined for everybody's whom NATS lets in. */
async function trustOf(
  { allow }: WorkerCommandOptions,
  context: Context,
): Promise<SenderTrust | undefined> {
  if (allow === "any") {
    context.err(warningText(
      "Everybody whom the NATS server lets in can make calls (--allow any)",
    ));
    return undefined;
  }
  const folder = await defaultFolder();
  const allowed = new AllowedSenders(allow ?? join(folder, "allowed_senders"));
  const senders = await allowed.list().catch((error) => {
    const isAbsent = error.cause instanceof Deno.errors.NotFound;
    if (allow !== undefined || !isAbsent) throw error;
    throw new UsageError(
      "Cannot start a worker: no sender is allowed to make calls",
      {
        hint: "Name a file of their public keys with --allow FILE",
        cause: error,
      },
    );
  });
  if (senders.length === 0) {
    context.err(warningText("No sender is allowed: the list is empty"));
  }
  const own = join(folder, "worker");
  const seen = await SeenCalls.open(own);
  await removeOldRuns(own);
  return { granted: new GrantedKeys(allowed), seen, folder: own };
}

async function list(
  { nats, format, site }: WorkerCommandOptions,
  context: Context,
): Promise<number> {
  if (site !== undefined) checkSite(site);
  const link = await connectToNats(nats, {
    name: "ftl worker --list",
    context,
  });
  try {
    const workers = (await listWorkers(link)).filter((each) =>
      site === undefined || each.site === site
    );
    context.out(
      format === "json"
        ? toJsonText(workers, 2) + "\n"
        : workers.length === 0
        ? `No worker${site === undefined ? "" : ` of site ${site}`} is there\n`
        : columnsText([HEADER, ...workers.map(rowOf)]),
    );
    return EXIT.ok;
  } finally {
    await link.close();
  }
}

const HEADER = ["NAME", "SITE", "HOSTS", "UP", "VERSION", "KEY"];

function rowOf(
  { worker, site, hosts, upMs, ftl, key }: WorkerStatus,
): string[] {
  const minutes = Math.floor(upMs / 60_000);
  const up = minutes < 60 ? `${minutes}m` : `${Math.floor(minutes / 60)}h`;
  return [worker, site ?? "", String(hosts), up, ftl, key];
}
