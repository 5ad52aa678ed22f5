import { assertEquals } from "@std/assert";
import {
  type ChoiceOptions,
  chooseTransport,
  type KeyFile,
  notFollowed,
} from "../../../src/transport/openssh/choose_transport.ts";
import type { Directive } from "../../../src/transport/ssh_config/parse_config.ts";

function line(keyword: string, rest: string): Directive {
  return { kind: "set", keyword, rest, args: [rest], file: "c", line: 3 };
}

function key(options: Partial<KeyFile> = {}): KeyFile {
  return { path: "k", certificate: undefined, trouble: undefined, ...options };
}

const PLAIN: ChoiceOptions = {
  asked: undefined,
  ignored: [],
  kerberos: [],
  hasTicket: false,
  keys: [],
  agentKeys: [],
  authority: undefined,
};

function choose(options: Partial<ChoiceOptions>): string | undefined {
  const { transport, reason } = chooseTransport({ ...PLAIN, ...options });
  assertEquals(transport, reason === undefined ? "ssh" : "openssh");
  return reason;
}

Deno.test("a host that needs nothing special gets the ssh transport", () => {
  assertEquals(choose({}), undefined);
  assertEquals(choose({ keys: [key()], agentKeys: ["ssh-rsa"] }), undefined);
});

Deno.test("a host gets the transport that the user asks for", () => {
  const ignored = [line("certificatefile", "x")];
  assertEquals(chooseTransport({ ...PLAIN, ignored, asked: "ssh" }), {
    transport: "ssh",
    reason: undefined,
  });
  assertEquals(chooseTransport({ ...PLAIN, asked: "openssh" }), {
    transport: "openssh",
    reason: undefined,
  });
});

Deno.test("a line that changes the way to a host is one for the system's ssh", () => {
  for (
    const [keyword, value] of [
      ["certificatefile", "~/.ssh/key-cert.pub"],
      ["pkcs11provider", "/usr/lib/opensc-pkcs11.so"],
      ["securitykeyprovider", "/usr/lib/sk.so"],
      ["hostbasedauthentication", "yes"],
      ["bindaddress", "10.0.0.1"],
      ["addressfamily", "inet6"],
      ["canonicalizehostname", "always"],
      ["a-keyword-of-tomorrow", "yes"],
    ] as const
  ) {
    assertEquals(
      choose({ ignored: [line(keyword, value)] }),
      `${keyword} of c:3`,
    );
  }
  const match = { kind: "match", args: [], file: "c", line: 9 } as const;
  assertEquals(choose({ ignored: [match] }), "match of c:9");
});

Deno.test("a line that sets a default value is ignored", () => {
  const lines = [
    line("addressfamily", "any"),
    line("pkcs11provider", "none"),
    line("pubkeyauthentication", "yes"),
  ];
  assertEquals(choose({ ignored: lines }), undefined);
  assertEquals(notFollowed(lines, "ssh"), []);
});

Deno.test("a line about the environment of commands is only reported", () => {
  const lines = [line("forwardagent", "yes"), line("ipqos", "af21")];
  assertEquals(choose({ ignored: lines }), undefined);
  assertEquals(notFollowed(lines, "ssh"), lines);
  assertEquals(notFollowed(lines, "openssh"), lines.slice(0, 1));
});

Deno.test("Kerberos is used where it is on and there is a ticket", () => {
  const on = [line("gssapiauthentication", "yes")];
  const off = [line("gssapiauthentication", "no")];
  assertEquals(choose({ kerberos: on }), undefined);
  assertEquals(choose({ kerberos: off, hasTicket: true }), undefined);
  assertEquals(
    choose({ kerberos: on, hasTicket: true }),
    "gssapiauthentication of c:3, and there is a ticket",
  );
});

Deno.test("a certificate is shown by the system's ssh", () => {
  assertEquals(
    choose({ keys: [key(), key({ certificate: "k-cert.pub" })] }),
    "the certificate k-cert.pub",
  );
  assertEquals(
    choose({ agentKeys: ["ssh-rsa", "ssh-ed25519-cert-v01@openssh.com"] }),
    "a certificate of the agent",
  );
});

Deno.test("a key that ftl cannot use does not matter when there is another", () => {
  const token = key({ path: "sk", trouble: "a security key" });
  assertEquals(choose({ keys: [token] }), "sk is a security key");
  assertEquals(
    choose({ keys: [key({ trouble: "a PKCS#8 key" })] }),
    "k is a PKCS#8 key",
  );
  assertEquals(choose({ keys: [token, key()] }), undefined);
  assertEquals(choose({ keys: [token], agentKeys: ["ssh-rsa"] }), undefined);
  assertEquals(
    choose({ agentKeys: ["sk-ssh-ed25519@openssh.com"] }),
    "a security key of the agent",
  );
});

Deno.test("a host that only an authority vouches for is judged by the system's ssh", () => {
  assertEquals(
    choose({ authority: { file: "known_hosts", line: 2 } }),
    "the host's certificate, as of known_hosts:2",
  );
});
