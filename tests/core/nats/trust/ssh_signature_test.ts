// Signatures in both directions with the real ssh-keygen, of every type of key.
import { Buffer } from "node:buffer";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import fc from "fast-check";
import {
  findSigningKey,
  type SigningKey,
} from "../../../../src/core/nats/trust/signing_key.ts";
import {
  isSignatureOf,
  parseSshSignature,
} from "../../../../src/core/nats/trust/ssh_signature.ts";
import { FtlError } from "../../../../src/errors.ts";
import { WireViolation } from "../../../../src/transport/ssh/guard/wire_reader.ts";
import { agentNeed, startAgent } from "../../../support/agent.ts";
import {
  makeSshKey,
  runSshKeygen,
  sshKeygenNeed,
} from "../../../support/ssh_keys.ts";

const NAMESPACE = "ftl-call";
const MESSAGE = new TextEncoder().encode("run uptime on web1");
const KINDS: readonly [string, readonly string[]][] = [
  ["ed25519", []],
  ["ecdsa", ["-b", "256"]],
  ["ecdsa", ["-b", "384"]],
  ["ecdsa", ["-b", "521"]],
  ["rsa", ["-b", "2048"]],
];

function test(name: string, fn: (folder: string) => Promise<void>): void {
  const need = sshKeygenNeed.ignore ? sshKeygenNeed : agentNeed;
  Deno.test({
    name: name + need.suffix,
    ignore: need.ignore,
    async fn() {
      const folder = await Deno.makeTempDir();
      try {
        await fn(folder);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

/** Has ssh-keygen verify a signature, as `alice`. */
async function verifyWithSshKeygen(
  folder: string,
  key: SigningKey,
  signature: Uint8Array,
): Promise<void> {
  const [allowed, armored] = [join(folder, "allowed"), join(folder, "sig")];
  await Deno.writeTextFile(allowed, `alice ${key.line}\n`);
  await Deno.writeTextFile(
    armored,
    `-----BEGIN SSH SIGNATURE-----\n${
      signature.toBase64().replace(/.{70}/g, "$&\n")
    }\n-----END SSH SIGNATURE-----\n`,
  );
  await runSshKeygen([
    ...["-Y", "verify", "-f", allowed, "-I", "alice"],
    ...["-n", NAMESPACE, "-s", armored],
  ], MESSAGE);
}

for (const [type, args] of KINDS) {
  const kind = [type, ...args.slice(1)].join(" ");
  test(`ssh-keygen verifies what an ${kind} key in a file and in an agent signed`, async (folder) => {
    const file = await makeSshKey(folder, "key", { type, args });
    await using agent = await startAgent(folder, [file]);
    await Deno.rename(file, `${file}.away`);
    for (
      const [path, agentSocket] of [
        [`${file}.away`, ""],
        [`${file}.pub`, agent.socket],
      ] as const
    ) {
      const key = await findSigningKey({ file: path, agentSocket, home: "/" });
      for (let i = 0; i < 5; i++) { // ECDSA has signatures of several lengths
        const signature = await key.sign(MESSAGE, NAMESPACE);
        await verifyWithSshKeygen(folder, key, signature);
        assert(await isSignatureOf(parseSshSignature(signature), MESSAGE));
      }
      key.close();
    }
  });

  test(`isSignatureOf() verifies what ssh-keygen signed with an ${kind} key`, async (folder) => {
    const file = await makeSshKey(folder, "key", { type, args });
    for (const hash of ["sha256", "sha512"]) {
      const armored = new TextDecoder().decode(
        await runSshKeygen([
          ...["-Y", "sign", "-f", file, "-n", NAMESPACE],
          ...["-O", `hashalg=${hash}`],
        ], MESSAGE),
      );
      const base64 = armored.replace(/-----[^-]+-----/g, "");
      const signature = parseSshSignature(Uint8Array.fromBase64(base64));
      assertEquals(signature.namespace, NAMESPACE);
      assert(await isSignatureOf(signature, MESSAGE));
      assert(!await isSignatureOf(signature, MESSAGE.subarray(1)));
      assert(
        !await isSignatureOf({ ...signature, namespace: "file" }, MESSAGE),
      );
    }
  });

  if (type === "rsa" || args.includes("521")) continue; // they are slow
  test(`no byte of a signature of an ${kind} key can be changed or cut`, async (folder) => {
    const file = await makeSshKey(folder, "key", { type, args });
    const key = await findSigningKey({ file, agentSocket: "", home: "/" });
    const signature = await key.sign(MESSAGE, NAMESPACE);
    const own = parseSshSignature(signature);
    for (let at = 0; at < signature.length; at++) {
      const changed = signature.slice();
      changed[at]! ^= 1 << at % 8;
      assert(!await isAccepted(changed), `byte ${at}`);
      assert(!await isAccepted(signature.subarray(0, at)), `cut at ${at}`);
    }
    assert(await isAccepted(signature));

    /** As a worker does: only a signature of the known key counts. */
    async function isAccepted(bytes: Uint8Array): Promise<boolean> {
      try {
        const read = parseSshSignature(bytes);
        return Buffer.compare(read.publicKey, own.publicKey) === 0 &&
          read.namespace === NAMESPACE && await isSignatureOf(read, MESSAGE);
      } catch (error) {
        assert(error instanceof WireViolation, String(error));
        return false;
      }
    }
  });
}

Deno.test("parseSshSignature() refuses any bytes with a WireViolation", () => {
  const start = [...new TextEncoder().encode("SSHSIG"), 0, 0, 0, 1];
  fc.assert(fc.property(
    fc.uint8Array({ maxLength: 200 }),
    fc.boolean(),
    (bytes, isAfterStart) => {
      try {
        parseSshSignature(
          Uint8Array.from(isAfterStart ? [...start, ...bytes] : bytes),
        );
        return false;
      } catch (error) {
        return error instanceof WireViolation;
      }
    },
  ));
});

test("findSigningKey() uses the agent for a file that needs a passphrase", async (folder) => {
  const file = await makeSshKey(folder, "key", { passphrase: "open sesame" });
  const error = await assertRejects(
    () => findSigningKey({ file, agentSocket: "", home: "/" }),
    FtlError,
    "it needs a passphrase",
  );
  assertEquals(
    error.hint,
    "Name a private key, or add it to the agent with ssh-add",
  );
  const open = await makeSshKey(folder, "open");
  await using agent = await startAgent(folder, [open]);
  const key = await findSigningKey({
    file: undefined,
    agentSocket: agent.socket,
    home: folder,
  });
  await verifyWithSshKeygen(folder, key, await key.sign(MESSAGE, NAMESPACE));
  key.close();
});

test("findSigningKey() asks for a passphrase when it signs", async (folder) => {
  const file = await makeSshKey(folder, "key", { passphrase: "open sesame" });
  let asked = 0;
  const key = await findSigningKey({
    file,
    agentSocket: "",
    home: "/",
    askPassphrase: () => Promise.resolve(asked++ ? "open sesame" : "wrong"),
  });
  assertEquals(asked, 0);
  await verifyWithSshKeygen(folder, key, await key.sign(MESSAGE, NAMESPACE));
  await key.sign(MESSAGE, NAMESPACE);
  assertEquals(asked, 2);
});

test("findSigningKey() takes the user's own ed25519 key, and says when there is none", async (folder) => {
  const home = { agentSocket: "", home: folder };
  await assertRejects(() => findSigningKey(home), FtlError, "id_rsa");
  await Deno.mkdir(join(folder, ".ssh"));
  await makeSshKey(join(folder, ".ssh"), "id_rsa", { type: "rsa" });
  const file = await makeSshKey(join(folder, ".ssh"), "id_ed25519");
  const key = await findSigningKey(home);
  const { stdout } = await new Deno.Command("ssh-keygen", {
    args: ["-l", "-f", file],
  }).output();
  assert(new TextDecoder().decode(stdout).includes(key.fingerprint));
});
