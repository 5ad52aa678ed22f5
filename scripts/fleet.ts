// Starts the test fleet for trying ftl by hand, and stops it at ^C. Needs root.
import {
  PASSWORD,
  startTestFleet,
  testFleetNeed,
} from "../tests/support/fleet/fleet.ts";
import { HOSTS } from "../tests/support/fleet/hosts.ts";
import { takeNoArguments } from "./run_program.ts";

const print = (text: string) =>
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));

takeNoArguments(
  "Usage: deno task fleet\n\nStarts hosts to try ftl on, until ^C. Needs root.",
);
if (testFleetNeed.ignore) {
  print(`Cannot start the test fleet here${testFleetNeed.suffix}`);
  Deno.exit(1);
}
const fleet = await startTestFleet();
const flags = fleet.flags.join(" ");
const width = Math.max(...HOSTS.map(({ name }) => name.length));
print([
  ...HOSTS.map(({ name, hint }) => `${name.padEnd(width)}  ${hint}`),
  "",
  `The password of ada is: ${PASSWORD}`,
  "",
  `  deno run -A main.ts exec ${flags} -- uptime`,
  `  deno run -A main.ts console ${flags} easy`,
  `  ssh -F ${fleet.sshConfig} deep`,
  "",
  "Press ^C to stop it.",
].join("\n"));
await new Promise<void>((resolve) => {
  Deno.addSignalListener("SIGINT", resolve);
  Deno.addSignalListener("SIGTERM", resolve);
});
await fleet[Symbol.asyncDispose]();
Deno.exit(0);
