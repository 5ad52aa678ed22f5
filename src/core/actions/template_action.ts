// template: renders a file of the controller with the host's variables, and copies
// the result. Follows Ansible's action plugin template.
import { BuildError } from "../../errors.ts";
import { TemplateError } from "../../template/template_error.ts";
import { mayBeTemplate } from "../../template/syntax/delimiters.ts";
import type { JsonObject } from "../../protocol/message.ts";
import { failure, runVariables } from "../render/render_arguments.ts";
import type { ModuleCall } from "../call/call.ts";
import type { HostFleet } from "../fleet/host_fleet.ts";
import type { Plan } from "../work/task.ts";
import type { HostContext, OpenHost } from "../work/host_context.ts";
import { concludeAction, fail, isYes, textOf } from "./action_result.ts";
import { copyFile } from "./copy_file.ts";
import { type CopyModules, prepareCopy } from "./copy_modules.ts";
import type { LocalFile } from "./local_file.ts";
import {
  openTemplate,
  SYNTAX_OPTIONS,
  syntaxOf,
  type TemplateSource,
  templateVariables,
  withoutSyntax,
} from "./template_source.ts";
import { encodeText } from "./text_encoding.ts";

/** Plans a call of template. */
export const planTemplate: Plan = async (call, { fleet }) => {
  const modules = await prepareCopy(fleet);
  const { secrets, warnings } = modules.copy;
  await checkTemplate(call, fleet);
  const sources = new Map<string, Promise<TemplateSource>>();
  return {
    secrets,
    warnings,
    run: (context) =>
      concludeAction(context, async () => {
        const rendered = await render(context, sources);
        return await context.use((host) =>
          copyRendered(host, { context, modules, ...rendered })
        );
      }),
  };
};

/** Finds what is wrong with a template before any host is contacted. */
async function checkTemplate(
  { args = {}, render }: ModuleCall,
  fleet: HostFleet,
): Promise<void> {
  const { src } = args;
  if (typeof src !== "string" || src === "") return;
  const differs = [src, ...SYNTAX_OPTIONS.map((name) => args[name])]
    .some((value) => typeof value === "string" && mayBeTemplate(value));
  if (render && differs) return; // each host may have another
  try {
    const source = await openTemplate(src, fleet.vault);
    const templates = await fleet.templates();
    templates.parseFile(source.text, source.path, syntaxOf(args));
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw new BuildError(`Cannot use the template: ${error.message}`, {
      cause: error,
    });
  }
}

interface RenderedFile {
  readonly source: TemplateSource;
  readonly dest: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Renders the template for a host, before that is contacted. */
async function render(
  context: HostContext,
  sources: Map<string, Promise<TemplateSource>>,
): Promise<RenderedFile> {
  const { args, host, call } = context;
  const src = textOf(args.src);
  const dest = textOf(args.dest);
  if (args.state !== undefined && args.state !== null) {
    fail("'state' cannot be specified on a template");
  }
  if (src === undefined || dest === undefined) {
    fail("src and dest are required");
  }
  let opened = sources.get(src);
  if (opened === undefined) {
    sources.set(src, opened = openTemplate(src, context.vault));
  }
  try {
    const source = await opened;
    const templates = await context.templates();
    const template = templates.parseFile(
      source.text,
      source.path,
      syntaxOf(args),
    );
    const more = {
      ...runVariables(call, context.runHosts),
      ...await templateVariables(source, { src, dest }),
    };
    const { value, secrets } = await templates.file(template, { host, more });
    context.keepSecrets(secrets);
    return { source, dest, bytes: encodeText(value, args.output_encoding) };
  } catch (error) {
    const translated = failure(error, "Cannot render the template", host);
    if (error instanceof TemplateError && translated instanceof Error) {
      fail(translated.message);
    }
    throw translated;
  }
}

async function copyRendered(
  host: OpenHost,
  { context, modules, source, dest, bytes }: RenderedFile & {
    context: HostContext;
    modules: CopyModules;
  },
): Promise<JsonObject> {
  const { args, call } = context;
  const file: LocalFile = {
    name: source.name,
    path: source.path,
    size: bytes.length,
    mode: source.mode,
    open: () => Promise.resolve(new Blob([bytes]).stream()),
  };
  const answer = await copyFile(host, {
    modules,
    call,
    args: withoutSyntax(args),
    file,
    place: source.name,
    dest,
    follow: isYes(args.follow),
    isText: false,
  });
  if (answer === undefined) return { dest, src: source.path, changed: false };
  return Object.hasOwn(answer, "path") && !Object.hasOwn(answer, "dest")
    ? { ...answer, dest: answer.path! }
    : answer;
}
