// What a call's arguments become on one host: its templates rendered, its
// references replaced by variables of the host.
import type { Host } from "../../inventory/inventory.ts";
import type { JsonObject } from "../../protocol/message.ts";
import { hasRef, resolveRefs, sealRefs } from "../input/reference.ts";
import type { ArgumentTemplates } from "../render/render_arguments.ts";

/** The arguments for one host. */
export interface HostArguments {
  readonly args: JsonObject;
  /** The secrets in them that came from the host's variables. */
  readonly secrets: readonly string[];
}

/** What the arguments for a host are made of. */
export interface HostArgumentsOptions {
  /** Those of the call. */
  readonly args: JsonObject;
  /** Renders them; undefined when they are not templates. */
  readonly templates: ArgumentTemplates | undefined;
  /** Returns other arguments for a host. */
  readonly argsFor?: ((host: Host) => JsonObject) | undefined;
  /** Returns finished ones, which are neither rendered nor resolved. */
  readonly chosen?: ((host: Host) => HostArguments) | undefined;
}

/**
 * The arguments for a host; `args` itself where nothing in it depends on the host.
 *
 * @throws {CallError} when the host lacks a variable, or a template fails.
 * @throws {RangeError} when a reference names a variable that the host lacks.
 * @throws {InventoryError} when a variable cannot be decrypted.
 */
export async function hostArguments(
  host: Host,
  { args, templates, argsFor, chosen }: HostArgumentsOptions,
): Promise<HostArguments> {
  if (chosen !== undefined) return chosen(host);
  const given = argsFor?.(host) ?? args;
  const refers = hasRef(given);
  const sealed = refers ? sealRefs(given) : given;
  const rendered = await templates?.render(sealed, host) ??
    { args: sealed, secrets: [] };
  if (!refers) return rendered;
  const resolved = await resolveRefs(rendered.args, host);
  return {
    args: resolved.args,
    secrets: [...rendered.secrets, ...resolved.secrets],
  };
}
