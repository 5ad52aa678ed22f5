import { assertEquals } from "@std/assert";
import { NamelessFile } from "../../../../src/core/nats/files/nameless_file.ts";

Deno.test("chunks of a nameless file stay as they are when the next ones are read", async () => {
  const file = await NamelessFile.open();
  try {
    const whole = Uint8Array.from({ length: 700_000 }, (_, i) => i * 7 % 251);
    file.append(whole);
    const chunks = await Array.fromAsync(file.read(100, 600_000));
    assertEquals(chunks.length > 1, true);
    const read = await new Blob(chunks).bytes();
    assertEquals(read, whole.slice(100, 600_100));
  } finally {
    file.close();
  }
});
