import { assertEquals } from "@std/assert";
import { detectLanguage } from "../../../src/inventory/format/detect.ts";

Deno.test("detectLanguage() trusts a known extension, in any case", () => {
  assertEquals(detectLanguage({ file: "a.YML", text: "[web]" }), "yaml");
  assertEquals(detectLanguage({ file: "a.json", text: "web:" }), "json");
  assertEquals(detectLanguage({ file: "a.ini", text: "{}" }), "ini");
});

Deno.test("detectLanguage() otherwise reads the first line with content", () => {
  const texts: [string, string][] = [
    ["# note\n\n  ; note\n{", "json"],
    ["---\n", "yaml"],
    ["%YAML 1.2", "yaml"],
    ["all:\n  hosts:", "yaml"],
    ["'all' :", "yaml"],
    ['"all": {}', "yaml"],
    ["web1:2222", "ini"],
    ["web1 ansible_host=10.0.0.1", "ini"],
    ["web1 x='a: b'", "ini"],
    ["[web:children]", "ini"],
    ["web1=a:", "ini"],
    ["", "ini"],
  ];
  for (const [text, language] of texts) {
    assertEquals(detectLanguage({ file: "hosts", text }), language, text);
  }
});
