import "./src/cli/process/clean_environment.ts"; // before all others
import { main } from "./src/cli/main.ts";

if (import.meta.main) Deno.exit(await main(Deno.args));
