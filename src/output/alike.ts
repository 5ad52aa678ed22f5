// What hosts say of one and the same trouble differs by their names and their
// addresses only: a thousand hosts that are down are one line, not a thousand.

// IPv4 and IPv6 addresses.
const ADDRESS = /\b\d{1,3}(?:\.\d{1,3}){3}\b|\b[\da-f]*:[\da-f:]*:[\da-f]+\b/gi;

/** A message that reads the same for every host it befalls. */
export function withoutNames(message: string, host: string): string {
  return message.replaceAll(host, "HOST").replace(ADDRESS, "ADDRESS");
}
