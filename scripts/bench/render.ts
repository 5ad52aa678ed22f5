// Renders ten thousand results in every format, from the first event to the last
// byte.
import { createProgress } from "../../src/output/progress.ts";
import { createRenderer } from "../../src/output/create_renderer.ts";
import { FORMATS } from "../../src/output/renderer.ts";
import { emptySummary } from "../../src/core/call/call.ts";
import type { RunEvent } from "../../src/core/call/run_event.ts";
import {
  eventsOf,
  resultOf,
  sampleRun,
} from "../../tests/output/sample_run.ts";
import { type Bench, limitRow, type Row } from "./bench.ts";
import { median } from "./measure.ts";

const HOSTS = 10_000;
const ROUNDS = 5;
const LIMIT_MS = 1000;

/** Each format, for a usual run and for one in which all hosts differ. */
export const render: Bench = () => {
  const usual = sampleRun(HOSTS);
  const different = eventsOf(
    Array.from({ length: HOSTS }, (_, i) =>
      resultOf(`web${i}`, {
        result: { rc: 0, stdout: `up ${i} days\nload ${i % 7}`, stderr: "" },
      })),
  );
  const rows: Row[] = [];
  for (const format of FORMATS) {
    const ms = (events: readonly RunEvent[]) =>
      timeOf(() => {
        const renderer = createRenderer(format, { version: "", write() {} });
        for (const event of events) renderer.event(event);
        renderer.close();
      });
    rows.push(
      rowOf(`${format}, ${HOSTS} hosts`, ms(usual)),
      rowOf(`${format}, ${HOSTS} hosts, all differ`, ms(different)),
    );
  }
  rows.push(rowOf(`names of ${HOSTS} pending hosts`, timeOf(() => pending())));
  return Promise.resolve(rows);
};

function rowOf(what: string, value: number): Row {
  const against = `median of ${ROUNDS}`;
  return limitRow(what, { value, limit: LIMIT_MS, unit: "ms", against });
}

function timeOf(work: () => void): number {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now();
    work();
    times.push(performance.now() - began);
  }
  return median(times);
}

function pending(): void {
  const progress = createProgress(() => {}, {
    isTerminal: false,
    width: () => 80,
  });
  const hosts = Array.from({ length: HOSTS }, (_, i) => `web${i}`);
  const [start] = eventsOf([], { hosts });
  progress.event(start!);
  progress.pending();
  progress.event({
    event: "run_end",
    t: 1,
    summary: emptySummary(HOSTS),
    duration_ms: 1,
  });
}
