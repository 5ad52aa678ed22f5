// Addresses in the one form by which known_hosts knows them.

/** What getaddrinfo(3) may take for an IPv4 address, such as `127.1` or `0x7f000001`. */
const V4 = /^(?:(?:0x[0-9a-f]+|\d+)(?:\.|$))+(?<!\.)$/;

/** IPv6 without an interface, and without an IPv4 address in it. */
const V6 = /^[0-9a-f:]*:[0-9a-f:]*$/;

/**
 * An address as ssh writes it: `0:0::1` is `::1`, and `127.1` is `127.0.0.1`. Other
 * names stay as they are.
 *
 * @param name in lower case
 */
export function canonicalAddress(name: string): string {
  const isV6 = V6.test(name);
  if (!isV6 && !V4.test(name)) return name;
  // A URL has its addresses in the same form (RFC 5952 for IPv6).
  const url = URL.parse(isV6 ? `http://[${name}]` : `http://${name}`);
  return url?.hostname.replace(/^\[|\]$/g, "") ?? name;
}
