import { assertEquals, assertRejects } from "@std/assert";
import { Questions } from "../../../src/cli/terminal/questions.ts";
import { UsageError } from "../../../src/cli/process/exit_code.ts";
import type { TerminalQuestion } from "../../../src/console/terminal/entry.ts";

interface Put {
  question: TerminalQuestion;
  answer: (text: string) => void;
}

/** A user who answers when the test tells them to. */
function person(): {
  put: Put[];
  ask(question: TerminalQuestion): Promise<string>;
} {
  const put: Put[] = [];
  return {
    put,
    ask(question) {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      put.push({ question, answer: resolve });
      const { signal } = question;
      signal.addEventListener("abort", () => reject(signal.reason));
      return promise;
    },
  };
}

function world() {
  const interrupt = new AbortController();
  const { put, ask } = person();
  const asking = new Questions({ isThere: true, ask }, {
    signal: interrupt.signal,
    write: () => {},
  });
  return { interrupt, put, asking };
}

/** Lets pending promises settle. */
const settle = () => new Promise((resolve) => setTimeout(resolve));

Deno.test("simultaneous questions are asked one at a time", async () => {
  const { put, asking } = world();
  const first = asking.ask("One: ", { echo: false });
  const second = asking.ask("Two: ", { echo: true });
  await settle();
  assertEquals(put.map(({ question }) => question.prompt), ["One: "]);
  put[0]!.answer("1");
  assertEquals(await first, "1");
  await settle();
  assertEquals(put[1]!.question.echo, true);
  put[1]!.answer("2");
  assertEquals(await second, "2");
});

Deno.test("a withdrawn question makes room for the next one", async () => {
  const { put, asking } = world();
  const own = new AbortController();
  const first = asking.ask("One: ", { echo: false, signal: own.signal });
  const second = asking.ask("Two: ", { echo: false });
  await settle();
  own.abort(new Error("not needed"));
  await assertRejects(() => first, Error, "not needed");
  await settle();
  put[1]!.answer("2");
  assertEquals(await second, "2");
});

Deno.test("an interrupt withdraws the open question and the waiting ones", async () => {
  const { interrupt, put, asking } = world();
  const both = ["One: ", "Two: "].map((prompt) =>
    assertRejects(() => asking.ask(prompt, { echo: false }), Error, "^C")
  );
  await settle();
  interrupt.abort(new Error("^C"));
  await Promise.all(both);
  assertEquals(put.length, 1);
});

Deno.test("output written during a question appears after it", async () => {
  const { put, asking } = world();
  let screen = "";
  const write = asking.hold((text) => screen += text);
  write("a");
  const answer = asking.ask("One: ", { echo: false });
  await settle();
  write("b");
  write("c");
  assertEquals(screen, "a");
  put[0]!.answer("1");
  await answer;
  assertEquals(screen, "abc");
});

Deno.test("the holder of the terminal asks the questions", async () => {
  const { put, asking } = world();
  asking.lend(({ prompt }) => Promise.resolve(`to ${prompt}`));
  assertEquals(await asking.ask("One: ", { echo: false }), "to One: ");
  asking.lend(undefined);
  const answer = asking.ask("Two: ", { echo: false });
  await settle();
  put[0]!.answer("2");
  assertEquals(await answer, "2");
});

Deno.test("without a terminal a question is an error with a hint", async () => {
  const asking = new Questions({ isThere: false, ask: person().ask }, {
    signal: new AbortController().signal,
    write: () => {},
  });
  const error = await assertRejects(
    () => asking.ask("Password: ", { echo: false, otherwise: "Use a file" }),
    UsageError,
    'Cannot ask "Password": there is no terminal',
  );
  assertEquals(error.hint, "Use a file");
});
