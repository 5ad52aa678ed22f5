import { assertEquals } from "@std/assert";
import {
  absolute,
  canonical,
  entryOf,
  fullUtilName,
  packageOf,
  stemOf,
  utilDepth,
} from "../../../src/gate/sources/util_names.ts";

const CORE = "ansible.module_utils";
const OURS = "ansible_collections.ns.coll.plugins.module_utils";

Deno.test("entryOf() and packageOf() map names and paths", () => {
  assertEquals(entryOf("a.b"), "a/b.py");
  assertEquals(entryOf("a.b", true), "a/b/__init__.py");
  assertEquals(packageOf("a/b/c.py"), "a.b");
  assertEquals(packageOf("a/b/__init__.py"), "a.b");
});

Deno.test("absolute() resolves relative imports as Python does", () => {
  assertEquals(absolute("x.y", "a.b.c"), "x.y");
  assertEquals(absolute(".x", "a.b.c"), "a.b.c.x");
  assertEquals(absolute("..x", "a.b.c"), "a.b.x");
  assertEquals(absolute("...", "a.b.c"), "a");
});

Deno.test("canonical() joins the submodules of ansible-core's six only", () => {
  assertEquals(canonical(`${CORE}.six.moves.urllib`), `${CORE}.six`);
  assertEquals(canonical(`${CORE}.sixty.moves`), `${CORE}.sixty.moves`);
  assertEquals(canonical(`${OURS}.six.moves`), `${OURS}.six.moves`);
});

Deno.test("utilDepth() counts the parts of a root of module utils", () => {
  assertEquals(utilDepth(CORE), 2);
  assertEquals(utilDepth(`${CORE}.basic`), 2);
  assertEquals(utilDepth(`${CORE}_more.basic`), 0);
  assertEquals(utilDepth(OURS), 5);
  assertEquals(utilDepth(`${OURS}.x`), 5);
  assertEquals(utilDepth("ansible_collections.ns.coll.plugins.modules.x"), 0);
});

Deno.test("stemOf() is the path in the tree of the core or of the collection", () => {
  assertEquals(stemOf(`${CORE}.common.text`), "common/text");
  assertEquals(stemOf(`${OURS}.x.y`), "plugins/module_utils/x/y");
});

Deno.test("fullUtilName() completes a short name, and keeps a full one", () => {
  assertEquals(fullUtilName("ns.coll.x.y"), `${OURS}.x.y`);
  assertEquals(fullUtilName(`${OURS}.x`), `${OURS}.x`);
  assertEquals(fullUtilName(`${CORE}.x`), `${CORE}.x`);
});
