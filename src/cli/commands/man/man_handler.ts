// `ftl man`: prints a manual page, or shows it with `man` on a terminal.
import type { Command } from "commander";
import { manualPage } from "../../manual/manual_page.ts";
import type { ManualTopic } from "../../manual/manual_topics.ts";
import { topicPage } from "../../manual/topic_page.ts";
import { showPages } from "../../terminal/pager.ts";
import { EXIT } from "../../process/exit_code.ts";
import type { Context } from "../context.ts";

/** Prints the page of a topic, or else of ftl; resolves to the exit status. */
export async function handleMan(
  topic: ManualTopic | undefined,
  program: Command,
  context: Context,
): Promise<number> {
  const text = topic === undefined ? manualPage(program) : topicPage(topic);
  await showPages({ text, isManual: true }, context);
  return EXIT.ok;
}
