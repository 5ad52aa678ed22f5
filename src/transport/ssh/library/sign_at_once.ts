// Logging in without asking first whether the host takes a key (RFC 4252, section 7:
// the question is optional), which saves a round trip. ssh2 1.17 always asks.
import type { Ssh2Protocol } from "./ssh2_internals.ts";

/**
 * Sends the signature at once.
 *
 * @param isExpected whether the host is expected to take the key that is next
 */
export function signAtOnce(
  protocol: Ssh2Protocol,
  isExpected: () => boolean,
): void {
  const request = protocol.authPK;
  protocol.authPK = (user, key, algorithm, sign) => {
    const isQuestion = sign === undefined;
    // As if the host had said yes: ssh2 signs with the key that it has just chosen.
    if (isQuestion && isExpected()) protocol._handlers.USERAUTH_PK_OK(protocol);
    else request.call(protocol, user, key, algorithm, sign);
  };
}
