// template: renders a file of the controller with the host's variables, and copies
// the result. Follows Ansible's action plugin template.
import { BuildError } from "../../errors.ts";
import type { Vault } from "../../inventory/vault.ts";
import { TemplateError } from "../../template/template_error.ts";
import { mayBeTemplate } from "../../template/syntax/delimiters.ts";
import type { JsonObject } from "../../protocol/message.ts";
import { failure, runVariables } from "../render/render_arguments.ts";
import type { Call, ModuleCall } from "../call/call.ts";
import type { HostFleet } from "../fleet/host_fleet.ts";
import type { Plan } from "../work/task.ts";
import type { HostContext, OpenHost } from "../work/host_context.ts";
import { fileOf, type LocalFile } from "../work/local_source.ts";
import { concludeAction, fail, isYes, textOf } from "./action_result.ts";
import { copyFile } from "./copy_file.ts";
import { type CopyModules, prepareCopy } from "./copy_modules.ts";
import type { ReadLocal } from "./read_local.ts";
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
export const planTemplate: Plan = async (call, { fleet, isReceived }) => {
  const modules = await prepareCopy(fleet);
  const { secrets, warnings } = modules.copy;
  if (!isReceived) await checkTemplate(call, fleet);
  return {
    secrets,
    warnings,
    run: (context) =>
      concludeAction(context, async () => {
        const dest = checkedArguments(context.args).dest;
        const file = fileOf(await context.local(() => readTemplate(context)));
        return await context.use((host) =>
          copyRendered(host, { context, modules, file, dest })
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

function checkedArguments(args: JsonObject): { src: string; dest: string } {
  const src = textOf(args.src);
  const dest = textOf(args.dest);
  if (args.state !== undefined && args.state !== null) {
    fail("'state' cannot be specified on a template");
  }
  if (src === undefined || dest === undefined) {
    fail("src and dest are required");
  }
  return { src, dest };
}

/** The template files of calls; each is read once. */
const opened = new WeakMap<Call, Map<string, Promise<TemplateSource>>>();

function openOnce(
  call: Call,
  src: string,
  vault: Vault | undefined,
): Promise<TemplateSource> {
  const sources = opened.get(call) ?? new Map();
  opened.set(call, sources);
  const source = sources.get(src) ?? openTemplate(src, vault);
  sources.set(src, source);
  return source;
}

/** Renders the template for a host, before that is contacted. */
export const readTemplate: ReadLocal = async (context) => {
  const { args, host, call } = context;
  const { src, dest } = checkedArguments(args);
  try {
    const source = await openOnce(call, src, context.vault);
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
    const bytes = encodeText(value, args.output_encoding);
    const { name, path, mode } = source;
    const file = {
      ...{ name, path, mode },
      size: bytes.length,
      open: () => Promise.resolve(new Blob([bytes]).stream()),
    };
    return { file };
  } catch (error) {
    const translated = failure(error, "Cannot render the template", host);
    if (error instanceof TemplateError && translated instanceof Error) {
      fail(translated.message);
    }
    throw translated;
  }
};

async function copyRendered(
  host: OpenHost,
  { context, modules, file, dest }: {
    context: HostContext;
    modules: CopyModules;
    file: LocalFile;
    dest: string;
  },
): Promise<JsonObject> {
  const { args, call } = context;
  const answer = await copyFile(host, {
    modules,
    call,
    args: withoutSyntax(args),
    file,
    place: file.name,
    dest,
    follow: isYes(args.follow),
    isText: false,
  });
  if (answer === undefined) return { dest, src: file.path, changed: false };
  return Object.hasOwn(answer, "path") && !Object.hasOwn(answer, "dest")
    ? { ...answer, dest: answer.path! }
    : answer;
}
