import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import fc from "fast-check";
import { AllowedSenders } from "../../../../src/core/nats/trust/allowed_senders.ts";
import {
  CALL_NAMESPACE,
  MAX_CALL_LIFETIME_MS,
  signCall,
  type VerifiedCall,
  verifyCall,
} from "../../../../src/core/nats/trust/signed.ts";
import {
  findSigningKey,
  type SigningKey,
} from "../../../../src/core/nats/trust/signing_key.ts";
import { FtlError } from "../../../../src/errors.ts";
import {
  makeSshKey,
  runSshKeygen,
  sshKeygenNeed,
} from "../../../support/ssh_keys.ts";

const NOW = Date.UTC(2026, 10, 29, 12);
const BODY = new TextEncoder().encode('{"command":["uptime"]}');
const STATED = {
  run: "20261129-120000-abc",
  recipient: "site eu",
  sender: "alice@laptop",
};

interface Lab {
  readonly folder: string;
  readonly key: SigningKey;
  readonly stranger: SigningKey;
  readonly allowed: AllowedSenders;
  sign(options?: {
    key?: SigningKey;
    now?: number;
    lifetimeMs?: number;
    recipient?: string;
  }): Promise<Uint8Array>;
  verify(bytes: Uint8Array, now?: number): Promise<VerifiedCall>;
}

