import { assertEquals, assertThrows } from "@std/assert";
import { InventoryError } from "../../../src/errors.ts";
import { expandHosts, isIpv6 } from "../../../src/inventory/format/address.ts";

const expand = (text: string) => expandHosts(text, { file: "hosts", line: 4 });

Deno.test("expandHosts() reads names, ranges and ports", () => {
  assertEquals(expand("web1"), { names: ["web1"], port: undefined });
  assertEquals(expand("web1:2222"), { names: ["web1"], port: 2222 });
  assertEquals(expand("web[09:10].x:22"), {
    names: ["web09.x", "web10.x"],
    port: 22,
  });
});

Deno.test("expandHosts() takes a port of an IPv6 address only after brackets", () => {
  const address = "2001:db8::1";
  assertEquals(expand(address), { names: [address], port: undefined });
  assertEquals(expand(`[${address}]`), { names: [address], port: undefined });
  assertEquals(expand(`[${address}]:22`), { names: [address], port: 22 });
});

Deno.test("expandHosts() names the place of a malformed range", () => {
  assertThrows(
    () => expand("web[3:1]"),
    InventoryError,
    "Cannot use inventory hosts:4: ",
  );
});

Deno.test("isIpv6() requires two colons, and allows a zone", () => {
  assertEquals(
    ["::1", "fe80::1%eth0", "::ffff:10.0.0.1"].map(isIpv6),
    [true, true, true],
  );
  assertEquals(
    ["10.0.0.1", "a:1", "web::1", "fe80::1%", ""].map(isIpv6),
    [false, false, false, false, false],
  );
});
