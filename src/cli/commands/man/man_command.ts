// Declares `ftl man`.
import { Argument, type Command } from "commander";
import { MANUAL_TOPICS, type ManualTopic } from "../../manual/manual_topics.ts";
import type { CommandHost } from "../command.ts";

/** Adds `ftl man`. */
export function addMan(program: Command, { context, action }: CommandHost) {
  program.command("man")
    .summary("print the manual page, or one about a topic")
    .description(
      "Prints the manual page ftl(1) in the format of man: every command and " +
        "every option in one place. With a topic, prints its page, such as " +
        "ftl-patterns(7).",
    )
    .addArgument(
      new Argument("[topic]", "the topic of a page").choices(MANUAL_TOPICS),
    )
    .addHelpText("after", EXAMPLES)
    .action(action(async (topic: ManualTopic | undefined) => {
      const { handleMan } = await import("./man_handler.ts");
      return await handleMan(topic, program, context);
    }));
}

const EXAMPLES = `
Examples:
  ftl man | man -l -                                read it now
  ftl man patterns | man -l -                       how to choose hosts
  ftl man > ~/.local/share/man/man1/ftl.1           install it for man ftl
`;
