import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import type { Context } from "../../../src/cli/commands/context.ts";
import { UsageError } from "../../../src/cli/process/exit_code.ts";
import {
  readSecretContent,
  readSecretFile,
} from "../../../src/cli/credentials/secret_file.ts";

const context = {
  signal: new AbortController().signal,
  readInput: () => Promise.resolve("from stdin\n"),
  secrets: new Set(),
} as Partial<Context> as Context;

function withFile(
  name: string,
  { text, mode }: { text: string; mode: number },
  fn: (path: string) => Promise<void>,
): void {
  Deno.test(name, async () => {
    const folder = await Deno.makeTempDir();
    const path = join(folder, "secret");
    try {
      await Deno.writeTextFile(path, text);
      await Deno.chmod(path, mode);
      await fn(path);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

withFile("the first line of a file is the secret, blanks included", {
  text: " open sesame \r\nsecond\n",
  mode: 0o600,
}, async (path) => {
  assertEquals(await readSecretFile(path, context), " open sesame ");
});

withFile("a file that other users can read is refused", {
  text: "sesame\n",
  mode: 0o640,
}, async (path) => {
  const error = await assertRejects(
    () => readSecretFile(path, context),
    UsageError,
    `Cannot use ${path}: other users can read it`,
  );
  assertEquals(error.hint, `Run chmod 600 ${path}`);
});

withFile("a program's first line is the secret", {
  text: '#!/bin/sh\necho "sesame $1"; echo second\n',
  mode: 0o755,
}, async (path) => {
  const { bytes } = await readSecretContent(path, context, ["a b"]);
  assertEquals(new TextDecoder().decode(bytes).split("\n")[0], "sesame a b");
  assertEquals((await readSecretFile(path, context)).trim(), "sesame");
});

withFile("a program that other users can change is not run", {
  text: "#!/bin/sh\necho sesame\n",
  mode: 0o757,
}, async (path) => {
  await assertRejects(
    () => readSecretFile(path, context),
    UsageError,
    `Cannot run ${path}: everybody can write to it`,
  );
});

withFile("a program that fails is an error, whatever it printed", {
  text: "#!/bin/sh\necho sesame; exit 3\n",
  mode: 0o700,
}, async (path) => {
  await assertRejects(
    () => readSecretFile(path, context),
    UsageError,
    `Cannot read what ${path} prints: it ended with status 3`,
  );
});

withFile("an empty first line is refused", {
  text: "\nsecond\n",
  mode: 0o600,
}, async (path) => {
  await assertRejects(
    () => readSecretFile(path, context),
    UsageError,
    `Cannot use ${path}: its first line is empty`,
  );
});

Deno.test("a missing file is named, and `-` is stdin", async () => {
  await assertRejects(
    () => readSecretFile("/no/such/file", context),
    UsageError,
    "Cannot read /no/such/file: the file does not exist",
  );
  assertEquals(await readSecretFile("-", context), "from stdin");
});

for (
  const [name, command] of [
    [
      "a program that prints too much, and has ended, is refused",
      "head -c 66000 /dev/zero",
    ],
    ["a program that prints endlessly is killed", "exec yes"],
  ] as const
) {
  const program = { text: `#!/bin/sh\n${command}\n`, mode: 0o755 };
  withFile(name, program, async (path) => {
    await assertRejects(
      () => readSecretFile(path, context),
      UsageError,
      `Cannot read what ${path} prints: the output is too long`,
    );
  });
}

withFile("a program that ignores the signal is killed", {
  text: "#!/bin/sh\ntrap '' TERM\nwhile :; do sleep 1; done\n",
  mode: 0o755,
}, async (path) => {
  const abort = new AbortController();
  const reading = readSecretFile(path, { ...context, signal: abort.signal });
  setTimeout(() => abort.abort(new Error("enough")), 200);
  await assertRejects(() => reading, Error, "enough");
});

withFile("an interrupt does not wait for the program", {
  text: "#!/bin/sh\nsleep 60\necho sesame\n",
  mode: 0o755,
}, async (path) => {
  const signal = AbortSignal.timeout(200);
  await assertRejects(
    () => readSecretFile(path, { ...context, signal } as Context),
    DOMException,
  );
});
