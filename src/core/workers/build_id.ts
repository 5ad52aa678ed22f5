/**
 * Identifies a program by its main file: that of a bundle names all others by the
 * hashes of their contents. In a checkout it tells Deno versions apart only.
 */
export async function buildIdOf(main: string): Promise<string> {
  const digest = await crypto.subtle.digest(
    "SHA-256",
    await Deno.readFile(main),
  );
  return `${Deno.version.deno}-${new Uint8Array(digest).toHex()}`;
}
