// Reads tests/fixtures/protocol/: cases that the Python tests read as well.

/** Bytes as a fixture writes them. */
export type Octets = { text: string } | { hex: string };

/** The cases of one fixture file. */
export function readCases<T>(file: string): T[] {
  const url = new URL(`../fixtures/protocol/${file}`, import.meta.url);
  return JSON.parse(Deno.readTextFileSync(url)).cases;
}

/** The bytes that a fixture means. */
export function toBytes(octets: Octets): Uint8Array {
  return "hex" in octets
    ? Uint8Array.fromHex(octets.hex)
    : new TextEncoder().encode(octets.text);
}
