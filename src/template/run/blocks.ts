// The blocks of a template and of those that it extends.
import type { Statement } from "../syntax/nodes.ts";
import { TemplateError } from "../template_error.ts";
import type { Template } from "./template.ts";

/** A block of one template. */
interface BlockLayer {
  readonly template: Template;
  readonly body: readonly Statement[];
}

/** Blocks by name; the first layer of each is what is shown. */
export class Blocks {
  readonly #layers = new Map<string, BlockLayer[]>();

  /** Adds the blocks of a template below those that are known. */
  add(template: Template): void {
    for (const [name, body] of template.tree.blocks) {
      const layers = this.#layers.get(name) ?? [];
      layers.push({ template, body });
      this.#layers.set(name, layers);
    }
  }

  /** @throws {TemplateError} when no template has the block at that level. */
  layer(name: string, level: number): BlockLayer {
    const layer = this.#layers.get(name)?.[level];
    if (layer !== undefined) return layer;
    throw new TemplateError(`there is no parent block called '${name}'`);
  }
}
