// A worker over NATS whose hosts answer at once: it verifies calls and reports as a real
// one, with the same code, and connects to nothing. It measures what NATS, the sender and
// the reports cost, on more hosts than one machine can simulate with SSH.
//
//   instant_worker.ts URL FOLDER ALLOWED_SENDERS
import { join } from "@std/path";
import { NEVER } from "../../../src/async/abort.ts";
import type { HostResult } from "../../../src/core/call/call.ts";
import { ChunkOpener } from "../../../src/core/nats/messages/open_chunk.ts";
import type { VerifiedChunk } from "../../../src/core/nats/messages/open_chunk.ts";
import { SenderWatch } from "../../../src/core/nats/messages/sender_watch.ts";
import { BegunHosts } from "../../../src/core/nats/reports/begun_hosts.ts";
import { ChunkReports } from "../../../src/core/nats/reports/chunk_reports.ts";
import { NatsBodies } from "../../../src/core/nats/server/nats_bodies.ts";
import { NatsFiles } from "../../../src/core/nats/server/nats_files.ts";
import { openNats } from "../../../src/core/nats/server/nats_link.ts";
import {
  ANY_SITE,
  CALLS,
} from "../../../src/core/nats/server/nats_subjects.ts";
import { openQueues } from "../../../src/core/nats/server/open_queues.ts";
import { AllowedSenders } from "../../../src/core/nats/trust/allowed_senders.ts";
import { GrantedKeys } from "../../../src/core/nats/trust/run_key.ts";
import { reportPacking } from "../../../src/core/nats/trust/run_packing.ts";
import { SeenCalls } from "../../../src/core/nats/trust/seen_calls.ts";
import { openWorkerKey } from "../../../src/core/nats/trust/worker_key.ts";
import { answerQuestions } from "../../../src/core/nats/worker/answer_questions.ts";
import { untimed } from "../../../src/core/result/host_result.ts";

/** How many chunks are under way at once. */
const CHUNKS = 4;

async function main(url: string, folder: string, allowed: string) {
  const [name, id] = ["instant", crypto.randomUUID()];
  const link = await openNats({ url, name });
  const key = await openWorkerKey(folder);
  const trust = {
    granted: new GrantedKeys(new AllowedSenders(allowed)),
    seen: await SeenCalls.open(join(folder, "seen")),
    folder: join(folder, "begun"),
  };
  const opener = new ChunkOpener({ key, trust, sites: [ANY_SITE], id });
  const bodies = new NatsBodies(link, new NatsFiles(link));
  const parts = new Map<string, ReturnType<typeof partIn>>();

  async function partIn({ chunk, signer, receiver }: VerifiedChunk) {
    const { run, detached } = chunk;
    const watch = new SenderWatch(link, {
      ...{ run, detached, signer, opener },
      request: { worker: name, id, site: undefined, key: key.text },
    });
    await watch.join();
    return {
      packing: await reportPacking(bodies, { run, receiver, workerKey: key }),
      noted: await BegunHosts.open(trust.folder, { run, sender: signer! }),
    };
  }

  async function take(bytes: Uint8Array): Promise<void> {
    const verified = await opener.verify(await bodies.unpack(bytes));
    const { run, log } = verified.chunk;
    let part = parts.get(run);
    if (part === undefined) parts.set(run, part = partIn(verified));
    const { hosts } = await opener.open(verified);
    const reports = new ChunkReports({
      ...{ link, run, log, hosts: hosts.length },
      ...await part,
      writer: { worker: name, id },
      ...{ signal: NEVER, stop: NEVER, lateObjects: NEVER, late: NEVER },
      ...{ onWait: () => {}, onProgress: () => {} },
    });
    await Promise.all(hosts.map(async (host) => {
      await reports.begin(host.index);
      reports.report(host, resultOf(host.name));
    }));
    await reports.settled();
    await verified.done();
  }

  const [queue] = await openQueues(link, [ANY_SITE], { signal: NEVER });
  const consumer = await link.stream.consumers.get(CALLS, queue!.name);
  const about = { worker: name, id, site: null, key: key.text };
  const now = { ftl: "bench", build: "bench", hosts: 0, upMs: 0 };
  answerQuestions(link.connection, {
    id,
    status: () => ({ ...about, ...now }),
    runs: () => true,
  });
  Deno.stdout.writeSync(new TextEncoder().encode("is ready\n"));
  await Promise.all(Array.from({ length: CHUNKS }, async () => {
    for (;;) {
      const message = await consumer.next({ expires: 20_000 });
      if (message === null) continue;
      await take(message.data);
      message.ack();
    }
  }));
}

function resultOf(host: string): HostResult {
  return {
    ...untimed(host),
    ...{ status: "ok", changed: false, rc: 0, error: null },
    result: { changed: false, text: "x".repeat(10) },
  };
}

if (import.meta.main) {
  const [url, folder, allowed] = Deno.args as [string, string, string];
  await main(url, folder, allowed);
}
