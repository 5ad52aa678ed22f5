// IPv4 and IPv6 addresses with their networks.

/** An address and the length of its network's prefix. */
export class IpNetwork {
  constructor(
    readonly version: 4 | 6,
    readonly value: bigint,
    readonly prefix: number,
  ) {}

  /** An address with or without a prefix; undefined for other texts. */
  static parse(text: string): IpNetwork | undefined {
    const [address, prefix, ...others] = text.trim().split("/");
    if (others.length > 0) return undefined;
    const v4 = parseV4(address!);
    const value = v4 ?? parseV6(address!);
    if (value === undefined) return undefined;
    const version = v4 === undefined ? 6 : 4;
    const width = version === 4 ? 32 : 128;
    const length = prefix === undefined ? width : prefixOf(prefix, version);
    return length === undefined
      ? undefined
      : new IpNetwork(version, value, length);
  }

  /** From numbers; undefined when they fit neither version. */
  static ofNumbers(
    value: bigint,
    prefix: number | undefined,
    version?: 4 | 6,
  ): IpNetwork | undefined {
    for (const each of version === undefined ? [4, 6] as const : [version]) {
      const width = each === 4 ? 32 : 128;
      const length = prefix ?? width;
      if (value >= 0n && value < 1n << BigInt(width) && length <= width) {
        return new IpNetwork(each, value, length);
      }
    }
    return undefined;
  }

  /** Bits of an address. */
  get width(): number {
    return this.version === 4 ? 32 : 128;
  }

  /** How many addresses the network has. */
  get size(): bigint {
    return 1n << BigInt(this.width - this.prefix);
  }

  get hostMask(): bigint {
    return this.size - 1n;
  }

  get netMask(): bigint {
    return (1n << BigInt(this.width)) - this.size;
  }

  get first(): bigint {
    return this.value & this.netMask;
  }

  get last(): bigint {
    return this.value | this.hostMask;
  }

  /** Networks of IPv4 with one or two addresses have none. */
  get broadcast(): bigint | undefined {
    return this.version === 4 && this.width - this.prefix <= 1
      ? undefined
      : this.last;
  }

  /** The network without the address's own bits. */
  get cidr(): IpNetwork {
    return new IpNetwork(this.version, this.first, this.prefix);
  }

  /** Another address of the same version as text. */
  toText(value: bigint): string {
    return this.version === 4 ? writeV4(value) : writeV6(value);
  }

  get address(): string {
    return this.toText(this.value);
  }

  toString(): string {
    return `${this.address}/${this.prefix}`;
  }

  /** Whether another network is part of this one. */
  has(other: IpNetwork): boolean {
    return this.version === other.version && other.prefix >= this.prefix &&
      (other.value & this.netMask) === this.first;
  }
}

function prefixOf(text: string, version: 4 | 6): number | undefined {
  const width = version === 4 ? 32 : 128;
  if (/^\d+$/.test(text)) {
    return Number(text) <= width ? Number(text) : undefined;
  }
  const mask = version === 4 ? parseV4(text) : parseV6(text);
  if (mask === undefined) return undefined;
  const bits = mask.toString(2).padStart(width, "0");
  const ones = /^(1*)0*$/.exec(bits) ?? /^(0*)1*$/.exec(bits);
  return ones === null ? undefined : ones[1]!.length;
}

function parseV4(text: string): bigint | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let value = 0n;
  for (const part of parts) {
    if (!/^\d{1,3}$/.test(part) || Number(part) > 255) return undefined;
    value = value << 8n | BigInt(part);
  }
  return value;
}

function parseV6(text: string): bigint | undefined {
  let rest = text;
  const tail: string[] = [];
  const embedded = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (embedded !== null) {
    const v4 = parseV4(embedded[2]!);
    if (v4 === undefined) return undefined;
    rest = embedded[1]! + (v4 >> 16n).toString(16) + ":" +
      (v4 & 0xffffn).toString(16);
  }
  const halves = rest.split("::");
  if (halves.length > 2) return undefined;
  const groups = (half: string) => (half === "" ? [] : half.split(":"));
  const head = groups(halves[0]!);
  if (halves.length === 2) tail.push(...groups(halves[1]!));
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const all = [...head, ...Array(missing).fill("0"), ...tail];
  let value = 0n;
  for (const group of all) {
    if (!/^[\da-f]{1,4}$/i.test(group)) return undefined;
    value = value << 16n | BigInt(`0x${group}`);
  }
  return value;
}

function writeV4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => value >> shift & 255n).join(".");
}

/** The shortest form (RFC 5952, section 4). */
function writeV6(value: bigint): string {
  const groups = Array.from(
    { length: 8 },
    (_, at) => (value >> BigInt(112 - 16 * at) & 0xffffn).toString(16),
  );
  if (value >> 32n === 0xffffn) return `::ffff:${writeV4(value & 0xffffffffn)}`;
  let [start, length] = [-1, 1];
  for (let at = 0; at < 8; at++) {
    let end = at;
    while (groups[end] === "0") end++;
    if (end - at > length) [start, length] = [at, end - at];
  }
  if (start < 0) return groups.join(":");
  const head = groups.slice(0, start).join(":");
  return `${head}::${groups.slice(start + length).join(":")}`;
}
