import { assertEquals, assertMatch } from "@std/assert";
import { drawScreen, readStyles } from "../../../scripts/picture/svg.ts";

Deno.test("readStyles() splits a row at its changes of style", () => {
  assertEquals(readStyles("a\x1b[1;31mb\x1b[39mc\x1b[0md"), [
    { text: "a", style: {} },
    { text: "b", style: { bold: true, color: "#f07178" } },
    { text: "c", style: { bold: true } },
    { text: "d", style: {} },
  ]);
});

Deno.test("drawScreen() puts text on the grid, and escapes it", () => {
  const svg = drawScreen({
    rows: ["字\x1b[32m<ok>\x1b[0m", ""],
    columns: 10,
    title: "a & b",
  });
  assertMatch(svg, /<title>a &amp; b<\/title>/);
  assertMatch(svg, /<text x="18\.0" y="44" textLength="16\.8">字<\/text>/);
  assertMatch(svg, /<text x="34\.8" .* fill="#8fd18a">&lt;ok&gt;<\/text>/);
});
