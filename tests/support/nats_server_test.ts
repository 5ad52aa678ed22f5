// The servers that tests get: whom they let in, and what is left after a kill.
import { createConnection } from "node:net";
import { connect as connectTls } from "node:tls";
import { assertEquals, assertMatch } from "@std/assert";
import { opensslNeed } from "./nats_credentials.ts";
import { natsNeed, type NatsServer, startNatsServer } from "./nats_server.ts";

const name = (text: string) => text + natsNeed.suffix;
const { ignore } = natsNeed;

Deno.test({
  name: name("startNatsServer() has JetStream, and lets everybody in"),
  ignore,
  async fn() {
    await using server = await startNatsServer();
    assertEquals(await greet(server, {}), "PONG");
    assertMatch(server.log(), /JetStream/);
  },
});

Deno.test({
  name: name("startNatsServer() lets in who knows the password"),
  ignore,
  async fn() {
    await using server = await startNatsServer({ access: "password" });
    const { user, password } = server.login;
    assertEquals(await greet(server, { user, pass: password }), "PONG");
    assertMatch(await greet(server, { user, pass: "x" }), /Authorization/);
  },
});

Deno.test({
  name: name("startNatsServer() lets in who signs with the nkey"),
  ignore,
  async fn() {
    await using server = await startNatsServer({ access: "nkey" });
    const { user, seed } = server.key!;
    assertEquals(await greet(server, { nkey: user }, seed), "PONG");
    assertMatch(await greet(server, {}), /Authorization/);
  },
});

Deno.test({
  name: `startNatsServer() lets in who has a certificate${
    natsNeed.suffix ||
    opensslNeed.suffix
  }`,
  ignore: ignore || opensslNeed.ignore,
  async fn() {
    await using server = await startNatsServer({ access: "tls" });
    const { ca, clientCert, clientKey } = server.certificates!;
    const read = Deno.readTextFileSync;
    const own = { cert: read(clientCert), key: read(clientKey) };
    assertEquals(await greetOverTls(server, read(ca), own), "PONG");
    assertMatch(await greetOverTls(server, read(ca)), /certificate/i);
  },
});

Deno.test({
  name: name("restart() keeps port and store after kill -9"),
  ignore,
  async fn() {
    await using server = await startNatsServer({ settings: ["debug: true"] });
    const stream = { name: "kept", subjects: ["kept.*"], storage: "file" };
    const made = await ask(server, "$JS.API.STREAM.CREATE.kept", stream);
    assertEquals(made.error, undefined);
    await server.kill();
    await server.restart();
    const listed = await ask(server, "$JS.API.STREAM.NAMES", {});
    assertEquals(listed.streams, ["kept"]);
  },
});

Deno.test({
  name: name("maxStore makes a stream that is full"),
  ignore,
  async fn() {
    await using server = await startNatsServer({ maxStore: "1MB" });
    const stream = { name: "big", subjects: ["big"], max_bytes: 2 << 20 };
    const made = await ask(server, "$JS.API.STREAM.CREATE.big", {
      ...stream,
      storage: "file",
    });
    assertMatch(String(made.error?.description), /insufficient storage/);
  },
});

/** Connects, pings, and returns the server's answer: `PONG` or an error. */
async function greet(
  server: NatsServer,
  connect: Record<string, string>,
  seed = "",
): Promise<string> {
  using connection = await Deno.connect({
    hostname: "127.0.0.1",
    port: server.port,
  });
  const info = JSON.parse((await readLine(connection)).slice("INFO ".length));
  const words = seed === ""
    ? connect
    : { ...connect, sig: await signature(info.nonce, seed) };
  const text = JSON.stringify({ verbose: false, ...words });
  await connection.write(
    new TextEncoder().encode(`CONNECT ${text}\r\nPING\r\n`),
  );
  return await readLine(connection);
}

/** The same over TLS, which starts after the server's first line. */
async function greetOverTls(
  server: NatsServer,
  ca: string,
  own: { cert?: string; key?: string } = {},
): Promise<string> {
  const plain = createConnection(server.port, "127.0.0.1");
  await new Promise((resolve) => plain.once("data", resolve));
  const socket = connectTls({ socket: plain, ca, ...own });
  socket.write('CONNECT {"verbose":false}\r\nPING\r\n');
  try {
    return await new Promise<string>((resolve) => {
      socket.once("data", (bytes) => resolve(String(bytes).trim()));
      socket.once("error", (error) => resolve(error.message));
      socket.once("close", () => resolve("closed"));
    });
  } finally {
    socket.destroy();
    plain.destroy();
  }
}

/** Asks a subject, and returns the JSON of the answer. */
async function ask(
  server: NatsServer,
  subject: string,
  question: unknown,
  // deno-lint-ignore no-explicit-any -- whatever the server answers
): Promise<any> {
  using connection = await Deno.connect({
    hostname: "127.0.0.1",
    port: server.port,
  });
  await readLine(connection);
  const body = JSON.stringify(question);
  await connection.write(new TextEncoder().encode(
    `CONNECT {"verbose":false}\r\nSUB answer 1\r\n` +
      `PUB ${subject} answer ${body.length}\r\n${body}\r\n`,
  ));
  await readLine(connection);
  return JSON.parse(await readLine(connection));
}

/** Reads a line, byte by byte. */
async function readLine(connection: Deno.Conn): Promise<string> {
  const byte = new Uint8Array(1);
  const bytes: number[] = [];
  while (await connection.read(byte) !== null && byte[0] !== 10) {
    bytes.push(byte[0]!);
  }
  if (bytes.length === 0) throw new Error("The server closed the connection");
  return new TextDecoder().decode(Uint8Array.from(bytes)).trim();
}

async function signature(nonce: string, seed: string): Promise<string> {
  const bits = [...seed].map((letter) =>
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2)
      .padStart(5, "0")
  ).join("");
  const raw = bits.match(/.{8}/g)!.slice(2, 34).map((byte) =>
    parseInt(byte, 2)
  );
  const der = Uint8Array.fromHex("302e020100300506032b657004220420");
  const key = await crypto.subtle.importKey(
    "pkcs8",
    Uint8Array.from([...der, ...raw]),
    "Ed25519",
    false,
    ["sign"],
  );
  const bytes = await crypto.subtle.sign(
    "Ed25519",
    key,
    new TextEncoder().encode(nonce),
  );
  return new Uint8Array(bytes).toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
}
