// The sites of a run that have no worker: says so by name, and after a while gives up
// the hosts that wait there.
import { ConnectError } from "../../../errors.ts";
import { formatDuration } from "../../input/duration.ts";
import { listWorkers } from "./list_workers.ts";
import type { NatsSender } from "./nats_sender.ts";
import { ANY_SITE } from "../server/nats_subjects.ts";
import type { WaitingSite } from "./run_progress.ts";

/** How long a site may wait until its workers are looked for. */
const LOOK_AFTER_MS = 10_000;

/** What is told and done about sites without a worker. */
export interface MissingWorkersOptions {
  readonly sender: NatsSender;
  readonly nameOf: (index: number) => string;
  /** The sites where hosts wait for a worker. */
  readonly waiting: () => ReadonlyMap<string, WaitingSite>;
  /** Gives up the hosts that wait at a site. */
  readonly giveUp: (site: string, cause: ConnectError) => Promise<void>;
  /** How long a site may be without a worker. */
  readonly timeoutMs: number;
}

/** Looks for sites without a worker. */
export class MissingWorkers {
  readonly #options: MissingWorkersOptions;
  readonly #waitingSince = new Map<string, number>();
  readonly #missingSince = new Map<string, number>();
  readonly #told = new Set<string>();

  constructor(options: MissingWorkersOptions) {
    this.#options = options;
  }

  /** Looks once. A server that is away says nothing about workers. */
  async look(now: number): Promise<void> {
    const { sender, waiting, giveUp, timeoutMs } = this.#options;
    const sites = waiting();
    for (const site of this.#waitingSince.keys()) {
      if (!sites.has(site)) this.#waitingSince.delete(site);
    }
    const late = [...sites].filter(([site]) => {
      const since = this.#waitingSince.get(site) ?? now;
      this.#waitingSince.set(site, since);
      return now - since >= LOOK_AFTER_MS;
    });
    if (late.length === 0) return;
    const served = await servedSites(sender).catch(() => undefined);
    if (served === undefined) return this.#missingSince.clear();
    for (const [site, about] of late) {
      if (served(site)) {
        this.#missingSince.delete(site);
        continue;
      }
      const since = this.#missingSince.get(site) ?? now;
      this.#missingSince.set(site, since);
      if (now - since >= timeoutMs) {
        await giveUp(site, missingError(site, timeoutMs));
      } else this.#tell(site, about);
    }
  }

  /** Says at once which sites have no worker. */
  async tell(): Promise<void> {
    const { sender, waiting } = this.#options;
    const served = await servedSites(sender);
    for (const [site, about] of waiting()) {
      if (!served(site)) this.#tell(site, about);
    }
  }

  #tell(site: string, { hosts, first }: WaitingSite): void {
    if (this.#told.has(site)) return;
    this.#told.add(site);
    const { sender, nameOf } = this.#options;
    const which = hosts === 1
      ? `${nameOf(first)} waits`
      : `${hosts} hosts wait, such as ${nameOf(first)}`;
    sender.options.onNote(`${noWorker(site)} is there: ${which}`);
  }
}

/** Tells whether a site has a worker. */
async function servedSites(
  { options: { link } }: NatsSender,
): Promise<(site: string) => boolean> {
  const workers = await listWorkers(link);
  const sites = new Set(workers.map(({ site }) => site));
  return (site) => site === ANY_SITE ? workers.length > 0 : sites.has(site);
}

function noWorker(site: string): string {
  return site === ANY_SITE ? "no worker" : `no worker of site ${site}`;
}

/** The error of a host that no worker has taken. */
function missingError(site: string, timeoutMs: number): ConnectError {
  const [first, ...rest] = noWorker(site);
  const start = site === ANY_SITE
    ? "Start ftl worker near it"
    : `Start ftl worker --site ${site} near it`;
  return new ConnectError(
    `${first!.toUpperCase()}${rest.join("")} was there for ${
      formatDuration(timeoutMs)
    }, and the call was not started`,
    { phase: "start", hint: `${start}, or wait longer with --worker-timeout` },
  );
}
