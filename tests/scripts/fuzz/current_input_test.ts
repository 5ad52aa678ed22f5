import { assertEquals } from "@std/assert";
import {
  CurrentInput,
  readCurrentInput,
} from "../../../scripts/fuzz/current_input.ts";

Deno.test("another process finds the input that is being read", async () => {
  const path = await Deno.makeTempFile();
  try {
    assertEquals(await readCurrentInput(path), new Uint8Array());
    using current = new CurrentInput(path);
    const inputs = [1, 2, 3].map((byte) => new Uint8Array(1000).fill(byte));
    current.start(inputs);
    assertEquals(await readCurrentInput(path), inputs[0]);
    current.at(2);
    assertEquals(await readCurrentInput(path), inputs[2]);
    current.start([Uint8Array.of(4)]);
    assertEquals(await readCurrentInput(path), Uint8Array.of(4));
  } finally {
    await Deno.remove(path);
  }
});
