import { assertEquals } from "@std/assert";
import {
  answerPrompts,
  type HostPrompt,
} from "../../../../src/transport/ssh/login/prompts.ts";

const ENDPOINT = {
  name: "web1",
  transport: "ssh",
  address: "web1",
  port: 22,
  user: "me",
  identityFiles: [],
} as const;

/**
 * Answers one round of questions, which are hidden unless they start with `>`.
 * Resolves to the answers, or to why there are none.
 */
function dialogue(
  { password, answers = {} }: {
    password?: string;
    answers?: Record<string, string>;
  },
) {
  const asked: HostPrompt[] = [];
  let settle: (outcome: unknown) => void = () => {};
  const prompt = answerPrompts(ENDPOINT, {
    password,
    answer: (_, question) => {
      asked.push(question);
      return Promise.resolve(answers[question.text]);
    },
    waiting: () => () => {},
    unanswered: ({ text }) => settle(`unanswered: ${text}`),
    excessive: (what) => settle(what),
    fail: (error) => settle(error),
  });
  const round = (...questions: readonly string[]) =>
    new Promise<unknown>((resolve) => {
      settle = resolve;
      const prompts = questions.map((text) => ({
        prompt: text,
        echo: text.startsWith(">"),
      }));
      prompt("", "Read this", "", prompts, (given) => resolve(given));
    });
  return { round, asked };
}

Deno.test("the first hidden question gets the password, in any language", async () => {
  const { round, asked } = dialogue({ password: "secret" });
  assertEquals(await round("Passwort: "), ["secret"]);
  assertEquals(asked, []);
});

Deno.test("a code or a visible question never gets the password", async () => {
  for (const question of ["Verification code: ", "Your PIN: ", ">Password: "]) {
    const { round } = dialogue({
      password: "secret",
      answers: { [question]: "mine" },
    });
    assertEquals(await round(question), ["mine"]);
  }
});

Deno.test("the password is used once; later questions go to the user", async () => {
  const { round, asked } = dialogue({
    password: "secret",
    answers: { "Again: ": "other" },
  });
  assertEquals(await round("Password: ", "Again: "), ["secret", "other"]);
  assertEquals(asked, [
    { text: "Again: ", instructions: "Read this", echo: false },
  ]);
});

Deno.test("a question without an answer ends the login", async () => {
  const { round } = dialogue({});
  assertEquals(await round("Password: "), "unanswered: Password: ");
});

Deno.test("a host asks at most ten questions at once, in ten rounds", async () => {
  const questions = Array.from({ length: 10 }, (_, i) => `q${i}`);
  const answers = Object.fromEntries(questions.map((each) => [each, "a"]));
  const many = dialogue({ answers });
  assertEquals(await many.round(...questions), questions.map(() => "a"));
  assertEquals(
    await many.round(...questions, "q0"),
    "asks 11 questions at once",
  );
  const long = dialogue({ answers });
  for (let i = 0; i < 10; i++) assertEquals(await long.round("q0"), ["a"]);
  assertEquals(
    await long.round("q0"),
    "asks for more than 10 rounds of answers",
  );
});

Deno.test("a long question is shown by its end", async () => {
  const { round, asked } = dialogue({});
  await round("x".repeat(5000) + "Password: ");
  assertEquals(asked[0]!.text.length, 4096);
  assertEquals(asked[0]!.text.slice(-11), "xPassword: ");
});
