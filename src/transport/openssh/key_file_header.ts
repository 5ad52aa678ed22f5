// Reads from a key file, without its passphrase, whether the ssh transport can
// use it and whether an authority has signed it.
import type { KeyFile } from "./choose_transport.ts";

/** Inspects a key file; undefined when it does not exist. */
export function lookAtKey(path: string): KeyFile | undefined {
  const text = read(path) ?? "";
  const publicHalf = read(`${path}.pub`) ?? "";
  const certificate = `${path}-cert.pub`;
  const isCertified = read(certificate) !== undefined;
  if (text === "" && publicHalf === "" && !isCertified) return undefined;
  return {
    path,
    certificate: isCertified ? certificate : undefined,
    trouble: isSecurityKey(text, publicHalf)
      ? "a security key"
      : /^-+BEGIN (ENCRYPTED )?PRIVATE KEY-/m.test(text)
      ? "a PKCS#8 key"
      : undefined,
  };
}

/** The type is in the public half, which is not encrypted. */
function isSecurityKey(text: string, publicHalf: string): boolean {
  if (publicHalf.startsWith("sk-")) return true;
  const armor = /-BEGIN OPENSSH PRIVATE KEY-+([^-]+)-/.exec(text)?.[1];
  if (armor === undefined) return false;
  try {
    // The length of the type precedes it.
    return /\0\0\0[^\0]sk-(ssh|ecdsa)-/.test(atob(armor.replace(/\s/g, "")));
  } catch {
    return false; // not a key file: reading the key reports the error
  }
}

function read(path: string): string | undefined {
  try {
    // Reading a pipe could block forever, and empties it.
    return Deno.statSync(path).isFile ? Deno.readTextFileSync(path) : undefined;
  } catch {
    return undefined; // an unreadable file cannot be used either
  }
}
