// One log of a run on a real server, and those who write into it.
import { NEVER } from "../../src/async/abort.ts";
import type { HostResult } from "../../src/core/call/call.ts";
import { LogPlan } from "../../src/core/nats/messages/log_plan.ts";
import {
  openEntry,
  type OwnedEntry,
} from "../../src/core/nats/messages/open_entry.ts";
import {
  ChunkReports,
  type ChunkReportsOptions,
} from "../../src/core/nats/reports/chunk_reports.ts";
import { TakenBack } from "../../src/core/nats/reports/taken_back.ts";
import { NatsBodies } from "../../src/core/nats/server/nats_bodies.ts";
import { NatsFiles } from "../../src/core/nats/server/nats_files.ts";
import type { NatsLink } from "../../src/core/nats/server/nats_link.ts";
import {
  makeStreams,
  SUBJECTS,
} from "../../src/core/nats/server/nats_subjects.ts";
import { nextMessage } from "../../src/core/nats/server/next_message.ts";
import {
  type MessagePacking,
  plainPacking,
} from "../../src/core/nats/trust/sealed_bodies.ts";
import { untimed } from "../../src/core/result/host_result.ts";
import { NatsLab } from "./nats_lab.ts";
import { natsNeed } from "./nats_server.ts";

const RUN = "run-1";

/** The hosts of the log. */
export const HOSTS = [0, 1, 2, 3];

/** The log, and who writes. */
export interface ReportsLab {
  readonly link: NatsLink;
  /** The subject of the log. */
  readonly subject: string;
  worker(id: string, options?: Partial<ChunkReportsOptions>): ChunkReports;
  readonly packing: MessagePacking;
  readonly sender: TakenBack;
  entries(): Promise<OwnedEntry[]>;
}

/** A test with a log; skipped where there is no NATS server. */
export function reportsTest(
  name: string,
  fn: (lab: ReportsLab) => Promise<void>,
): void {
  Deno.test(`${name}${natsNeed.suffix}`, {
    ignore: natsNeed.ignore,
  }, async () => {
    await using nats = await NatsLab.start();
    const link = await nats.link();
    await makeStreams(link);
    const subject = SUBJECTS.event(RUN, "log", 0);
    const packing = plainPacking(new NatsBodies(link, new NatsFiles(link)));
    const logs = LogPlan.of([]);
    await fn({
      ...{ link, subject, packing },
      worker: (id, options = {}) =>
        new ChunkReports({
          ...{ link, packing, run: RUN, log: 0, hosts: HOSTS.length },
          writer: { worker: "w", id },
          ...{ signal: NEVER, stop: NEVER, lateObjects: NEVER, late: NEVER },
          onWait: () => {},
          onProgress: () => {},
          ...options,
        }),
      sender: new TakenBack({
        ...{ link, run: RUN },
        logs: Object.assign(logs, { logOf: () => 0 }),
        packing: () => Promise.resolve(packing),
      }),
      entries: async () => {
        const entries: OwnedEntry[] = [];
        for (let from = 1;;) {
          const found = await nextMessage(link, subject, from);
          if (found === undefined) return entries;
          entries.push(await openEntry(found.data, packing.open));
          from = found.seq + 1;
        }
      },
    });
  });
}

/** A link whose messages go through a function. */
export function linkOf(
  link: NatsLink,
  publish: NatsLink["stream"]["publish"],
): NatsLink {
  const stream = Object.assign(Object.create(link.stream), { publish });
  return { ...link, stream };
}

/** A host of the log. */
export const hostOf = (index: number) => ({
  ...{ index, name: `h${index}`, vars: {} },
});

/** A result of a host that is well. */
export const resultOf = (index: number): HostResult => ({
  ...untimed(`h${index}`),
  ...{ status: "ok", changed: false, rc: 0, result: null, error: null },
});

/** What a host prints. */
export const outputOf = (index: number, text = "") => ({
  ...{ event: "output", t: 0, host: `h${index}`, text } as const,
  stream: "stdout" as const,
});
