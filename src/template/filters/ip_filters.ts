// The filters of addresses of ansible.utils: ipaddr, ipsubnet and others.
import { TemplateError } from "../template_error.ts";
import type { Filter } from "../run/library_types.ts";
import { isTrue, itemsOf } from "../values/compare.ts";
import { IpNetwork } from "../values/ip_network.ts";
import { parseWhole, toInteger } from "../values/numbers.ts";
import { toText } from "../values/printed_text.ts";
import { typeNameOf, Undefined, type Value } from "../values/template_value.ts";
import { IP_QUERIES, type IpQuery, usableOf } from "./ip_queries.ts";

/** Reads an address, a network, or the number of one. */
function readIp(value: Value, version?: 4 | 6): IpQuery | undefined {
  if (value instanceof Undefined) value.fail();
  const text = toText(value);
  if (/^\d+$/.test(text)) {
    const ip = IpNetwork.ofNumbers(BigInt(text), undefined, version) ??
      IpNetwork.ofNumbers(BigInt(text), undefined, 6);
    return ip && { ip, isAddress: true, value: String(ip) };
  }
  const ip = IpNetwork.parse(text);
  if (ip !== undefined) return { ip, isAddress: !text.includes("/"), value };
  const [, address, prefix] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  if (address === undefined) return undefined;
  const made = IpNetwork.ofNumbers(BigInt(address), Number(prefix));
  return made && { ip: made, isAddress: false, value: String(made) };
}

/** Ansible's `ipaddr`. */
function ipAddress(
  value: Value,
  query: Value,
  version: 4 | 6 | undefined,
  filter: string,
): Value {
  if (Array.isArray(value)) {
    return value.map((each) => ipAddress(each, toText(query), version, filter))
      .filter(isTrue);
  }
  if (value instanceof Undefined) value.fail();
  if (!isTrue(value) || value === true) return false;
  const read = readIp(value, version);
  if (read === undefined) return false;
  const name = query === null || query === false ? "" : toText(query);
  const answer = IP_QUERIES.get(name);
  const within = answer === undefined ? IpNetwork.parse(name) : undefined;
  if (version !== undefined && read.ip.version !== version) return false;
  if (answer !== undefined) return answer(read);
  if (within !== undefined) return within.has(read.ip) ? read.value : null;
  const index = parseWhole(name);
  if (index === undefined) {
    throw new TemplateError(`${filter}: unknown filter type: ${name}`);
  }
  const { ip, isAddress } = read;
  if (ip.size === 1n) return isAddress ? ip.address : String(ip);
  const found = nth(ip, index);
  return found === undefined ? false : `${ip.toText(found)}/${ip.prefix}`;
}

/** An address of a network by its position; negative ones count from the end. */
function nth(ip: IpNetwork, index: bigint): bigint | undefined {
  const at = index < 0n ? ip.size + index : index;
  return at >= 0n && at < ip.size ? ip.first + at : undefined;
}

function named(filter: string, version?: 4 | 6): Filter {
  return [
    "query?",
    (value, { args }) => ipAddress(value, args.query ?? "", version, filter),
  ];
}

function expectIp(value: Value): IpNetwork {
  const read = readIp(value);
  if (read !== undefined) return read.ip;
  throw new TemplateError(
    `You must pass a valid IP address; ${toText(value)} is invalid`,
  );
}

const subnet: Filter = ["query? index?", (value, { args }) => {
  const read = readIp(value);
  if (read === undefined) return false;
  const ip = read.ip.cidr;
  const query = toText(args.query ?? "");
  const index = args.index ?? null;
  if (query === "") return String(ip);
  if (/^\d+$/.test(query)) {
    return subnetBySize(
      ip,
      Number(query),
      index === null ? null : toInteger(index),
    );
  }
  const within = expectIp(query).cidr;
  if (!within.has(ip)) {
    throw new TemplateError(`${ip} is not in the subnet ${within}`);
  }
  const position = ip.first - within.first >> BigInt(ip.width - ip.prefix);
  return String(position + 1n);
}];

function subnetBySize(
  ip: IpNetwork,
  size: number,
  index: bigint | null,
): Value {
  if (size > ip.width) return false;
  const made = (value: bigint, prefix = size) =>
    String(new IpNetwork(ip.version, value, prefix).cidr);
  if (ip.size === 1n) {
    const bits = BigInt(ip.width);
    if (index === null) return made(ip.value);
    if (index > bits + 1n - index || index < BigInt(size) - bits) return false;
    const at = index < 0n ? bits - BigInt(size) + index : index;
    return made(ip.value, size + Number(at));
  }
  if (size < ip.prefix) {
    throw new TemplateError(`Requested subnet size of ${size} is invalid`);
  }
  const count = 1n << BigInt(size - ip.prefix);
  if (index === null) return String(count);
  const at = index < 0n ? index + count : index;
  if (at < 0n || at >= count) return false;
  return made(ip.first + (at << BigInt(ip.width - size)));
}

function nthUsable(sign: 1n | -1n): Filter {
  return ["offset", (value, { args }) => {
    const read = readIp(value);
    if (read === undefined) return false;
    if (typeof args.offset !== "bigint") {
      throw new TemplateError("Must pass in an integer");
    }
    const { ip } = read;
    if (ip.size === 1n) return null;
    const [low, high] = usableOf(ip);
    const found = ip.value + sign * args.offset;
    return found >= low && found <= high ? ip.toText(found) : null;
  }];
}

