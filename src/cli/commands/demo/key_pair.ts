// Key pairs for the hosts of the demo and their user.
import * as ssh2 from "../../../transport/ssh/library/ssh2.ts";

/** An ed25519 key pair in OpenSSH's formats. */
export interface KeyPair {
  private: string;
  public: string;
}

/**
 * Makes a key pair. ssh2 cannot read the form in which it writes a private key
 * that starts with a zero byte, about one in 256: then it makes another key.
 */
export function generateKeyPair(): KeyPair {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync("ed25519");
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error)) return pair;
  }
}
