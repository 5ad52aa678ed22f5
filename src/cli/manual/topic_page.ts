// The manual pages of topics, made from the pages of docs/. The console's page also
// has its commands, from the table that its help is made from.
import consoleText from "../../../docs/console.md" with { type: "text" };
import inventoryText from "../../../docs/inventory.md" with { type: "text" };
import jobsText from "../../../docs/jobs.md" with { type: "text" };
import modulesText from "../../../docs/modules.md" with { type: "text" };
import patternsText from "../../../docs/patterns.md" with { type: "text" };
import { WORDS } from "../../console/lines/words.ts";
import { VERSION } from "../process/version.ts";
import { MANUAL_TOPICS, type ManualTopic } from "./manual_topics.ts";
import { markdownLines } from "./markdown_roff.ts";
import { bold, escapeRoff, italic, line, section, term } from "./roff.ts";

const TOPICS: Readonly<
  Record<ManualTopic, { text: string; summary: string }>
> = {
  patterns: { text: patternsText, summary: "choose hosts of an inventory" },
  inventory: { text: inventoryText, summary: "name hosts, groups, variables" },
  modules: { text: modulesText, summary: "call modules, and where they are" },
  jobs: { text: jobsText, summary: "run modules in the background" },
  console: { text: consoleText, summary: "make call after call on open gates" },
};

/** The manual page of a topic. */
export function topicPage(topic: ManualTopic): string {
  const { text, summary } = TOPICS[topic];
  const others = MANUAL_TOPICS.filter((each) => each !== topic);
  const lines = [
    `.TH FTL\\-${topic.toUpperCase()} 7 "" "ftl ${VERSION}" "ftl"`,
    ...section("NAME", [
      `ftl\\-${topic} \\- ${escapeRoff(summary)}`,
    ]),
    ...section("DESCRIPTION", markdownLines(text)),
    ...topic === "console" ? section("COMMANDS", consoleCommands()) : [],
    ...section("SEE ALSO", [
      ["ftl(1)", ...others.map((each) => `ftl\\-${each}(7)`)].join(", "),
    ]),
  ];
  return lines.join("\n") + "\n";
}

function consoleCommands(): string[] {
  return WORDS.flatMap(({ name, usage, help }) =>
    term(
      bold(`:${name}`) + (usage === "" ? "" : ` ${italic(usage)}`),
      line(help),
    )
  );
}
