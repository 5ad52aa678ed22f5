import { assertEquals } from "@std/assert";
import {
  type HostKey,
  knownHostsName,
  parseKnownHosts,
} from "../../../src/transport/known_hosts/known_hosts.ts";
import { needProgram } from "../../support/need.ts";

const sshKeygen = needProgram("ssh-keygen");

/** In wire format, as far as known_hosts goes: the type, and then whatever. */
function key(name: string, type = "ssh-ed25519"): HostKey {
  const text = [type, name].map((part) =>
    `\0\0\0${String.fromCharCode(part.length)}${part}`
  ).join("");
  return { type, blob: new TextEncoder().encode(text) };
}

function line(names: string, { type, blob }: HostKey): string {
  return `${names} ${type} ${btoa(new TextDecoder().decode(blob))} a comment\n`;
}

function parse(...texts: string[]) {
  return parseKnownHosts(
    texts.map((text, i) => ({ path: `file${i + 1}`, text })),
  );
}

Deno.test("knownHostsName() names the port unless it is 22", () => {
  assertEquals(knownHostsName("Web1.Example", 22), "web1.example");
  assertEquals(knownHostsName("web1", 2222), "[web1]:2222");
});

Deno.test("check() finds a key by any of the line's names, with file and line", () => {
  const known = parse("# first\n\n", `\n${line("web1,10.0.0.1", key("a"))}`);
  const found = { verdict: "known", file: "file2", line: 2 };
  assertEquals<unknown>(known.check("web1", 22, key("a")), found);
  assertEquals<unknown>(known.check("10.0.0.1", 22, key("a")), found);
  assertEquals<unknown>(known.check("WEB1", 22, key("a")), found);
});

Deno.test("check() calls another key of the same type changed", () => {
  const known = parse(line("web1", key("a")));
  assertEquals<unknown>(known.check("web1", 22, key("b")), {
    verdict: "changed",
    file: "file1",
    line: 1,
  });
});

Deno.test("check() takes a host with several keys of a type by any of them", () => {
  const known = parse(line("web1", key("a")), line("web1", key("b")));
  assertEquals(known.check("web1", 22, key("b")).verdict, "known");
});

Deno.test("check() names the known keys of other types when one is unknown", () => {
  const known = parse(line("web1", key("a", "ssh-rsa")));
  assertEquals<unknown>(known.check("web1", 22, key("b")), {
    verdict: "unknown",
    others: [{ type: "ssh-rsa", file: "file1", line: 1 }],
  });
  assertEquals<unknown>(known.check("web2", 22, key("b")), {
    verdict: "unknown",
    others: [],
  });
});

Deno.test("check() tells ports apart, and falls back to the name alone", () => {
  const known = parse(
    line("[web1]:2222", key("a")) + line("web2", key("b")),
  );
  assertEquals(known.check("web1", 2222, key("a")).verdict, "known");
  assertEquals(known.check("web1", 22, key("a")).verdict, "unknown");
  assertEquals(known.check("web2", 2222, key("b")).verdict, "known");
  // Another service on the same machine may well have another key.
  assertEquals(known.check("web2", 2222, key("c")).verdict, "unknown");
});

Deno.test("check() understands wildcards and negation", () => {
  const known = parse(line("*.example,!db?.example,web-1", key("a")));
  const verdictOf = (host: string) => known.check(host, 22, key("a")).verdict;
  assertEquals(verdictOf("web.example"), "known");
  assertEquals(verdictOf("db1.example"), "unknown");
  assertEquals(verdictOf("db10.example"), "known");
  assertEquals(verdictOf("webXexample"), "unknown");
  assertEquals(verdictOf("web-1"), "known");
});

Deno.test("check() finds a revoked key first", () => {
  const known = parse(
    line("web1", key("a")) + `@revoked ${line("*", key("a"))}`,
  );
  assertEquals<unknown>(known.check("web1", 22, key("a")), {
    verdict: "revoked",
    file: "file1",
    line: 2,
  });
  assertEquals(known.check("web1", 22, key("b")).verdict, "changed");
});

Deno.test("check() takes an authority's key for no host's, but names its line", () => {
  const known = parse(`@cert-authority ${line("*.example", key("ca"))}`);
  assertEquals<unknown>(known.check("web.example", 22, key("ca")), {
    verdict: "unknown",
    others: [],
    authority: { file: "file1", line: 1 },
  });
});

Deno.test("parseKnownHosts() skips invalid lines", () => {
  const known = parse(
    "web1\nweb1 ssh-ed25519\n@mystery web1 ssh-ed25519 YQ==\n" +
      "web1 1024 37 123456\n|2|x|y ssh-ed25519 YQ==\n|1|x ssh-ed25519 YQ==\n",
  );
  assertEquals<unknown>(known.check("web1", 22, key("a")), {
    verdict: "unknown",
    others: [],
  });
});

Deno.test("keyTypes() lists the known types of a host, without authorities", () => {
  const known = parse(
    line("web1", key("a", "ssh-rsa")) + line("[web1]:2222", key("b")) +
      line("w*", key("c", "ssh-rsa")) +
      `@cert-authority ${line("web1", key("d", "ecdsa-sha2-nistp256"))}`,
  );
  assertEquals(known.keyTypes("web1", 22), ["ssh-rsa"]);
  assertEquals(known.keyTypes("web1", 2222), ["ssh-ed25519", "ssh-rsa"]);
  assertEquals(known.keyTypes("db1", 22), []);
});

Deno.test("add() is seen by hosts that were looked up before", () => {
  const known = parse("");
  assertEquals(known.check("web1", 22, key("a")).verdict, "unknown");
  known.add(line("web1", key("a")), "file1", 7);
  assertEquals<unknown>(known.check("web1", 22, key("a")), {
    verdict: "known",
    file: "file1",
    line: 7,
  });
});

Deno.test({
  name: `check() finds names that ssh-keygen has hashed${sshKeygen.suffix}`,
  ignore: sshKeygen.ignore,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    const path = `${folder}/known_hosts`;
    const real =
      "AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";
    await Deno.writeTextFile(
      path,
      `web1,10.0.0.1 ssh-ed25519 ${real}\n[web1]:2222 ssh-ed25519 ${real}\n`,
    );
    await new Deno.Command(sshKeygen.path, { args: ["-H", "-f", path] })
      .output();
    const text = await Deno.readTextFile(path);
    await Deno.remove(folder, { recursive: true });
    assertEquals(text.includes("web1"), false);
    const known = parse(text);
    const shown = {
      type: "ssh-ed25519",
      blob: Uint8Array.fromBase64(real),
    };
    for (
      const [host, port] of [["web1", 22], ["10.0.0.1", 22], ["web1", 2222]]
    ) {
      assertEquals(
        known.check(host as string, port as number, shown).verdict,
        "known",
      );
    }
    assertEquals(known.check("web2", 22, shown).verdict, "unknown");
  },
});
