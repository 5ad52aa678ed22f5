// What `ipaddr` can be asked of an address: its netmask, its broadcast address.
import { TemplateError } from "../template_error.ts";
import { IpNetwork } from "../values/ip_network.ts";
import type { Value } from "../values/template_value.ts";

/** An address, how it was written, and what the filter was given. */
export interface IpQuery {
  readonly ip: IpNetwork;
  /** Whether it was written without a prefix. */
  readonly isAddress: boolean;
  readonly value: Value;
}

type Answer = (query: IpQuery) => Value;

/** The lowest and the highest address for hosts. */
export function usableOf(ip: IpNetwork): [bigint, bigint] {
  return ip.size <= 2n ? [ip.first, ip.last] : [ip.first + 1n, ip.last - 1n];
}

function expectNetwork({ isAddress }: IpQuery): void {
  if (isAddress) throw new TemplateError("Not a network address");
}

/** Whether the address is that of its network. */
function isNetwork({ value, first }: IpNetwork): boolean {
  return value === first;
}

const address: Answer = ({ ip }) => {
  if (ip.size === 1n || !isNetwork(ip) || ip.broadcast === undefined) {
    return ip.address;
  }
  return ip.version === 6 ? ip.address : null;
};

const hostWithPrefix: Answer = ({ ip }) =>
  ip.size > 2n && (isNetwork(ip) || ip.value === ip.broadcast)
    ? false
    : String(ip);

function within(...networks: readonly string[]): Answer {
  const known = networks.map((text) => IpNetwork.parse(text)!);
  return ({ ip, value }) => {
    const alone = new IpNetwork(ip.version, ip.value, ip.width);
    return known.some((network) => network.has(alone)) ? value : null;
  };
}

