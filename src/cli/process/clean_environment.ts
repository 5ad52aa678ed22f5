// The first module that runs: takes out of the environment what Deno, Node's
// part of it, V8, OpenTelemetry and Rust read, so that nothing that is loaded
// later, and no program that ftl starts, follows variables set for other
// programs. What Deno reads before any module runs is out of reach here; the
// portable binary's head takes out the same (scripts/compile/head.sh).

const FOREIGN = /^(?:DENO|NODE|OTEL|RUST|TOKIO|V8|ICU)_|^COMPLETE$/;

for (const name of Object.keys(Deno.env.toObject())) {
  if (FOREIGN.test(name)) Deno.env.delete(name);
}
