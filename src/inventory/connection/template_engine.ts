// The only import of minijinja-js, loaded when the first template is met: it
// is a megabyte of WebAssembly.
import { Environment } from "minijinja-js";

/** What one template may do before it is taken for one that never ends. */
const FUEL = 1_000_000;

/** Gives the function that renders one template with its variables. */
function createRenderer(): (
  template: string,
  variables: Readonly<Record<string, unknown>>,
) => string {
  const environment = new Environment();
  environment.undefinedBehavior = "strict";
  environment.fuel = FUEL;
  environment.enablePyCompat();
  return (template, variables) => environment.renderStr(template, variables);
}

/**
 * Renders a Jinja template.
 *
 * @throws {Error} when it is malformed, or names what is not there.
 */
export const renderJinja = createRenderer();
