// `ftl module list` and `ftl module doc`.
import { readDocumentation } from "../../../gate/modules/module_documentation.ts";
import { listModulesWithSummaries } from "../../../gate/modules/module_list.ts";
import { columnsText } from "../../../output/columns.ts";
import { documentationText, plain } from "../../../output/module_page.ts";
import { toJsonText } from "../../../output/escape.ts";
import type { Context } from "../context.ts";
import { EXIT, UsageError } from "../../process/exit_code.ts";
import type { ModuleOptions, OutputOptions } from "../../options/options.ts";
import { wantsColor } from "../../display/show_events.ts";
import { sourcesOf } from "../../input/module_sources.ts";

/** The options of both commands. */
export type ModuleCommandOptions =
  & ModuleOptions
  & Pick<OutputOptions, "color">
  & { json?: boolean };

/** Lists modules with their purpose; resolves to the exit status. */
export async function handleModuleList(
  words: readonly string[],
  options: ModuleCommandOptions,
  context: Context,
): Promise<number> {
  if (!options.moduleDir?.length && !options.collectionsPath?.length) {
    throw new UsageError(
      "Cannot list modules: no folder of modules is named",
      {
        hint: "Name a folder with -M, or collections with --collections-path",
      },
    );
  }
  const wanted = words.map((word) => word.toLowerCase());
  const modules = (await listModulesWithSummaries(sourcesOf(options)))
    .filter(({ name, summary }) => {
      const text = `${name} ${summary}`.toLowerCase();
      return wanted.every((word) => text.includes(word));
    });
  if (options.json) {
    context.out(toJsonText(modules, 2) + "\n");
  } else {
    context.out(columnsText(
      modules.map(({ name, summary }) => [name, plain(summary)]),
      context.isTerminal.out ? { width: context.columns } : {},
    ));
  }
  return EXIT.ok;
}

/** Shows the documentation of a module; resolves to the exit status. */
export async function handleModuleDoc(
  name: string,
  options: ModuleCommandOptions,
  context: Context,
): Promise<number> {
  const documentation = await readDocumentation(name, sourcesOf(options));
  context.out(
    options.json
      ? toJsonText(documentation, 2) + "\n"
      : documentationText(documentation, {
        color: wantsColor(options, context),
        width: context.isTerminal.out ? context.columns : 80,
      }),
  );
  return EXIT.ok;
}
