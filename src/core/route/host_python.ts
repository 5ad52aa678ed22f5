// Whether a gate can be opened on a host, by what its variables say about Python.
import { GateError, InventoryError } from "../../errors.ts";
import type { HostRoute } from "./host_endpoint.ts";

/**
 * The interpreter of a host; undefined for the first that is found.
 *
 * @throws {GateError} when the variable that names it is wrong.
 */
export function checkPython(
  { endpoint, python }: {
    endpoint: { name: string };
    python: HostRoute["python"];
  },
): string | undefined {
  if (!(python instanceof InventoryError)) return python;
  const { message, hint } = python;
  throw new GateError(message, {
    host: endpoint.name,
    phase: "python",
    hint,
    cause: python,
  });
}
