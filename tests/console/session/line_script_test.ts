import { assertEquals, assertRejects } from "@std/assert";
import { emptySummary } from "../../../src/core/call/call.ts";
import {
  linesOf,
  type LinesOutcome,
  takeLines,
} from "../../../src/console/session/line_script.ts";

const signal = new AbortController().signal;

/** Runs the lines of a text; outcomes are looked up by line. */
async function take(
  text: string,
  outcomes: Record<string, Partial<LinesOutcome>>,
  keepGoing = false,
): Promise<{ taken: string[]; outcome: LinesOutcome }> {
  const taken: string[] = [];
  const outcome = await takeLines(linesOf(text), {
    name: "s",
    keepGoing,
    signal,
    take: (line) => {
      taken.push(line);
      return Promise.resolve({
        hasQuit: false,
        mayKeep: true,
        ...outcomes[line],
      });
    },
  });
  return { taken, outcome };
}

const ok = { summary: { ...emptySummary(2), ok: 2 } };
const failed = { summary: { ...emptySummary(2), ok: 1, failed: 1 } };

Deno.test("takeLines() sums the results of all calls", async () => {
  const { outcome } = await take("a\nb", { a: ok, b: failed });
  assertEquals(outcome.summary, { ...emptySummary(2), ok: 3, failed: 1 });
});

Deno.test("takeLines() stops at the first call that fails, unless keepGoing is set", async () => {
  assertEquals((await take("a\nb", { a: failed, b: ok })).taken, ["a"]);
  const { taken, outcome } = await take("a\nb", { a: failed, b: ok }, true);
  assertEquals(taken, ["a", "b"]);
  assertEquals(outcome.summary?.failed, 1);
});

Deno.test("takeLines() reports where it stopped", async () => {
  const stops: string[] = [];
  await takeLines(linesOf("a\n\nb\nc"), {
    name: "s",
    keepGoing: false,
    signal,
    take: (line) =>
      Promise.resolve({
        hasQuit: false,
        mayKeep: true,
        ...(line === "b" ? failed : {}),
      }),
    onStop: (place) => stops.push(place),
  });
  assertEquals(stops, ["s:3"]);
});

Deno.test("takeLines() continues after a line that cannot be parsed, with keepGoing", async () => {
  const errors: string[] = [];
  const outcome = await takeLines(linesOf("a\nb"), {
    name: "s",
    keepGoing: true,
    signal,
    take: (line) =>
      line === "a"
        ? Promise.reject(new SyntaxError("Bad a"))
        : Promise.resolve({ hasQuit: false, mayKeep: true, ...ok }),
    onError: (error) => errors.push((error as Error).message),
  });
  assertEquals(errors, ["s:1: Bad a"]);
  assertEquals([outcome.hasErred, outcome.summary?.ok], [true, 2]);
});

Deno.test("takeLines() stops when the session is over", async () => {
  const { taken, outcome } = await take("a\nq\nb", {
    a: ok,
    q: { hasQuit: true },
  });
  assertEquals(taken, ["a", "q"]);
  assertEquals(outcome.hasQuit, true);
  assertEquals(outcome.summary?.ok, 2);
});

Deno.test("takeLines() joins lines, and names the first line of one that cannot be parsed", async () => {
  const lines = linesOf("a\nb \\\nc");
  const options = {
    name: "calls.txt",
    keepGoing: false,
    signal,
    take: (line: string) =>
      line === "a"
        ? Promise.resolve({ hasQuit: false, mayKeep: true })
        : Promise.reject(new SyntaxError(`Bad ${line}`)),
  };
  await assertRejects(
    () => takeLines(lines, options),
    SyntaxError,
    "calls.txt:2: Bad b c",
  );
});
