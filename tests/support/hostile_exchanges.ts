// Key exchanges in which a host breaks a rule, each in its own way, and what
// ftl must say about it.
import { createDiffieHellmanGroup } from "node:crypto";
import {
  concat,
  kexInit,
  MESSAGE,
  message,
  mpint,
  type Offer,
  type RawPeer,
  string,
  uint32,
} from "./raw_ssh_server.ts";

/** One way to break a rule before the host key is judged. */
export interface HostileExchange {
  readonly name: string;
  /** What the error must match. */
  readonly says: RegExp;
  /** What the user's ssh_config has to ask for, or the host gets nowhere. */
  readonly kex?: string;
  readonly hostKeys?: string;
  serve(peer: RawPeer): Promise<void>;
}

const GROUP_EXCHANGE = "diffie-hellman-group-exchange-sha256";
const P14 = BigInt(
  `0x${createDiffieHellmanGroup("modp14").getPrime().toString("hex")}`,
);

/** A good point of nistp256: its base point. */
const BASE_P256 = Uint8Array.fromHex(
  "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296" +
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
);

const ED25519_KEY = concat(string("ssh-ed25519"), string(new Uint8Array(32)));
const ED25519_SIGNATURE = concat(
  string("ssh-ed25519"),
  string(new Uint8Array(64)),
);
const POINT_25519 = new Uint8Array(32).fill(9);

function ones(bits: number): Uint8Array<ArrayBuffer> {
  return concat(Uint8Array.of(0), new Uint8Array(bits / 8).fill(0xff));
}

function reply(
  { key = ED25519_KEY, value = POINT_25519, signature = ED25519_SIGNATURE }: {
    key?: Uint8Array;
    value?: Uint8Array;
    signature?: Uint8Array;
  },
): Uint8Array<ArrayBuffer> {
  return message(MESSAGE.reply, string(key), string(value), string(signature));
}

function rsaKey(
  exponent: Uint8Array,
  modulus: Uint8Array,
): Uint8Array<ArrayBuffer> {
  return concat(string("ssh-rsa"), string(exponent), string(modulus));
}

/** Sends one message in answer to the client's first of an exchange. */
function answering(
  offer: Offer,
  answer: Uint8Array,
): HostileExchange["serve"] {
  return async (peer) => {
    await peer.beginExchange(offer);
    await peer.send(answer);
    await peer.send(message(MESSAGE.newKeys));
  };
}

function group(
  name: string,
  says: RegExp,
  { p, g = mpint(2n) }: { p: Uint8Array; g?: Uint8Array },
): HostileExchange {
  return {
    name: `a group exchange with ${name}`,
    says,
    kex: GROUP_EXCHANGE,
    serve: answering({ kex: GROUP_EXCHANGE }, message(MESSAGE.group, p, g)),
  };
}

function value(
  kex: string,
  name: string,
  { says, bytes }: { says: RegExp; bytes: Uint8Array },
): HostileExchange {
  return {
    name: `${kex} with ${name}`,
    says,
    kex,
    serve: answering({ kex }, reply({ value: bytes })),
  };
}

function rsa(
  name: string,
  says: RegExp,
  key: Uint8Array,
): HostileExchange {
  const signature = concat(
    string("rsa-sha2-512"),
    string(new Uint8Array(256).fill(1)),
  );
  return {
    name: `an RSA host key with ${name}`,
    says,
    serve: answering(
      { hostKey: "rsa-sha2-512" },
      reply({ key, signature }),
    ),
  };
}

const RANGE = /out of the range of its group/;
const POINT = /not a point of nistp256/;
const E65537 = Uint8Array.of(1, 0, 1);

