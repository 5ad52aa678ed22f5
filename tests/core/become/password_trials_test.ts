import { assertEquals, assertRejects } from "@std/assert";
import type { Become } from "../../../src/core/become/become.ts";
import { BecomeTrials } from "../../../src/core/become/password_trials.ts";
import { GateError } from "../../../src/errors.ts";
import type { Endpoint } from "../../../src/transport/transport.ts";

const ROOT: Become = {
  method: "sudo",
  user: "root",
  password: () => Promise.resolve("sesame"),
};

function host(name: string): Endpoint {
  return {
    name,
    transport: "ssh",
    address: name,
    port: 22,
    user: "deploy",
    identityFiles: [],
  };
}

Deno.test("BecomeTrials tries a password on one host before all others", async () => {
  const secrets = new Set<string>();
  const trials = new BecomeTrials(secrets);
  const first = await trials.take(host("web1"), ROOT);
  let isThere = false;
  const second = trials.take(host("web2"), ROOT).then((trial) => {
    isThere = true;
    return trial;
  });
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals(isThere, false);
  first.end("accepted");
  assertEquals((await second).password, "sesame");
  assertEquals([...secrets], ["sesame"]);
});

Deno.test("BecomeTrials never tries a password again that a host has refused", async () => {
  const trials = new BecomeTrials(new Set());
  (await trials.take(host("web1"), ROOT)).end("refused");
  const error = await assertRejects(
    () => trials.take(host("web2"), ROOT),
    GateError,
    "Cannot become root: the password was not tried, because web1 refused it",
  );
  assertEquals(error.phase, "become");
  // sudo wants the same one for every user, and su another one.
  await assertRejects(
    () => trials.take(host("web2"), { ...ROOT, user: "app" }),
    GateError,
    "Cannot become app: the password was not tried",
  );
  const other = await trials.take(host("web2"), { ...ROOT, method: "su" });
  other.end("accepted");
});

Deno.test("BecomeTrials lets the next host try when the first did not use the password", async () => {
  const trials = new BecomeTrials(new Set());
  (await trials.take(host("web1"), ROOT)).end("unknown");
  const next = await trials.take(host("web2"), ROOT);
  assertEquals(next.password, "sesame");
  next.end("accepted");
});

Deno.test("BecomeTrials asks for another password than the one that was refused", async () => {
  const secrets = new Set<string>();
  const trials = new BecomeTrials(secrets);
  const refusals: (string | undefined)[] = [];
  const asking: Become = {
    ...ROOT,
    ask: (_become, { refused }) => {
      refusals.push(refused);
      return Promise.resolve("other");
    },
  };
  await trials.ask(host("web1"), asking);
  (await trials.take(host("web1"), asking)).end("refused");
  assertEquals(await trials.ask(host("web2"), asking), "other");
  assertEquals(refusals, [undefined, "sesame"]);
  assertEquals(await trials.ask(host("web2"), ROOT), undefined);
});

Deno.test("BecomeTrials keeps the passwords of a host's users apart", async () => {
  const trials = new BecomeTrials(new Set());
  const su = (user: string, text: string): Become => ({
    ...{ method: "su", user, password: () => Promise.resolve(text) },
  });
  const first = await trials.take(host("web1"), su("root", "wrong"));
  const web2 = host("web2");
  const second = trials.take(web2, su("root", "wrong"));
  (await trials.take(web2, su("app", "right"))).end("accepted");
  first.end("refused");
  await assertRejects(() => second, GateError, "web1 refused it");
});
