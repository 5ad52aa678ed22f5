// The streams of ftl in NATS, and their subjects. Calls are a work queue; what becomes
// of hosts is in logs of some hosts each (log_plan.ts). A log has a subject of its own,
// so that the server itself keeps two workers from writing past each other.
import { FtlError } from "../../../errors.ts";
import { natsError, type NatsLink } from "./nats_link.ts";
import { refusalIn } from "./nats_refusals.ts";

/** The stream of calls: a chunk of hosts each, until a worker has done it. */
export const CALLS = "ftl_calls";
/** The stream of events. */
export const EVENTS = "ftl_events";
/** The bucket of gates, packs, files and large messages. */
export const BUCKET = "ftl_files";

/** How long calls and events are kept. */
const KEPT_MS = 24 * 3600_000;
/** How long files are kept. */
export const FILES_KEPT_MS = 7 * 24 * 3600_000;
/** How long a worker may be silent before another gets its chunk. */
const ACK_WAIT_MS = 30_000;
/** How many chunks the workers of one site may hold. */
const MAX_ACK_PENDING = 64;

const NS = 1_000_000;

/** The name of the queue of hosts without a site. */
export const ANY_SITE = "_any";

/** Subjects of one run and its workers. */
export const SUBJECTS = {
  calls: (site: string, run: string, chunk: number | "*") =>
    `ftl.calls.${site}.${run}.${chunk}`,
  callsOf: (site: string) => `ftl.calls.${site}.>`,
  allCallsOf: (run: string) => `ftl.calls.*.${run}.*`,
  event: (run: string, kind: EventKind, index: number) =>
    `ftl.events.${run}.${kind}.${index}`,
  events: (run: string) => `ftl.events.${run}.>`,
  /** Requests of workers to the sender. */
  sender: (run: string) => `ftl.sender.${run}`,
  /** What the sender tells all workers of a run. */
  control: (run: string) => `ftl.control.${run}`,
  /** What workers tell the sender besides events. */
  beats: (run: string) => `ftl.beats.${run}`,
  /** Asks all workers who they are. */
  workers: "ftl.workers",
  /** Asks one worker whether it runs a host. */
  worker: (id: string) => `ftl.workers.${id}`,
} as const;

/** What a message of the stream of events is. */
export type EventKind =
  /** The run; from the sender. */
  | "start"
  /** What became of hosts; the index is the log's. */
  | "log"
  /** A worker refused a chunk; the index is the chunk's. */
  | "refused"
  /** The end, or that the run was cancelled; from the sender. */
  | "end";

/** The run and the chunk in the subject of a call. */
export function readCallSubject(
  subject: string,
): { run: string; chunk: number } {
  const [, , , run = "", chunk = ""] = subject.split(".");
  return { run, chunk: Number(chunk) };
}

/** The kind and the index in the subject of an event. */
export function readEventSubject(
  subject: string,
): { kind: EventKind; index: number } {
  const [, , , kind = "", index = ""] = subject.split(".");
  return { kind: kind as EventKind, index: Number(index) };
}

/**
 * Checks the name of a site.
 *
 * @throws {FtlError} unless it has letters, digits, `-` and `_` only.
 */
export function checkSite(site: string): string {
  if (/^[A-Za-z0-9][\w-]{0,63}$/.test(site)) return site;
  throw new FtlError(
    `Cannot use the site ${
      JSON.stringify(site)
    }: it may have up to 64 letters, digits, - and _`,
  );
}

/**
 * Makes the streams where they are missing. Those that exist are used as they are.
 *
 * @throws {FtlError} when that is not allowed, or there is no room for them.
 */
export async function makeStreams({ admin, shown }: NatsLink): Promise<void> {
  const add = async (config: Parameters<typeof admin.streams.add>[0]) => {
    try {
      await admin.streams.info(config.name!);
    } catch (error) {
      if (refusalIn(error) !== undefined) {
        throw natsError(`Cannot use the stream ${config.name}`, error);
      }
      await admin.streams.add(config).catch((cause) => {
        // Another command may have made it in the meantime.
        if (/already in use/.test(String(cause))) return;
        throw natsError(
          `Cannot make the stream ${config.name} on ${shown}`,
          cause,
          { hint: "Make it yourself, as docs/engines.md says, or allow it" },
        );
      });
    }
  };
  await add({
    name: CALLS,
    subjects: ["ftl.calls.>"],
    retention: "workqueue",
    max_age: KEPT_MS * NS,
    discard: "new",
  });
  await add({
    name: EVENTS,
    subjects: ["ftl.events.>"],
    max_age: KEPT_MS * NS,
    discard: "new",
  });
}

/** The queue of a site. */
export interface SiteQueue {
  readonly name: string;
  readonly site: string;
  /** How long a worker may be silent. */
  readonly ackWaitMs: number;
}

/**
 * Makes the queue of a site where it is missing.
 *
 * @throws {FtlError} when that is not allowed.
 */
export async function makeQueue(
  { admin, shown }: NatsLink,
  site: string,
): Promise<SiteQueue> {
  const name = `site_${site}`;
  let info = await admin.consumers.info(CALLS, name).catch(() => undefined);
  info ??= await admin.consumers.add(CALLS, {
    durable_name: name,
    filter_subject: SUBJECTS.callsOf(site),
    ack_policy: "explicit",
    ack_wait: ACK_WAIT_MS * NS,
    max_ack_pending: MAX_ACK_PENDING,
  }).catch((cause) => {
    throw natsError(`Cannot make the queue of ${site} on ${shown}`, cause);
  });
  const ackWaitMs = (info.config.ack_wait ?? ACK_WAIT_MS * NS) / NS;
  return { name, site, ackWaitMs };
}
