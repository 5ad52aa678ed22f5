// Keys for the demo's hosts and their one user.
import * as ssh2 from "../../../transport/ssh/ssh2.ts";

/** An ed25519 key pair in OpenSSH's formats. */
export interface KeyPair {
  private: string;
  public: string;
}

/**
 * Makes a key pair. ssh2 writes a private key that begins with a zero byte in a
 * form that it cannot read itself, about one in 256: such a key is made anew.
 */
export function generateKeyPair(): KeyPair {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync("ed25519");
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error)) return pair;
  }
}
