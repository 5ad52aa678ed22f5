import { assertEquals, assertThrows } from "@std/assert";
import { parseRequirement } from "../../../src/gate/requirements/requirement.ts";

Deno.test("parseRequirement() reads names, extras, versions and markers", () => {
  const cases = {
    "requests": ["requests", [], ""],
    "Zope.Interface >= 5": ["zope-interface", [], ">= 5"],
    "requests[socks, Security]>=2.8,<3": [
      "requests",
      ["socks", "security"],
      ">=2.8,<3",
    ],
    "idna (<4,>=2.5)": ["idna", [], "<4,>=2.5"],
    "a==1.*": ["a", [], "==1.*"],
    "a_b~=1.4": ["a-b", [], "~=1.4"],
    "x[]": ["x", [], ""],
  };
  for (const [text, [name, extras, specifier]] of Object.entries(cases)) {
    assertEquals(
      parseRequirement(text),
      { name, extras, specifier } as ReturnType<typeof parseRequirement>,
      text,
    );
  }
  const { marker } = parseRequirement('tomli>=1; python_version < "3.11"');
  assertEquals(marker?.op, "compare");
});

Deno.test("parseRequirement() refuses other text, and URLs", () => {
  for (const text of ["", ">=1", "a b", "a>=x y", "a=>1", "a[b"]) {
    assertThrows(
      () => parseRequirement(text),
      SyntaxError,
      "requirement",
      text,
    );
  }
  assertThrows(
    () => parseRequirement("pip @ https://example.org/pip.whl"),
    SyntaxError,
    "has a URL",
  );
});
