import { assertEquals, assertRejects } from "@std/assert";
import { ClientFiles } from "../../../src/core/session/client_files.ts";

Deno.test("ClientFiles asks for an archive once, and gives it to all that wait", async () => {
  const asked: string[] = [];
  const files = new ClientFiles((id) => asked.push(id));
  const both = [files.archive("a"), files.archive("a")];
  const bytes = new Uint8Array([1]);
  files.giveArchive("a", bytes);
  const given = { id: "a", bytes };
  assertEquals(await Promise.all(both), [given, given]);
  files.leave();
  assertEquals(await files.archive("a"), given);
  assertEquals(asked, ["a"]);
});

Deno.test("an archive that a client has not given when it leaves is not waited for", async () => {
  const files = new ClientFiles(() => {});
  const waiting = files.archive("a");
  files.leave();
  await assertRejects(() => waiting, Error, "The client is gone");
});
