// The page, as text and in a real browser.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import type { RunEvent } from "../../../src/core/call/run_event.ts";
import { createReportCollector } from "../../../src/output/report/report_data.ts";
import { reportPage } from "../../../src/output/report/report_page.ts";
import { needProgram } from "../../support/need.ts";
import { result, START } from "./report_events.ts";

const HOSTILE = "</script><script>document.title='run'</script>\u2028";

async function pageOf(...events: RunEvent[]): Promise<string> {
  const collector = createReportCollector({ version: "1.2.3" });
  for (const event of events) collector.event(event);
  return await reportPage(collector.data()!);
}

Deno.test("a page names nothing outside itself and holds its scripts by hash", async () => {
  const page = await pageOf(START, result("web1", "ok"));
  assertStringIncludes(page, "default-src 'none'; script-src 'sha256-");
  assertEquals(page.match(/https?:\/\/(?!www\.w3\.org\/2000\/svg)/), null);
  assertEquals(page.match(/<[a-z][^>]*\b(?:src|href)=/), null);
});

Deno.test("no text of a host ends the data block", async () => {
  const page = await pageOf(
    START,
    result("web1", "ok", { result: { text: HOSTILE } }),
  );
  assertEquals(page.match(/<\/script>/g)?.length, 2);
  assertEquals(page.includes("<img"), false);
});

const chromium = needProgram("chromium");

Deno.test({
  name:
    `a browser shows 10 000 hosts with few rows, and runs no text of theirs${chromium.suffix}`,
  ignore: chromium.ignore,
  fn: async () => {
    const hosts = Array.from({ length: 10_000 }, (_, i) => `web${i}`);
    const page = await pageOf(
      { ...START, hosts },
      ...hosts.map((host, i) =>
        result(host, i === 7 ? "failed" : "ok", { result: { text: HOSTILE } })
      ),
    );
    const dom = await rendered(page);
    assertStringIncludes(dom, "10000 hosts in");
    assertStringIncludes(dom, "9999 ok");
    assertStringIncludes(dom, "1 failed");
    const rows = dom.match(/class="row"/g)?.length ?? 0;
    assert(rows > 5 && rows < 200, `${rows} rows`);
    assertStringIncludes(dom, "<title>ftl report: ping");
    assertEquals(dom.includes("<img"), false);
  },
});

/** What a browser has made of a page. */
async function rendered(page: string): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    const file = join(folder, "report.html");
    await Deno.writeTextFile(file, page);
    const { success, stdout, stderr } = await new Deno.Command(chromium.path, {
      args: [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        `--user-data-dir=${join(folder, "profile")}`,
        "--dump-dom",
        `file://${file}`,
      ],
    }).output();
    assert(success, new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
