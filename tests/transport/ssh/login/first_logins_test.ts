import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { ConnectError } from "../../../../src/errors.ts";
import {
  FirstLogins,
  type ServerLogin,
} from "../../../../src/transport/ssh/login/first_logins.ts";
import {
  ServerRefusal,
  UnansweredLogin,
} from "../../../../src/transport/ssh/login/server_refusals.ts";

const signal = new AbortController().signal;

/** A login of a host on the one server. */
function login(
  name: string,
  changes: Partial<ServerLogin> & { offer?: string } = {},
): ServerLogin {
  const { offer = "a key", ...others } = changes;
  return {
    endpoint: {
      name,
      transport: "ssh",
      address: "192.0.2.1",
      port: 22,
      user: "me",
      identityFiles: [],
    },
    key: "me@192.0.2.1",
    isExpected: false,
    signal,
    offers: () => Promise.resolve(offer),
    ...others,
  };
}

function refusal(host: string): ConnectError {
  return new ConnectError(`Cannot log in to ${host}`, { phase: "auth", host });
}

Deno.test("the first login on a server goes ahead of the others", async () => {
  const logins = new FirstLogins();
  const first = Promise.withResolvers<string>();
  const connected: string[] = [];
  const all = ["h1", "h2", "h3"].map((name) =>
    logins.open(login(name), () => {
      connected.push(name);
      return name === "h1" ? first.promise : Promise.resolve(name);
    })
  );
  const other = { key: "me@192.0.2.2" };
  await logins.open(login("h4", other), () => Promise.resolve(""));
  assertEquals(connected, ["h1"]);
  first.resolve("h1");
  assertEquals(await Promise.all(all), ["h1", "h2", "h3"]);
});

Deno.test("what a server has refused is not tried for other names of it", async () => {
  const logins = new FirstLogins();
  let connections = 0;
  const names = Array.from({ length: 10 }, (_, i) => `h${i}`);
  const errors = await Promise.all(names.map((name) =>
    assertRejects(
      () =>
        logins.open(login(name), () => {
          connections++;
          return Promise.reject(refusal(name));
        }),
      ConnectError,
    )
  ));
  assertEquals(connections, 1);
  assertEquals(errors.every(({ phase }) => phase === "auth"), true);
  assertEquals(errors[9]!.host, "h9");
  assertStringIncludes(
    errors[9]!.message,
    "Cannot reach h9: it is the same server as h0, and would fail in the same way: Cannot log in to h0",
  );
});

Deno.test("another key, another user and the same name again are tried", async () => {
  const logins = new FirstLogins();
  const fail = (name: string) => () => Promise.reject(refusal(name));
  await assertRejects(() => logins.open(login("h1"), fail("h1")));
  const works = () => Promise.resolve("in");
  const others = [
    login("h2", { offer: "another key" }),
    login("h3", { key: "you@192.0.2.1" }),
    login("h1"),
  ];
  for (const other of others) {
    assertEquals(await logins.open(other, works), "in");
  }
});

Deno.test("a question without an answer is not asked again for those that wait", async () => {
  const logins = new FirstLogins();
  const error = new UnansweredLogin("no answer", { phase: "auth", host: "h1" });
  const first = logins.open(login("h1"), () => Promise.reject(error));
  const second = logins.open(login("h2"), () => Promise.resolve("in"));
  await assertRejects(() => first);
  await assertRejects(() => second, ConnectError, "no answer");
  const works = () => Promise.resolve("in");
  assertEquals(await logins.open(login("h2"), works), "in");
});

Deno.test("a success ends what was refused before", async () => {
  const logins = new FirstLogins();
  const fail = () => Promise.reject(refusal("h1"));
  const works = () => Promise.resolve("in");
  await assertRejects(() => logins.open(login("h1"), fail));
  await logins.open(login("h1"), works);
  assertEquals(await logins.open(login("h2"), works), "in");
});

Deno.test("a refusal stands for a few seconds", async () => {
  let nowMs = 0;
  const logins = new FirstLogins({ nowMs: () => nowMs });
  const fail = () => Promise.reject(refusal("h1"));
  await assertRejects(() => logins.open(login("h1"), fail));
  nowMs = 10_000;
  assertEquals(
    await logins.open(login("h2"), () => Promise.resolve("in")),
    "in",
  );
});

Deno.test("a ban holds for everything that is offered", async () => {
  const logins = new FirstLogins();
  const ban = new ServerRefusal("Cannot reach h1: banned", {
    host: "h1",
    mayPass: true,
  });
  await assertRejects(() =>
    logins.open(login("h1"), () => Promise.reject(ban))
  );
  const error = await assertRejects(
    () =>
      logins.open(
        login("h2", { offer: "another key" }),
        () => Promise.resolve(),
      ),
    ConnectError,
  );
  assertEquals([error.phase, error.mayPass], ["connect", true]);
});

Deno.test("nobody waits long for a first login that hangs", async () => {
  const logins = new FirstLogins({ waitMs: 1 });
  const hanging = Promise.withResolvers<void>();
  const first = logins.open(login("h1"), () => hanging.promise);
  await logins.open(login("h2"), () => Promise.resolve());
  hanging.resolve();
  await first;
});
