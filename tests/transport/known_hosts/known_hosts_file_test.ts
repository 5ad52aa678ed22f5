import { assertEquals, assertRejects } from "@std/assert";
import {
  appendKnownHost,
  KnownHostsFiles,
  readKnownHosts,
} from "../../../src/transport/known_hosts/known_hosts_file.ts";

async function withFolder(fn: (folder: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    await fn(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("appendKnownHost() makes file and folder, for the user alone", async () => {
  await withFolder(async (folder) => {
    const file = `${folder}/.ssh/known_hosts`;
    await appendKnownHost(file, "web1 ssh-ed25519 AAAA");
    assertEquals(await Deno.readTextFile(file), "web1 ssh-ed25519 AAAA\n");
    const mode = async (path: string) => (await Deno.stat(path)).mode! & 0o777;
    assertEquals(await mode(file), 0o600);
    assertEquals(await mode(`${folder}/.ssh`), 0o700);
  });
});

Deno.test("appendKnownHost() keeps the existing text, even an unfinished line", async () => {
  await withFolder(async (folder) => {
    const file = `${folder}/known_hosts`;
    await Deno.writeTextFile(file, "# mine\nweb1 ssh-rsa BBBB");
    await appendKnownHost(file, "web2 ssh-ed25519 AAAA");
    assertEquals(
      await Deno.readTextFile(file),
      "# mine\nweb1 ssh-rsa BBBB\nweb2 ssh-ed25519 AAAA\n",
    );
  });
});

Deno.test("appendKnownHost() loses no line when many append at once", async () => {
  await withFolder(async (folder) => {
    const file = `${folder}/known_hosts`;
    const lines = Array.from({ length: 50 }, (_, i) => `web${i} t k`);
    await Deno.writeTextFile(file, "mine t k");
    await Promise.all(lines.map((line) => appendKnownHost(file, line)));
    const text = await Deno.readTextFile(file);
    assertEquals(
      text.trimEnd().split("\n").sort(),
      ["mine t k", ...lines].sort(),
    );
  });
});

Deno.test("readKnownHosts() takes a file that is missing for an empty one", async () => {
  await withFolder(async (folder) => {
    const file = `${folder}/known_hosts`;
    const blob = new TextEncoder().encode("\0\0\0\x0bssh-ed25519\0\0\0\x01a");
    const base64 = btoa(new TextDecoder().decode(blob));
    await Deno.writeTextFile(file, `web1 ssh-ed25519 ${base64}\n`);
    const known = await readKnownHosts([`${folder}/none`, file]);
    assertEquals(known.check("web1", 22, { type: "ssh-ed25519", blob }), {
      verdict: "known",
      file,
      line: 1,
    });
  });
});

Deno.test("readKnownHosts() names a file that cannot be read", async () => {
  await withFolder(async (folder) => {
    await assertRejects(
      () => readKnownHosts([`${folder}/missing`, folder]),
      Error,
      `${folder} cannot be read: it is a folder`,
    );
    const pipe = `${folder}/pipe`;
    await new Deno.Command("mkfifo", { args: [pipe] }).output();
    await assertRejects(
      () => readKnownHosts([pipe]),
      Error,
      "it is not a regular file",
    );
  });
});

Deno.test("readKnownHosts() does not trust a file that everybody can write to", async () => {
  await withFolder(async (folder) => {
    const file = `${folder}/known_hosts`;
    await Deno.writeTextFile(file, "");
    await Deno.chmod(file, 0o666);
    await assertRejects(
      () => readKnownHosts([file]),
      Error,
      `${file} cannot be read: everybody can write to it; inspect it`,
    );
  });
});

Deno.test("KnownHostsFiles takes new lines, and forgets removed ones", async () => {
  await withFolder(async (folder) => {
    const file = `${folder}/known_hosts`;
    const blob = new TextEncoder().encode("\0\0\0\x0bssh-ed25519\0\0\0\x01a");
    const key = { type: "ssh-ed25519", blob };
    const base64 = btoa(new TextDecoder().decode(blob));
    const files = new KnownHostsFiles(0);
    const verdict = async (text: string) => {
      await Deno.writeTextFile(file, text);
      return (await files.known([file])).check("web1", 22, key).verdict;
    };
    const held = await files.known([file]);
    assertEquals(await verdict("# no host\n"), "unknown");
    assertEquals(await verdict(`web1 ssh-ed25519 ${base64}\n`), "known");
    // A connection that has asked before sees it, too.
    assertEquals(held.check("web1", 22, key).verdict, "known");
    const revoked =
      `web1 ssh-ed25519 ${base64}\n@revoked web1 ssh-ed25519 ${base64}\n`;
    assertEquals(await verdict(revoked), "revoked");
    await Deno.remove(file);
    assertEquals((await files.known([file])).check("web1", 22, key), {
      verdict: "unknown",
      others: [],
    });
  });
});

Deno.test("KnownHostsFiles reads a file again that could not be read", async () => {
  await withFolder(async (folder) => {
    const files = new KnownHostsFiles(0);
    await assertRejects(() => files.known([folder]), Error, "it is a folder");
    assertEquals(await files.authorities([folder]), undefined);
    await Deno.writeTextFile(`${folder}/file`, "");
    await files.known([`${folder}/file`]);
  });
});
