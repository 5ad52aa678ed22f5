import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  drawnFiles,
  readResults,
} from "../../../scripts/bench/publish/draw_all.ts";
import {
  describe,
  drawChart,
} from "../../../scripts/bench/publish/draw_chart.ts";
import type { ResultCase } from "../../../scripts/bench/publish/results.ts";
import { valueText } from "../../../scripts/bench/publish/value_text.ts";

const FIGURES: ResultCase = {
  id: "sample",
  title: "A call on <3 hosts",
  about: "A sample.",
  quantities: ["wall_ms", "memory_bytes"],
  rows: [
    {
      program: "ftl",
      command: "ftl run ping",
      values: { wall_ms: 120.4, memory_bytes: 90 * 2 ** 20 },
    },
    {
      program: "Ansible",
      command: "ansible all -m ping",
      values: { wall_ms: 1204, memory_bytes: null },
    },
    { program: "clush", command: "clush true", values: {}, failure: "exit 1" },
  ],
};

Deno.test("charts and pages are what the published figures give", async () => {
  for (const [path, text] of await drawnFiles(await readResults())) {
    const isSame = await Deno.readTextFile(path) === text;
    assert(isSame, `${path} is old: run deno task bench charts`);
  }
});

Deno.test("a chart has a row for each program, with its values as text", () => {
  const svg = drawChart(FIGURES);
  for (const text of ["ftl", "120 ms", "90.0 MiB", "Ansible", "1.20 s"]) {
    assertStringIncludes(svg, `>${text}</text>`);
  }
  assertStringIncludes(svg, ">A call on &lt;3 hosts</title>");
  assertEquals(svg.match(/>failed</g)?.length, 2);
});

Deno.test("bars of a column are in proportion", () => {
  const bars = [
    ...drawChart(FIGURES).matchAll(
      /<rect class="bar[^>]*? x="([\d.]+)"[^>]*? width="([\d.]+)"/g,
    ),
  ].map(([, x, width]) => [Number(x), Number(width)] as const);
  const [ours, theirs] = bars.filter(([x]) => x === bars[0]![0]);
  assert(Math.abs(theirs![1] / ours![1] - 10) < 0.1);
});

Deno.test("a chart is described in sentences", () => {
  assertEquals(
    describe(FIGURES),
    "ftl: time 120 ms, memory here 90.0 MiB. " +
      "Ansible: time 1.20 s, memory here –. clush: failed.",
  );
});

Deno.test("values have three digits, and the unit that suits them", () => {
  const times = [0.4, 87, 999.4, 1240, 12_440, 123_400];
  assertEquals(
    times.map((value) => valueText("wall_ms", value)),
    ["0 ms", "87 ms", "999 ms", "1.24 s", "12.4 s", "123 s"],
  );
  const sizes = [740, 3_482, 90_177_536, 5 * 2 ** 30];
  assertEquals(
    sizes.map((value) => valueText("wire_bytes", value)),
    ["740 bytes", "3.40 KiB", "86.0 MiB", "5.00 GiB"],
  );
});
