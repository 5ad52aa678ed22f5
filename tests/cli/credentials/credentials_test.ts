// A host's questions, as the user at the terminal sees them.
import { assertEquals } from "@std/assert";
import type { Context } from "../../../src/cli/commands/context.ts";
import { readCredentials } from "../../../src/cli/credentials/credentials.ts";

/** The prompt for a host's question, and the lines above it. */
async function shown(text: string, instructions = "") {
  const seen: { prompt: string; above: string | undefined }[] = [];
  const ask = (prompt: string, { above }: { above?: string } = {}) => {
    seen.push({ prompt, above });
    return Promise.resolve("");
  };
  const context = { canAsk: true, ask, askSecret: ask } as unknown as Context;
  const { answer } = await readCredentials({}, context);
  await answer!({
    name: "web1",
    transport: "ssh",
    address: "web1",
    port: 22,
    user: "me",
    identityFiles: [],
  }, { text, instructions, echo: false });
  return seen[0]!;
}

Deno.test("a host's question is quoted after the host's name", async () => {
  assertEquals(await shown("Code: "), {
    prompt: 'web1 asks: "Code:" ',
    above: "",
  });
});

Deno.test("a host's question cannot be padded to look like one of ours", async () => {
  const paddings = [
    " ".repeat(400),
    "\n".repeat(80),
    "\r\n\t \v\f\u2028\u0085",
    "\u00a0\u3000".repeat(100),
    "\r",
  ];
  for (const padding of paddings) {
    const { prompt, above } = await shown(`x${padding}SSH password: `);
    assertEquals(/^web1 asks: "(?:x )?SSH password:" $/.test(prompt), true);
    assertEquals(/^(?:web1: x\n)?$/.test(above!), true, above);
  }
});

Deno.test("a host's question is limited in length", async () => {
  const { prompt, above } = await shown("x".repeat(10_000), "y\n".repeat(99));
  assertEquals(prompt.length < 230, true);
  assertEquals(above!.split("\n").length <= 30, true);
});