/** All of them. */
export const HOSTILE_EXCHANGES: readonly HostileExchange[] = [
  group("an empty prime", /a prime of 0 bits/, { p: string("") }),
  group("a prime of zero", /a prime of 0 bits/, {
    p: string(Uint8Array.of(0)),
  }),
  group("a prime of one", /a prime of 1 bits/, { p: mpint(1n) }),
  group("a prime of 1024 bits", /a prime of 1024 bits/, {
    p: string(ones(1024)),
  }),
  group("a prime of 32 KB", /(260000 bits|of 32501 bytes)/, {
    p: string(ones(260_000)),
  }),
  group("an even prime", /even/, { p: mpint(P14 - 1n) }),
  group("a generator of one", /has a generator out of range/, {
    p: mpint(P14),
    g: mpint(1n),
  }),
  group("an empty generator", /has a generator out of range/, {
    p: mpint(P14),
    g: string(""),
  }),
  group("a generator of p − 1", /has a generator out of range/, {
    p: mpint(P14),
    g: mpint(P14 - 1n),
  }),
  {
    name: "a group exchange whose value is zero",
    says: RANGE,
    kex: GROUP_EXCHANGE,
    async serve(peer) {
      await peer.beginExchange({ kex: GROUP_EXCHANGE });
      await peer.send(message(MESSAGE.group, mpint(P14), mpint(2n)));
      await peer.receive();
      const answer = reply({ value: Uint8Array.of() });
      answer[0] = MESSAGE.groupReply;
      await peer.send(answer);
      await peer.send(message(MESSAGE.newKeys));
    },
  },
  value("diffie-hellman-group14-sha256", "a value of zero", {
    says: RANGE,
    bytes: Uint8Array.of(),
  }),
  value("diffie-hellman-group14-sha256", "a value of one", {
    says: RANGE,
    bytes: Uint8Array.of(1),
  }),
  value("diffie-hellman-group14-sha256", "a value of p − 1", {
    says: RANGE,
    bytes: mpint(P14 - 1n).subarray(4),
  }),
  value("diffie-hellman-group14-sha256", "a negative value", {
    says: RANGE,
    bytes: Uint8Array.of(0x80),
  }),
  value("diffie-hellman-group18-sha512", "a value of 30 KB", {
    says: /a field of 30001 bytes/,
    bytes: ones(240_000),
  }),
  value("ecdh-sha2-nistp256", "an empty point", {
    says: POINT,
    bytes: Uint8Array.of(),
  }),
  value("ecdh-sha2-nistp256", "the point at infinity", {
    says: POINT,
    bytes: Uint8Array.of(0),
  }),
  value("ecdh-sha2-nistp256", "a point that is not on the curve", {
    says: POINT,
    bytes: Uint8Array.from(
      BASE_P256,
      (byte, at) => at === 64 ? byte ^ 1 : byte,
    ),
  }),
  value("ecdh-sha2-nistp256", "a compressed point", {
    says: POINT,
    bytes: concat(Uint8Array.of(2), BASE_P256.subarray(1, 33)),
  }),
  value("curve25519-sha256", "an empty point", {
    says: /has 0 bytes/,
    bytes: Uint8Array.of(),
  }),
  value("curve25519-sha256", "a point of 33 bytes", {
    says: /has 33 bytes/,
    bytes: new Uint8Array(33).fill(9),
  }),
  value("curve25519-sha256", "a point that leaves no secret", {
    says: /a secret that anyone can guess/,
    bytes: new Uint8Array(32),
  }),
  rsa(
    "a giant exponent",
    /exponent of its RSA host key has 2048 bits/,
    rsaKey(
      ones(2048),
      ones(2048),
    ),
  ),
  rsa(
    "a giant exponent and modulus",
    /has a field of/,
    rsaKey(
      ones(30_000),
      ones(30_000),
    ),
  ),
  rsa(
    "a modulus of 16384 bits",
    /RSA host key has 16384 bits/,
    rsaKey(
      E65537,
      ones(16_384),
    ),
  ),
  rsa(
    "a modulus of 512 bits",
    /RSA host key has 512 bits/,
    rsaKey(
      E65537,
      ones(512),
    ),
  ),
  rsa("a modulus of zero", /the number zero/, rsaKey(E65537, Uint8Array.of())),
  rsa(
    "an exponent of one",
    /exponent of its RSA host key is 1/,
    rsaKey(
      Uint8Array.of(1),
      ones(2048),
    ),
  ),
  {
    name: "a host key of another type than agreed on",
    says: /its host key is a ssh-dss key/,
    serve: answering(
      {},
      reply({ key: concat(string("ssh-dss"), string("x")) }),
    ),
  },
  {
    name: "an ed25519 host key of 31 bytes",
    says: /has 31 bytes instead of 32/,
    serve: answering(
      {},
      reply({ key: concat(string("ssh-ed25519"), string(new Uint8Array(31))) }),
    ),
  },
  {
    name: "an ed25519 signature of 10 KB",
    says: /its signature has a field of/,
    serve: answering(
      {},
      reply({
        signature: concat(
          string("ssh-ed25519"),
          string(new Uint8Array(8_000)),
        ),
      }),
    ),
  },
  {
    name: "an ECDSA host key that is not on the curve",
    says: POINT,
    serve: answering(
      { hostKey: "ecdsa-sha2-nistp256" },
      reply({
        key: concat(
          string("ecdsa-sha2-nistp256"),
          string("nistp256"),
          string(new Uint8Array(65).fill(4)),
        ),
        signature: concat(string("ecdsa-sha2-nistp256"), string("")),
      }),
    ),
  },
  {
    name: "an ECDSA signature of zeros",
    says: /its ECDSA signature has the number zero/,
    serve: answering(
      { hostKey: "ecdsa-sha2-nistp256" },
      reply({
        key: concat(
          string("ecdsa-sha2-nistp256"),
          string("nistp256"),
          string(BASE_P256),
        ),
        signature: concat(
          string("ecdsa-sha2-nistp256"),
          string(concat(string(""), string(""))),
        ),
      }),
    ),
  },
  {
    name: "an empty reply",
    says: /its key exchange reply ends too early/,
    serve: answering({}, message(MESSAGE.reply)),
  },
  {
    name: "a reply before any list of algorithms",
    says: /sent message 31 out of turn/,
    async serve(peer) {
      await peer.sayHello();
      await peer.send(reply({}));
    },
  },
  {
    name: "NEWKEYS instead of a reply",
    says: /sent message 21 out of turn/,
    serve: answering({}, message(MESSAGE.newKeys)),
  },
  {
    name: "a list of algorithms of 30 KB",
    says: /its list of algorithms has a field of 30000 bytes/,
    async serve(peer) {
      await peer.sayHello();
      await peer.send(kexInit({ kex: "x,".repeat(15_000) }));
    },
  },
  {
    name: "a list of algorithms that ends early",
    says: /its list of algorithms ends too early/,
    async serve(peer) {
      await peer.sayHello();
      await peer.send(kexInit().slice(0, 60));
    },
  },
  {
    name: "a list of algorithms with a length of 4 GB in it",
    says: /its list of algorithms has a field of 4294967295 bytes/,
    async serve(peer) {
      await peer.sayHello();
      const head = concat(Uint8Array.of(MESSAGE.kexInit), new Uint8Array(16));
      await peer.send(concat(head, uint32(0xffffffff), new Uint8Array(40)));
    },
  },
  {
    name: "a packet of 2 GB",
    says: /a packet of a length that SSH does not allow/,
    async serve(peer) {
      await peer.sayHello();
      await peer.send(kexInit(), { length: 0x7ffffff4 });
    },
  },
  {
    name: "a packet that is shorter than its padding",
    says: /a packet that is shorter than its padding/,
    async serve(peer) {
      await peer.sayHello();
      await peer.send(Uint8Array.of(MESSAGE.ignore), { padding: 255 });
    },
  },
  {
    name: "a message between version and KEXINIT under strict key exchange",
    says: /KEXINIT not first packet in strict KEX mode/,
    async serve(peer) {
      await peer.sayHello();
      await peer.send(message(MESSAGE.ignore, string("")));
      await peer.send(
        kexInit({ kex: "curve25519-sha256,kex-strict-s-v00@openssh.com" }),
      );
    },
  },
  {
    name: "a message inside a strict key exchange",
    says: /unexpected packet type 2/,
    async serve(peer) {
      await peer.beginExchange({
        kex: "curve25519-sha256,kex-strict-s-v00@openssh.com",
      });
      await peer.send(message(MESSAGE.ignore, string("")));
    },
  },
  {
    name: "messages without end before the first keys",
    says: /its key exchange does not end/,
    async serve(peer) {
      await peer.sayHello();
      for (;;) await peer.send(message(MESSAGE.ignore, string("x")));
    },
  },
  {
    name: "a greeting of 100 KB",
    says: /does not speak SSH; it sent "come in"/,
    serve: (peer) =>
      peer.write(
        new TextEncoder().encode(
          `come in\r\n${"x".repeat(7_000)}\r\n`.repeat(15),
        ),
      ),
  },
];