/** Whether a network has another, all its addresses or the usable ones only. */
function inNetwork(isUsable: boolean): Filter {
  return ["test", (value, { args }) => {
    const [outer, inner] = [readIp(value)?.ip, readIp(args.test!)?.ip];
    if (outer === undefined || inner === undefined) return false;
    if (outer.version !== inner.version) return false;
    const [low, high] = isUsable ? usableOf(outer) : [outer.first, outer.last];
    return inner.first >= low && inner.last <= high;
  }];
}

/** The fewest networks that have exactly the same addresses. */
function mergeNetworks(networks: readonly IpNetwork[]): IpNetwork[] {
  const sorted = networks.map(({ cidr }) => cidr).toSorted((a, b) =>
    a.version - b.version ||
    (a.first < b.first ? -1 : a.first > b.first ? 1 : a.prefix - b.prefix)
  );
  const merged: IpNetwork[] = [];
  for (let next of sorted) {
    if (merged.at(-1)?.has(next)) continue;
    for (let last = merged.at(-1); last !== undefined; last = merged.at(-1)) {
      const both = new IpNetwork(last.version, last.first, last.prefix - 1);
      const isPair = last.version === next.version && last.prefix > 0 &&
        last.prefix === next.prefix && both.first === last.first &&
        both.has(next);
      if (!isPair) break;
      merged.pop();
      next = both;
    }
    merged.push(next);
  }
  return merged;
}

const cidrMerge: Filter = ["action?", (value, { args }) => {
  const action = toText(args.action ?? "merge");
  const networks = itemsOf(value).map(expectIp);
  if (action === "merge") return mergeNetworks(networks).map(String);
  if (action !== "span") {
    throw new TemplateError(`cidr_merge: invalid action '${action}'`);
  }
  const [first] = networks;
  if (first === undefined) return null;
  let span = networks.length === 1 ? first : first.cidr;
  while (!networks.every((each) => span.has(each.cidr))) {
    span = new IpNetwork(span.version, span.value, span.prefix - 1).cidr;
    if (span.prefix === 0) break;
  }
  return String(span);
}];

const MAC_STYLES: Readonly<Record<string, readonly [number, string, boolean]>> =
  {
    // Digits in a group, the mark between groups, and whether zeros are kept.
    bare: [12, "", true],
    cisco: [4, ".", true],
    eui48: [2, "-", true],
    win: [2, "-", true],
    linux: [2, ":", true],
    pgsql: [6, ":", true],
    postgresql: [6, ":", true],
    psql: [6, ":", true],
    unix: [2, ":", false],
  };

const hardware: Filter = ["query?", (value, { args }) => {
  const query = toText(args.query ?? "");
  const groups = toText(value).toLowerCase().split(/[-:.]/);
  const digits = groups.map((group) => group.padStart(12 / groups.length, "0"))
    .join("");
  if (!/^[\da-f]{12}$/.test(digits)) {
    if (query === "") return null;
    if (query === "bool") return null;
    throw new TemplateError(`hwaddr: not a hardware address: ${toText(value)}`);
  }
  if (query === "") return value;
  if (query === "bool") return true;
  if (query === "int") return BigInt(`0x${digits}`);
  const style = MAC_STYLES[query];
  if (style === undefined) {
    throw new TemplateError(`hwaddr: unknown filter type: ${query}`);
  }
  const [size, mark, keepsZeros] = style;
  const text = query === "bare" || query === "eui48" || query === "win"
    ? digits.toUpperCase()
    : digits;
  const parts = text.match(new RegExp(`.{${size}}`, "g"))!;
  return parts.map((group) => keepsZeros ? group : group.replace(/^0(?=.)/, ""))
    .join(mark);
}];

/** The filters of this file. */
export const IP_FILTERS: Readonly<Record<string, Filter>> = {
  ipaddr: named("ipaddr"),
  ipv4: named("ipv4", 4),
  ipv6: named("ipv6", 6),
  ipwrap: ["query?", (value, { args }) => {
    const wrap = (each: Value): Value => {
      const found = ipAddress(each, args.query ?? "", undefined, "ipwrap");
      return isTrue(found)
        ? ipAddress(found, "wrap", undefined, "ipwrap")
        : each;
    };
    return Array.isArray(value) ? value.map(wrap) : wrap(value);
  }],
  ipsubnet: subnet,
  ipmath: ["amount", (value, { args }) => {
    const ip = expectIp(value);
    if (typeof args.amount !== "bigint") {
      throw new TemplateError(
        `You must pass an integer for arithmetic; ${
          toText(args.amount!)
        } is not a valid integer`,
      );
    }
    return ip.toText(ip.value + args.amount);
  }],
  nthhost: ["query?", (value, { args }) => {
    const read = readIp(value);
    if (read === undefined || !isTrue(args.query ?? "")) return false;
    const found = nth(read.ip.cidr, toInteger(args.query!));
    return found === undefined ? false : read.ip.toText(found);
  }],
  next_nth_usable: nthUsable(1n),
  previous_nth_usable: nthUsable(-1n),
  network_in_network: inNetwork(false),
  network_in_usable: inNetwork(true),
  cidr_merge: cidrMerge,
  hwaddr: hardware,
  macaddr: hardware,
  ip4_hex: ["delimiter?", (value, { args }) => {
    const ip = IpNetwork.parse(toText(value));
    if (ip?.version !== 4) {
      throw new TemplateError(
        `ip4_hex takes an address of IPv4, not ${typeNameOf(value)} ${
          toText(value)
        }`,
      );
    }
    const hex = ip.value.toString(16).padStart(8, "0");
    return hex.match(/../g)!.join(toText(args.delimiter ?? ""));
  }],
};
