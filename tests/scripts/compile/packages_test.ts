import { assert, assertEquals, assertRejects } from "@std/assert";
import { fromFileUrl } from "@std/path";
import {
  formatBill,
  formatLicenses,
  readPackages,
} from "../../../scripts/compile/packages.ts";

const ROOT = fromFileUrl(new URL("../../..", import.meta.url));

Deno.test("readPackages() knows a package by the sum of its tarball, and its license", async () => {
  const specifiers = ["@lezer/common@1.5.5", "fflate@0.8.3", "ssh2@1.17.0"];
  const packages = await readPackages(ROOT, specifiers);
  assertEquals(
    packages.map(({ name, version, license }) => [name, version, license]),
    [
      ["@lezer/common", "1.5.5", "MIT"],
      ["fflate", "0.8.3", "MIT"],
      ["ssh2", "1.17.0", "MIT"],
    ],
  );
  for (const { sha512, licenseText } of packages) {
    assertEquals(sha512.length, 128);
    assert(licenseText?.includes("Permission is hereby granted"));
  }
});

Deno.test("readPackages() refuses what deno.lock does not know", async () => {
  await assertRejects(
    () => readPackages(ROOT, ["left-pad@1.0.0"]),
    Error,
    "Cannot describe left-pad@1.0.0: it is not in deno.lock",
  );
});

Deno.test("a bill of materials names the binary, Deno and every package by its URL", async () => {
  const packages = await readPackages(ROOT, ["@lezer/common@1.5.5"]);
  const made = { target: "linux-x64", sha256: "ab", deno: "2.9.6", packages };
  const bill = JSON.parse(formatBill(made));
  assertEquals([bill.bomFormat, bill.specVersion], ["CycloneDX", "1.6"]);
  assertEquals(bill.metadata.component.hashes, [
    { alg: "SHA-256", content: "ab" },
  ]);
  assertEquals(bill.components.map(({ purl }: { purl: string }) => purl), [
    "pkg:github/denoland/deno@v2.9.6",
    "pkg:npm/%40lezer/common@1.5.5",
  ]);
  assertEquals(
    bill.dependencies[0].dependsOn,
    bill.components.map((each: Record<string, unknown>) => each["bom-ref"]),
  );
});

Deno.test("a package without a text of its license is listed with a link to it", async () => {
  const packages = await readPackages(ROOT, ["undici-types@5.26.5"]);
  const text = formatLicenses("ours", packages);
  assert(text.includes("https://spdx.org/licenses/MIT"), text);
});