function test(name: string, fn: (lab: Lab) => Promise<void>): void {
  Deno.test({
    name: name + sshKeygenNeed.suffix,
    ignore: sshKeygenNeed.ignore,
    async fn() {
      const folder = await Deno.makeTempDir();
      try {
        const open = async (name: string) =>
          await findSigningKey({
            file: await makeSshKey(folder, name),
            agentSocket: "",
            home: folder,
          });
        const key = await open("alice");
        const path = join(folder, "allowed");
        await Deno.writeTextFile(path, `alice ${key.line}\n`);
        const allowed = new AllowedSenders(path);
        await fn({
          folder,
          key,
          stranger: await open("stranger"),
          allowed,
          sign: (options) =>
            signCall(BODY, {
              ...{ ...STATED, key, now: NOW, lifetimeMs: 60_000 },
              ...options,
            }),
          verify: (bytes, now = NOW) =>
            verifyCall(bytes, {
              allowed,
              recipients: ["site eu", "worker ftl-worker-x"],
              now,
            }),
        });
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

test("verifyCall() gives what an allowed sender signed", async (lab) => {
  const { id, signer, ...call } = await lab.verify(await lab.sign());
  assertEquals(signer, {
    name: "alice",
    fingerprint: lab.key.fingerprint,
    publicKey: Uint8Array.fromBase64(lab.key.line.split(" ")[1]!),
  });
  assertEquals(call, {
    ...STATED,
    issued: NOW,
    expires: NOW + 60_000,
    body: BODY,
  });
  assertEquals(id.length, 36);
});

test("two calls with the same content have different ids", async (lab) => {
  const [a, b] = [await lab.sign(), await lab.sign()];
  const ids = [(await lab.verify(a!)).id, (await lab.verify(b!)).id];
  assertEquals(new Set(ids).size, 2);
});

test("verifyCall() refuses a sender that is not allowed, by fingerprint", async (lab) => {
  const bytes = await lab.sign({ key: lab.stranger });
  const error = await assertRejects(() => lab.verify(bytes), FtlError);
  assertEquals(
    error.message,
    `Cannot accept a call: the key ${lab.stranger.fingerprint} is not in ${lab.folder}/allowed`,
  );
});

test("verifyCall() refuses a call for another site or worker", async (lab) => {
  const bytes = await lab.sign({ recipient: "site us" });
  await assertRejects(
    () => lab.verify(bytes),
    FtlError,
    "signed it for site us, and this is site eu and worker ftl-worker-x",
  );
});

test("verifyCall() names clocks that differ, and accepts a minute", async (lab) => {
  const bytes = await lab.sign();
  await lab.verify(bytes, NOW - 60_000);
  await lab.verify(bytes, NOW + 59_999);
  const early = await assertRejects(
    () => lab.verify(bytes, NOW - 300_000),
    FtlError,
    "300 s in the future: when it was signed, its sender's clock read " +
      "2026-11-29T12:00:00Z, and here it is 2026-11-29T11:55:00Z",
  );
  assertEquals(early.hint!.startsWith("Set both clocks"), true);
  await assertRejects(
    () => lab.verify(bytes, NOW + 60_000),
    FtlError,
    "it expired at 2026-11-29T12:01:00Z",
  );
});

test("signCall() and verifyCall() refuse calls that are valid for too long", async (lab) => {
  for (const lifetimeMs of [0, -1, NaN, MAX_CALL_LIFETIME_MS + 1]) {
    await assertRejects(() => lab.sign({ lifetimeMs }), RangeError);
  }
  const statement = new TextEncoder().encode(JSON.stringify({
    ...{ id: "x", ...STATED, sha256: await hashOf(BODY) },
    ...{ issued: NOW, expires: NOW + MAX_CALL_LIFETIME_MS + 1 },
  }));
  const bytes = assemble(
    statement,
    await lab.key.sign(statement, CALL_NAMESPACE),
  );
  await assertRejects(() => lab.verify(bytes), FtlError, "seven days");
});

test("verifyCall() refuses a signature for another namespace", async (lab) => {
  const statement = new TextEncoder().encode("{}");
  const bytes = assemble(statement, await lab.key.sign(statement, "file"));
  await assertRejects(() => lab.verify(bytes), FtlError, "another purpose");
});

test("verifyCall() refuses signed statements that are incomplete", async (lab) => {
  const whole = {
    ...{ id: "x", ...STATED, sha256: await hashOf(BODY) },
    ...{ issued: NOW, expires: NOW + 1000 },
  };
  const wrong: unknown[] = [null, [], 1, "x", {}];
  for (const name of Object.keys(whole)) {
    for (const value of [undefined, null, {}, "x".repeat(2000), 1.5]) {
      wrong.push({ ...whole, [name]: value });
    }
  }
  for (const value of wrong) {
    const statement = new TextEncoder().encode(JSON.stringify(value));
    const bytes = assemble(
      statement,
      await lab.key.sign(statement, CALL_NAMESPACE),
    );
    await assertRejects(
      () => lab.verify(bytes),
      FtlError,
      "statement is not complete",
    );
  }
});

test("verifyCall() refuses a call that was changed at any byte", async (lab) => {
  const bytes = await lab.sign();
  for (let at = 0; at < bytes.length; at++) {
    const changed = bytes.slice();
    changed[at]! ^= 1 << at % 8;
    await assertRejects(() => lab.verify(changed), FtlError);
  }
});

test("verifyCall() refuses a call that was cut at any byte, or lengthened", async (lab) => {
  const bytes = await lab.sign();
  for (let length = 0; length < bytes.length; length++) {
    await assertRejects(() => lab.verify(bytes.subarray(0, length)), FtlError);
  }
  const longer = Uint8Array.from([...bytes, 0]);
  await assertRejects(() => lab.verify(longer), FtlError, "its content is not");
});

test("verifyCall() refuses any bytes with an FtlError", async (lab) => {
  const start = (await lab.sign()).subarray(0, 9);
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 300 }),
      fc.boolean(),
      async (bytes, isAfterStart) => {
        const given = isAfterStart
          ? Uint8Array.from([...start, ...bytes])
          : bytes;
        await assertRejects(() => lab.verify(given), FtlError);
      },
    ),
  );
});

test("an administrator can verify a statement with ssh-keygen", async (lab) => {
  const bytes = Uint8Array.from(await lab.sign());
  const view = new DataView(bytes.buffer);
  const length = view.getUint32(9);
  const statement = bytes.subarray(13, 13 + length);
  const signatureAt = 13 + length + 4;
  const signature = bytes.subarray(
    signatureAt,
    signatureAt + view.getUint32(13 + length),
  );
  const path = join(lab.folder, "sig");
  await Deno.writeTextFile(
    path,
    `-----BEGIN SSH SIGNATURE-----\n${
      signature.toBase64().replace(/.{70}/g, "$&\n")
    }\n-----END SSH SIGNATURE-----\n`,
  );
  await runSshKeygen([
    ...["-Y", "verify", "-f", join(lab.folder, "allowed"), "-I", "alice"],
    ...["-n", CALL_NAMESPACE, "-s", path],
  ], statement);
});

async function hashOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

function assemble(statement: Uint8Array, signature: Uint8Array): Uint8Array {
  const length = (bytes: Uint8Array) => {
    const field = new Uint8Array(4);
    new DataView(field.buffer).setUint32(0, bytes.length);
    return field;
  };
  return Uint8Array.from([
    ...[...new TextEncoder().encode("ftl-call"), 1],
    ...length(statement),
    ...statement,
    ...length(signature),
    ...signature,
    ...BODY,
  ]);
}
