// How a host is written in an inventory: a name or an address, with optional
// ranges and an optional port.
import { InventoryError } from "../../errors.ts";
import { errorAt, type TextPlace } from "../text_place.ts";
import { expandRange } from "../range.ts";

/**
 * Reads one entry of a host list: `web1`, `web1:2222`, `web[01:40]`,
 * `[2001:db8::1]:22`. A port counts only where it cannot be part of an IPv6
 * address (Ansible's parse_address).
 *
 * @throws {InventoryError} when a range in it is malformed.
 */
export function expandHosts(
  text: string,
  place: TextPlace,
): { names: string[]; port: number | undefined } {
  const { name, port } = splitPort(text);
  try {
    return { names: isIpv6(name) ? [name] : expandRange(name), port };
  } catch (error) {
    if (!(error instanceof InventoryError)) throw error;
    throw errorAt(place, lowerFirst(error.message), { cause: error });
  }
}

function splitPort(text: string): { name: string; port: number | undefined } {
  const bracketed = /^\[([^\][]*)\](?::([0-9]+))?$/.exec(text);
  if (bracketed?.[1] !== undefined && isIpv6(bracketed[1])) {
    const [, name, port] = bracketed;
    return { name, port: port === undefined ? undefined : Number(port) };
  }
  const plain = /^((?:[^:[\]]|\[[^\]]*\])+):([0-9]+)$/.exec(text);
  return plain?.[1] === undefined
    ? { name: text, port: undefined }
    : { name: plain[1], port: Number(plain[2]) };
}

/** Whether text is an IPv6 address without brackets; a zone is allowed. */
export function isIpv6(text: string): boolean {
  return /^[0-9a-fA-F:.]+(?:%\w+)?$/.test(text) &&
    text.indexOf(":") < text.lastIndexOf(":");
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
