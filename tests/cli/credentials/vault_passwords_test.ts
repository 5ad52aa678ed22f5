// Vault passwords against ansible-vault: what it encrypts with a source is
// decrypted with the same source.
import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import type { Context } from "../../../src/cli/commands/context.ts";
import { vaultOf } from "../../../src/cli/credentials/vault_passwords.ts";
import { needProgram } from "../../support/need.ts";

const vaultNeed = needProgram("ansible-vault");

function contextWith(more: Partial<Context> = {}): Context {
  return {
    signal: new AbortController().signal,
    secrets: new Set(),
    ...more,
  } as Partial<Context> as Context;
}

async function withFolder(fn: (folder: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    await fn(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function encrypt(folder: string, source: string): Promise<string> {
  const plain = join(folder, "plain");
  await Deno.writeTextFile(plain, "text");
  const { code, stderr } = await new Deno.Command(vaultNeed.path, {
    args: ["encrypt", "--vault-id", source, plain],
    env: { HOME: folder, ANSIBLE_LOCAL_TEMP: folder },
  }).output();
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
  return await Deno.readTextFile(plain);
}

const FILES: readonly (readonly [what: string, content: string | number[]])[] =
  [
    ["one line", "sesame\n"],
    ["several lines", "one\ntwo\r\n three\n"],
    ["blanks at both ends", " \n\t sesame \v\f\n"],
    ["no line end", "sesame"],
    ["bytes that are not text", [0xff, 0x00, 0xfe, 0x20, 0x80, 0x0a]],
    ["letters beyond ASCII", "pässwörd\u00a0\n"],
  ];

for (const [what, content] of FILES) {
  Deno.test({
    name: `a password file counts whole: ${what}${vaultNeed.suffix}`,
    ignore: vaultNeed.ignore,
    fn: () =>
      withFolder(async (folder) => {
        const file = join(folder, "a@b");
        const bytes = typeof content === "string"
          ? new TextEncoder().encode(content)
          : Uint8Array.from(content);
        await Deno.writeFile(file, bytes, { mode: 0o600 });
        const text = await encrypt(folder, `prod@${file}`);
        for (const source of [file, `prod@${file}`]) {
          const context = contextWith();
          const vault = vaultOf({ vaultPasswordFile: [source] }, context);
          assertEquals(await vault!.decrypt(text), "text");
        }
      }),
  });
}

Deno.test({
  name: `a program's output counts whole, blanks included${vaultNeed.suffix}`,
  ignore: vaultNeed.ignore,
  fn: () =>
    withFolder(async (folder) => {
      const file = join(folder, "program");
      const script = '#!/bin/sh\nprintf "\\n  one\\ntwo \\r\\n\\n"\n';
      await Deno.writeTextFile(file, script, { mode: 0o700 });
      const text = await encrypt(folder, file);
      const context = contextWith();
      const vault = vaultOf({ vaultPasswordFile: [file] }, context);
      assertEquals(await vault!.decrypt(text), "text");
      assertEquals([...context.secrets], ["  one\ntwo "]);
    }),
});

Deno.test({
  name:
    `standard input, a prompt with an id, and an encrypted password file give passwords${vaultNeed.suffix}`,
  ignore: vaultNeed.ignore,
  fn: () =>
    withFolder(async (folder) => {
      const first = join(folder, "first");
      await Deno.writeTextFile(first, "text", { mode: 0o600 });
      const text = await encrypt(folder, `prod@${first}`);

      const piped = contextWith({ readInput: () => Promise.resolve("text\n") });
      const stdin = vaultOf({ vaultPasswordFile: ["-"] }, piped);
      assertEquals(await stdin!.decrypt(text), "text");

      const prompts: string[] = [];
      const asked = contextWith({
        askSecret: (prompt) => {
          prompts.push(prompt);
          return Promise.resolve(" text ");
        },
      });
      const prompt = vaultOf({ vaultPasswordFile: ["prod@prompt"] }, asked);
      assertEquals(await prompt!.decrypt(text), "text");
      assertEquals(prompts, ["Vault password (prod): "]);
      assertEquals(vaultOf({ vaultPasswordFile: ["x"] }, asked), prompt);

      // The file with the second password is encrypted with the first.
      const second = join(folder, "second");
      await Deno.writeTextFile(second, text, { mode: 0o600 });
      const both = vaultOf(
        { vaultPasswordFile: [first, `other@${second}`] },
        contextWith(),
      );
      assertEquals(await both!.decrypt(text), "text");
    }),
});

Deno.test("a password file of blanks is refused", () =>
  withFolder(async (folder) => {
    const file = join(folder, "empty");
    await Deno.writeTextFile(file, " \n\n", { mode: 0o600 });
    const vault = vaultOf({ vaultPasswordFile: [file] }, contextWith());
    await assertRejects(
      () => vault!.decrypt("$ANSIBLE_VAULT;1.1;AES256\n33300a33300a3330\n"),
      Error,
      `Cannot use ${file}: it is empty`,
    );
  }));
