import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { AllowedSenders } from "../../../../src/core/nats/trust/allowed_senders.ts";
import {
  GrantedKeys,
  makeRunKey,
  signGrant,
} from "../../../../src/core/nats/trust/run_key.ts";
import {
  signCall,
  type VerifiedCall,
  verifyCall,
} from "../../../../src/core/nats/trust/signed.ts";
import type { SigningKey } from "../../../../src/core/nats/trust/signing_key.ts";
import { FtlError } from "../../../../src/errors.ts";

const NOW = Date.UTC(2026, 10, 29, 12);
const HOUR_MS = 3_600_000;
const BODY = new TextEncoder().encode("uptime");
const RECEIVER = new Uint8Array(32).fill(7);
const RUN = { run: "run-1", sender: "alice@laptop", now: NOW };

interface Lab {
  /** The sender's own key: any SigningKey will do. */
  readonly sender: SigningKey;
  readonly runKey: SigningKey;
  /** The file of allowed senders. */
  readonly path: string;
  readonly granted: GrantedKeys;
  grant(options?: { key?: SigningKey; now?: number }): Promise<Uint8Array>;
  call(options?: { key?: SigningKey; run?: string }): Promise<Uint8Array>;
  verify(bytes: Uint8Array, now?: number): Promise<VerifiedCall>;
}

function test(name: string, fn: (lab: Lab) => Promise<void>): void {
  Deno.test(name, async () => {
    const folder = await Deno.makeTempDir();
    try {
      const [sender, runKey] = [await makeRunKey(), await makeRunKey()];
      const path = join(folder, "allowed");
      await Deno.writeTextFile(path, `alice ${sender.line}\n`);
      const granted = new GrantedKeys(new AllowedSenders(path));
      await fn({
        ...{ sender, runKey, path, granted },
        grant: (options) =>
          signGrant(runKey, {
            ...{ ...RUN, key: sender, receiver: RECEIVER, lifetimeMs: HOUR_MS },
            ...options,
          }),
        call: (options) =>
          signCall(BODY, {
            ...{ ...RUN, key: runKey, recipient: "site eu", lifetimeMs: 1000 },
            ...options,
          }),
        verify: (bytes, now = NOW) =>
          verifyCall(bytes, {
            allowed: granted,
            recipients: ["site eu"],
            now,
          }),
      });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

test("a granted key signs calls, and the sender's name stays", async (lab) => {
  assertEquals(await lab.granted.admit(await lab.grant(), NOW), {
    run: "run-1",
    receiver: RECEIVER,
  });
  await lab.granted.admit(await lab.grant(), NOW); // it may come again
  const { signer, body } = await lab.verify(await lab.call());
  assertEquals([signer.name, signer.fingerprint, body], [
    "alice",
    lab.sender.fingerprint,
    BODY,
  ]);
});

test("a key that was not granted is refused, and so is a sender's key that signs a call itself", async (lab) => {
  const calls = [await lab.call(), await lab.call({ key: lab.sender })];
  for (const [i, call] of calls.entries()) {
    const { fingerprint } = [lab.runKey, lab.sender][i]!;
    await assertRejects(
      () => lab.verify(call),
      FtlError,
      `no allowed sender has granted the key ${fingerprint}`,
    );
  }
});

test("a granted key signs calls of its run only", async (lab) => {
  await lab.granted.admit(await lab.grant(), NOW);
  const call = await lab.call({ run: "run-2" });
  await assertRejects(
    () => lab.verify(call),
    FtlError,
    "granted its key to run run-1 only",
  );
});

test("a grant counts until it expires, or its sender is no longer allowed", async (lab) => {
  await lab.granted.admit(await lab.grant(), NOW);
  const call = await lab.call();
  const late = NOW + HOUR_MS;
  await assertRejects(() => lab.verify(call, late), FtlError, "no allowed");
  await lab.verify(call);
  await Deno.writeTextFile(lab.path, "# nobody\n");
  await assertRejects(
    () => lab.verify(call),
    FtlError,
    `the key ${lab.sender.fingerprint} is not in ${lab.path}`,
  );
});

test("a grant that a stranger signed is refused", async (lab) => {
  const stranger = await makeRunKey();
  const grant = await lab.grant({ key: stranger });
  await assertRejects(
    () => lab.granted.admit(grant, NOW),
    FtlError,
    `the key ${stranger.fingerprint} is not in`,
  );
});

test("a call is never a grant, and a grant is never a call", async (lab) => {
  const call = await lab.call({ key: lab.sender });
  await assertRejects(
    () => lab.granted.admit(call, NOW),
    FtlError,
    "signed it for site eu, and this is every worker",
  );
  await lab.granted.admit(await lab.grant(), NOW);
  const grant = await lab.grant({ key: lab.runKey });
  await assertRejects(
    () => lab.verify(grant),
    FtlError,
    "signed it for every worker, and this is site eu",
  );
});

test("a grant of a malformed key is refused", async (lab) => {
  const { line } = lab.runKey;
  const lines = [
    "",
    `${line} comment`,
    line.slice(0, -1),
    line.replace("ssh-ed25519 ", "ssh-rsa "),
    line.replace("AAAAC3", "AAAAC4"),
    `${line}\n`,
  ];
  for (const wrong of lines) {
    const grant = await signGrant({ ...lab.runKey, line: wrong }, {
      ...{ ...RUN, key: lab.sender, receiver: RECEIVER, lifetimeMs: HOUR_MS },
    });
    await assertRejects(
      () => lab.granted.admit(grant, NOW),
      FtlError,
      "its keys are malformed",
    );
  }
});

test("the number of grants is bounded", async (lab) => {
  const granted = new GrantedKeys(new AllowedSenders(lab.path), { most: 3 });
  const bounded = async (now: number) => {
    const grant = await signGrant(await makeRunKey(), {
      ...{
        ...RUN,
        key: lab.sender,
        receiver: RECEIVER,
        lifetimeMs: HOUR_MS,
        now,
      },
    });
    return granted.admit(grant, now);
  };
  for (let i = 0; i < 3; i++) await bounded(NOW);
  await assertRejects(() => bounded(NOW), FtlError, "3 runs");
  await bounded(NOW + HOUR_MS);
});
