import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { FtlError } from "../../../../src/errors.ts";
import {
  type NatsCredentials,
  openNats,
} from "../../../../src/core/nats/server/nats_link.ts";
import {
  type NatsAccess,
  natsNeed,
  type NatsServer,
  startNatsServer,
} from "../../../support/nats_server.ts";

async function isIn(url: string, credentials: NatsCredentials) {
  const link = await openNats({ url, credentials, name: "test" });
  await link.close();
}

function test(
  access: NatsAccess,
  credentialsOf: (server: NatsServer) => Promise<NatsCredentials>,
): void {
  Deno.test({
    name: `openNats() connects with: ${access}${natsNeed.suffix}`,
    ignore: natsNeed.ignore,
    fn: async () => {
      await using server = await startNatsServer({ access });
      await isIn(server.url, await credentialsOf(server));
      if (access === "everybody") return;
      await assertRejects(
        () => isIn(server.url, {}),
        FtlError,
        `Cannot connect to NATS at ${server.url}: `,
      );
    },
  });
}

test("everybody", () => Promise.resolve({}));
test("password", ({ login }) => Promise.resolve(login));
test("nkey", async ({ key, folder }) => {
  const nkey = join(folder, "user.nk");
  await Deno.writeTextFile(nkey, `${key!.seed}\n`);
  return { nkey };
});
test("tls", ({ certificates }) => {
  const { ca, clientCert, clientKey } = certificates!;
  return Promise.resolve({ ca, cert: clientCert, key: clientKey });
});

Deno.test({
  name: `openNats() takes a user and a password from the URL${natsNeed.suffix}`,
  ignore: natsNeed.ignore,
  fn: async () => {
    await using server = await startNatsServer({ access: "password" });
    const { user, password } = server.login;
    const url = new URL(server.url);
    const link = await openNats({
      url: `nats://${user}:${encodeURIComponent(password)}@${url.host}`,
      name: "test",
    });
    assertEquals(link.shown, server.url);
    await link.close();
  },
});

Deno.test("openNats() refuses a URL with a bare % in its password, without quoting it", async () => {
  for (const url of ["nats://ann:50%off@127.0.0.1:1", "nats://50%off@h"]) {
    const { message } = await assertRejects(() => isIn(url, {}), FtlError);
    assertEquals(
      message,
      "Cannot use the address of NATS: its user or password has a % that starts no escape",
    );
  }
});

Deno.test({
  name:
    `openNats() says when the server is lost, and when it is back${natsNeed.suffix}`,
  ignore: natsNeed.ignore,
  fn: async () => {
    await using server = await startNatsServer({ access: "everybody" });
    const notes: string[] = [];
    const back = Promise.withResolvers<void>();
    const link = await openNats({
      url: server.url,
      name: "test",
      onNote: (text) => {
        notes.push(text);
        if (text.endsWith("is back")) back.resolve();
      },
    });
    await server.kill();
    await server.restart();
    await back.promise;
    await link.close();
    assertEquals(notes, [
      `Lost NATS at ${server.url}; trying again`,
      `NATS at ${server.url} is back`,
    ]);
  },
});
