import { assertEquals, assertRejects } from "@std/assert";
import {
  type AskPassword,
  PasswordRefused,
  Passwords,
  type Trial,
} from "../../../../src/transport/ssh/login/passwords.ts";
import type { Endpoint } from "../../../../src/transport/transport.ts";

function endpoint(name: string, user = "deploy"): Endpoint {
  return {
    name,
    transport: "ssh",
    address: name,
    port: 22,
    user,
    identityFiles: [],
  };
}

const one: AskPassword = () => Promise.resolve("sesame");

/** Asks for leave on several hosts, and notes who has it. */
function takeOn(passwords: Passwords, names: readonly string[]) {
  const granted: string[] = [];
  const trials = names.map((name) =>
    passwords.take(endpoint(name)).then((trial) => {
      granted.push(name);
      return trial!;
    })
  );
  return { granted, trials };
}

async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

Deno.test("take() lets one host try a password, and all when it was right", async () => {
  const { granted, trials } = takeOn(new Passwords(one), ["a", "b", "c"]);
  const first = await trials[0]!;
  await settle();
  assertEquals([first.password, ...granted], ["sesame", "a"]);
  first.end("accepted");
  await Promise.all(trials);
  assertEquals(granted, ["a", "b", "c"]);
});

Deno.test("take() never tries a wrong password again", async () => {
  const { trials } = takeOn(new Passwords(one), ["a", "b", "c"]);
  (await trials[0]!).end("refused");
  for (const trial of trials.slice(1)) {
    await assertRejects(
      () => trial,
      PasswordRefused,
      "the password was not tried, because a refused it",
    );
  }
});

Deno.test("take() lets the next host try when the first hung up", async () => {
  const { granted, trials } = takeOn(new Passwords(one), ["a", "b", "c"]);
  (await trials[0]!).end("unknown");
  const second: Trial = await trials[1]!;
  await settle();
  assertEquals(granted, ["a", "b"]);
  second.end("accepted");
  await trials[2];
});

Deno.test("a host that ends its trial twice does not end that of another", async () => {
  const { granted, trials } = takeOn(new Passwords(one), ["a", "b", "c"]);
  const first = await trials[0]!;
  first.end("unknown");
  const second = await trials[1]!;
  first.end("unknown");
  await settle();
  assertEquals(granted, ["a", "b"]);
  second.end("unknown");
  await settle();
  assertEquals(granted, ["a", "b", "c"]);
});

Deno.test("a host that never judges a password does not keep the others waiting", async () => {
  const { granted, trials } = takeOn(new Passwords(one, 10), ["a", "b", "c"]);
  await Promise.all(trials.slice(0, 2));
  (await trials[1]!).end("accepted");
  await trials[2];
  assertEquals(granted, ["a", "b", "c"]);
});

Deno.test("a verdict that comes late counts, and keeps no host waiting", async () => {
  for (const verdict of ["accepted", "refused"] as const) {
    const { granted, trials } = takeOn(new Passwords(one), ["a", "b", "c"]);
    const first = await trials[0]!;
    first.end("unknown");
    const second = await trials[1]!;
    first.end(verdict);
    if (verdict === "refused") {
      await assertRejects(() => trials[2]!, PasswordRefused, "a refused it");
    } else await trials[2];
    second.end("unknown");
    assertEquals(granted.slice(0, 2), ["a", "b"]);
  }
});

Deno.test("take() asks again for a host that waited for a wrong password", async () => {
  const answers = ["wrong", "right"];
  const asked: (string | undefined)[] = [];
  const passwords = new Passwords((_endpoint, { refused }) => {
    asked.push(refused);
    if (refused === answers[0]) answers.shift();
    return Promise.resolve(answers[0]);
  });
  const { trials } = takeOn(passwords, ["a", "b"]);
  (await trials[0]!).end("refused");
  assertEquals((await trials[1]!).password, "right");
  assertEquals(asked, [undefined, undefined, "wrong"]);
});

Deno.test("take() tries different passwords, and different users, at once", async () => {
  const passwords = new Passwords(({ name }) => Promise.resolve(name));
  const trials = await Promise.all([
    passwords.take(endpoint("a")),
    passwords.take(endpoint("b")),
    passwords.take(endpoint("a", "root")),
  ]);
  assertEquals(trials.map((trial) => trial?.password), ["a", "b", "a"]);
});

Deno.test("take() returns undefined without a password, or with only the refused one", async () => {
  const passwords = new Passwords(one);
  assertEquals(
    await passwords.take(endpoint("a"), { refused: "sesame" }),
    undefined,
  );
  assertEquals(
    await new Passwords(() => Promise.resolve(undefined)).take(endpoint("a")),
    undefined,
  );
});
