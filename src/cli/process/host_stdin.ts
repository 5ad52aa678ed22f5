// Standard input for the commands of hosts. It is loaded on demand: a static import
// of node:fs doubles the CPU time of `ftl --version`, from 23 to 49 ms.
import { fstatSync } from "node:fs";
import { HostInput } from "../../core/shell/host_input.ts";

/** Opens stdin; undefined for a terminal, /dev/null, and when it is closed. */
export function openHostStdin(): HostInput | undefined {
  return isStdinData() ? new HostInput(Deno.stdin.readable) : undefined;
}

function isStdinData(): boolean {
  try {
    const info = fstatSync(0);
    return info.isFIFO() || info.isFile() || info.isSocket();
  } catch {
    return false; // it is closed
  }
}
