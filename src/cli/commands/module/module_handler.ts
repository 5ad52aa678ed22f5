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
import { showPages } from "../../terminal/pager.ts";
import { sourcesOf } from "../../input/module_sources.ts";

/** The options of both commands. */
export type ModuleCommandOptions =
  & ModuleOptions
  & Pick<OutputOptions, "color" | "plain">
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
      context.cutAt === undefined ? {} : { width: context.cutAt },
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
  if (options.json) {
    context.out(toJsonText(inSnakeCase(documentation), 2) + "\n");
    return EXIT.ok;
  }
  const text = documentationText(documentation, {
    color: wantsColor(options, context),
    width: context.cutAt ?? 80,
  });
  await showPages({ text, isPlain: options.plain ?? false }, context);
  return EXIT.ok;
}

/** Documentation with the member names of ftl's JSON; defaults stay as they are. */
function inSnakeCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inSnakeCase);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      key === "default" ? member : inSnakeCase(member),
    ]),
  );
}
