// The only import of minijinja-js, loaded at the first template, because it is a
// megabyte of WebAssembly.
import { Environment } from "minijinja-js";

/** The number of steps after which a template counts as endless. */
const FUEL = 1_000_000;

/** Makes the function that renders a template with variables. */
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
 * @throws {Error} when it is malformed, or uses an unknown name.
 */
export const renderJinja = createRenderer();
