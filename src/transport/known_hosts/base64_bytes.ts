// The base64 of known_hosts. Without Node's Buffer, whose loading takes longer than
// reading the file.

/** The bytes of a text in base64; undefined when it is not base64. */
export function base64Bytes(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.fromBase64(text);
  } catch {
    return undefined; // as in OpenSSH, such a line is skipped
  }
}
