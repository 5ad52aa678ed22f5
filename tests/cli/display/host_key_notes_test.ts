// What ftl reports about host keys besides results.
import { assertEquals, assertMatch } from "@std/assert";
import { HostKeyNotes } from "../../../src/cli/display/host_key_notes.ts";
import type { Context } from "../../../src/cli/commands/context.ts";
import { resultOf } from "../../output/sample_run.ts";

function notes(isVerbose: boolean): [HostKeyNotes, () => string] {
  let said = "";
  const context = { err: (text: string) => said += text } as unknown as Context;
  return [new HostKeyNotes(context, { isVerbose }), () => said];
}

/** The result of a host whose key is unknown. */
function unknown(host: string, scan: string) {
  const error = {
    kind: "connect",
    phase: "hostkey",
    message: `Cannot trust ${host}`,
    hint: `Compare it; or add what this prints: ssh-keyscan ${scan}`,
  } as const;
  const result = resultOf(host, { status: "unreachable", error });
  return { event: "result", t: 1, ...result } as const;
}

Deno.test("HostKeyNotes gives one line to paste for all unknown keys", async () => {
  const [keys, said] = notes(false);
  for (const host of ["web1", "web2"]) keys.event(unknown(host, host));
  keys.event(unknown("alias", "web1"));
  keys.event(unknown("db", "-p 2222 db"));
  await keys.finish();
  assertMatch(said(), /^ftl: the keys of 3 hosts are unknown/);
  assertMatch(
    said(),
    /: \{ ssh-keyscan web1 web2; ssh-keyscan -p 2222 db; \} >>~\/\.ssh\/known_hosts\n$/,
  );
});

Deno.test("HostKeyNotes leaves a single unknown key to its result", async () => {
  const [keys, said] = notes(false);
  keys.event(unknown("web1", "web1"));
  await keys.finish();
  assertEquals(said(), "");
});

Deno.test("HostKeyNotes reports keys that were added, with fingerprints at -v", async () => {
  const [quiet, said] = notes(false);
  quiet.added("web1", "ssh-ed25519 SHA256:x");
  quiet.added("web2", "ssh-ed25519 SHA256:y");
  await quiet.finish();
  assertEquals(
    said(),
    "ftl: added the keys of web[1-2] to known_hosts (fingerprints: -v)\n",
  );
  const [verbose, all] = notes(true);
  verbose.added("web1", "ssh-ed25519 SHA256:x");
  await verbose.finish();
  assertMatch(all(), /^ftl: added the key of web1: ssh-ed25519 SHA256:x\n/);
});