const PRIVATE = [
  ...["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "192.0.0.0/24"],
  ...["169.254.0.0/16", "198.18.0.0/15", "100.64.0.0/10", "127.0.0.0/8"],
  ...["239.192.0.0/14", "fc00::/7", "fe80::/10", "fec0::/10"],
];

const isPrivate = within(...PRIVATE);
const loopback = within("127.0.0.0/8", "::1/128");
const multicast = within("224.0.0.0/4", "ff00::/8");
const unicast: Answer = (
  query,
) => (multicast(query) === null ? query.value : null);

const isPublic: Answer = (query) => {
  const { ip, value } = query;
  const bits = ip.value.toString(2).padStart(ip.width, "0");
  const isMask = /^1*0*$|^0*1*$/.test(bits);
  const others = [isPrivate, loopback, multicast];
  return isMask || others.some((each) => each(query) !== null) ? null : value;
};

function neighbor(step: bigint): Answer {
  return (query) => {
    expectNetwork(query);
    const { ip } = query;
    if (ip.size === 1n) return null;
    const [low, high] = usableOf(ip);
    const next = ip.value + step;
    return next >= low && next <= high ? ip.toText(next) : null;
  };
}

function usableEnd(at: 0 | 1): Answer {
  return (query) => {
    expectNetwork(query);
    const { ip } = query;
    return ip.size === 1n ? null : ip.toText(usableOf(ip)[at]);
  };
}

const peer: Answer = (query) => {
  expectNetwork(query);
  const { ip } = query;
  if (ip.size === 2n) return ip.toText(ip.value ^ 1n);
  if (ip.size !== 4n) throw new TemplateError("Not a point-to-point network");
  const part = ip.value % 4n;
  if (part === 0n) {
    throw new TemplateError("Network address of /30 has no peer");
  }
  if (part === 3n) {
    throw new TemplateError("Broadcast address of /30 has no peer");
  }
  return ip.toText(ip.value ^ 3n);
};

const reverse: Answer = ({ ip }) => {
  if (ip.version === 4) {
    return `${ip.address.split(".").reverse().join(".")}.in-addr.arpa.`;
  }
  const digits = ip.value.toString(16).padStart(32, "0");
  return `${[...digits].reverse().join(".")}.ip6.arpa.`;
};

const sixToFour: Answer = (query) => {
  const { ip } = query;
  if (ip.version === 6) return within("2002::/16")(query) ?? false;
  if (ip.size > 1n && isNetwork(ip)) return false;
  const hex = ip.value.toString(16).padStart(8, "0");
  return `2002:${hex.slice(0, 4)}:${hex.slice(4)}::1/48`;
};

const asV4: Answer = ({ ip, value }) => {
  if (ip.version === 4) return value;
  const high = ip.value >> 32n;
  if (high !== 0n && high !== 0xffffn) return false;
  return `${new IpNetwork(
    4,
    ip.value & 0xffffffffn,
    Math.max(0, ip.prefix - 96),
  )}`;
};

const asV6: Answer = ({ ip, value }) =>
  ip.version === 6
    ? value
    : `${new IpNetwork(6, ip.value | 0xffffn << 32n, ip.prefix + 96)}`;

const ownAddress: Answer = ({ ip }) =>
  ip.size === 2n || (ip.size > 2n && !isNetwork(ip)) ? String(ip) : null;

const withMask: Answer = ({ ip }) =>
  ip.size === 2n || (ip.size > 2n && !isNetwork(ip))
    ? `${ip.address} ${ip.toText(ip.netMask)}`
    : null;

const hostMask: Answer = ({ ip }) => ip.toText(ip.hostMask);
const network: Answer = ({ ip }) => ip.toText(ip.first);

/** The queries by name. */
export const IP_QUERIES: ReadonlyMap<string, Answer> = new Map(
  Object.entries<Answer>({
    "": ({ ip, isAddress }) => (isAddress ? ip.address : String(ip)),
    "6to4": sixToFour,
    address,
    ip: address,
    "address/prefix": hostWithPrefix,
    gateway: hostWithPrefix,
    gw: hostWithPrefix,
    "host/prefix": hostWithPrefix,
    hostnet: hostWithPrefix,
    router: hostWithPrefix,
    bool: () => true,
    broadcast: ({ ip }) => (ip.size > 2n ? ip.toText(ip.last) : null),
    cidr: ({ ip }) => String(ip),
    first_usable: usableEnd(0),
    last_usable: usableEnd(1),
    next_usable: neighbor(1n),
    previous_usable: neighbor(-1n),
    range_usable: (query) => {
      expectNetwork(query);
      const { ip } = query;
      if (ip.size === 1n) return null;
      return usableOf(ip).map((value) => ip.toText(value)).join("-");
    },
    host: ({ ip }) =>
      ip.size === 1n || !isNetwork(ip) || ip.broadcast === undefined
        ? String(ip)
        : null,
    hostmask: hostMask,
    wildcard: hostMask,
    int: ({ ip, isAddress }) =>
      isAddress ? ip.value : `${ip.value}/${ip.prefix}`,
    "ip/prefix": ownAddress,
    ip_netmask: withMask,
    ipv4: asV4,
    v4: asV4,
    ipv6: asV6,
    v6: asV6,
    "link-local": within("169.254.0.0/16", "fe80::/10"),
    lo: loopback,
    loopback,
    multicast,
    unicast,
    net: ({ ip }) => (ip.size > 1n && isNetwork(ip) ? String(ip) : null),
    netmask: ({ ip }) => ip.toText(ip.netMask),
    network,
    network_id: network,
    "network/prefix": ({ ip }) => String(ip.cidr),
    subnet: ({ ip }) => String(ip.cidr),
    network_netmask: ({ ip }) =>
      `${ip.toText(ip.first)} ${ip.toText(ip.netMask)}`,
    network_wildcard: ({ ip }) =>
      `${ip.toText(ip.first)} ${ip.toText(ip.hostMask)}`,
    peer,
    prefix: ({ ip }) => BigInt(ip.prefix),
    private: isPrivate,
    public: isPublic,
    revdns: reverse,
    size: ({ ip }) => ip.size,
    size_usable: ({ ip }) =>
      ip.size === 1n ? 0n : ip.size === 2n ? 2n : ip.size - 2n,
    type: ({ ip }) => ip.size === 1n || !isNetwork(ip) ? "address" : "network",
    version: ({ ip }) => BigInt(ip.version),
    wrap: ({ ip, isAddress, value }) => {
      if (ip.version === 4) return value;
      return `[${ip.address}]${isAddress ? "" : `/${ip.prefix}`}`;
    },
  }),
);
