// What a key file shows without its passphrase: whether our transport can use
// it, and whether an authority has signed it.
import type { KeyFile } from "./choose_transport.ts";

/** Looks at a key file; undefined when it is not there. */
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

/** The type is in the file's public half, which no passphrase covers. */
function isSecurityKey(text: string, publicHalf: string): boolean {
  if (publicHalf.startsWith("sk-")) return true;
  const armor = /-BEGIN OPENSSH PRIVATE KEY-+([^-]+)-/.exec(text)?.[1];
  if (armor === undefined) return false;
  try {
    return /\0sk-(ssh|ecdsa)-/.test(atob(armor.replace(/\s/g, "")));
  } catch {
    return false; // it is no key file, and whoever uses it will say so
  }
}

function read(path: string): string | undefined {
  try {
    // A pipe could be waited for without end, and be read once only.
    return Deno.statSync(path).isFile ? Deno.readTextFileSync(path) : undefined;
  } catch {
    return undefined; // one that we may not read is no use to us either
  }
}
