import { assertEquals, assertThrows } from "@std/assert";
import { Pending, TemplateError } from "../../src/template/template_error.ts";
import { Bounds } from "../../src/template/values/bounds.ts";
import { timedWork } from "../../src/template/values/timed_work.ts";
import { usePattern } from "../../src/template/values/use_pattern.ts";

/** Does work as a rendering does it, when all modules are loaded. */
async function timed<T>(work: () => T, ms: number) {
  for (;;) {
    try {
      return timedWork(work, ms);
    } catch (error) {
      if (!(error instanceof Pending)) throw error;
      await error.value;
    }
  }
}

const TRIES_TOO_MUCH = /(a+)+b/;

Deno.test("timedWork() ends a pattern that tries too much, of any function", async () => {
  const text = "a".repeat(60);
  for (
    const work of [
      () => TRIES_TOO_MUCH.test(text),
      () => text.replace(TRIES_TOO_MUCH, ""),
      () => [...text.matchAll(/(a+)+b/g)],
      () => [text].filter((each) => TRIES_TOO_MUCH.test(each)),
    ]
  ) {
    assertEquals(await timed<unknown>(work, 50), undefined);
  }
  const done = await timed(() => TRIES_TOO_MUCH.test("aab"), 60_000);
  assertEquals(done, { value: true });
  assertEquals(await timed(() => undefined, 60_000), { value: undefined });
});

Deno.test("work that is done just before its time is up ends nothing else", async () => {
  await timed(() => 1, 60_000); // loads what it needs
  const ms = 20;
  for (let i = 0; i < 60; i++) {
    const until = performance.now() + ms - 1 + i / 30;
    await timed(() => {
      while (performance.now() < until);
    }, ms);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
});

Deno.test("timedWork() passes on what work throws", async () => {
  await timed(() => 1, 60_000); // loads what it needs
  const error = new TemplateError("mine");
  const thrown = assertThrows(() =>
    timedWork(() => {
      throw error;
    }, 60_000)
  );
  assertEquals(thrown, error);
});

Deno.test("usePattern() measures the time of patterns that may try more only", () => {
  const bounds = new Bounds();
  const what: string[] = [];
  bounds.timed = (work, name) => {
    what.push(name);
    return work();
  };
  for (const pattern of ["^web", "[.]", "a+", "a|b", "(a)?", "a{2}"]) {
    assertEquals(
      usePattern(pattern, {}, bounds, (regex) => regex.test("a")),
      /^a[+|]|\?/.test(pattern),
    );
  }
  assertEquals(
    what,
    ["a+", "a|b", "(a)?", "a{2}"].map((each) => `the pattern '${each}'`),
  );
});
