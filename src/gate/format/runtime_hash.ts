// Identifies the runtime without its text, which a run needs only when it builds or
// opens a gate. In the bundle, the hash is computed when it is made
// (scripts/compile/bundle.ts).

/** The hash of the embedded runtime. */
export async function runtimeHash(): Promise<string> {
  const { runtimeFiles } = await import("./runtime_files.ts");
  const text = JSON.stringify([...runtimeFiles]);
  const digest = await crypto.subtle.digest(
    "SHA-256",
    new TextEncoder().encode(text),
  );
  return new Uint8Array(digest).toHex();
}
