// The first module to run: removes the environment variables that Deno, its Node
// layer, V8, OpenTelemetry and Rust read, so that no module loaded later and no
// program that ftl starts follows variables set for other programs. Deno reads
// some before any module runs; the portable binary's head removes those
// (scripts/compile/head.sh).

const FOREIGN = /^(?:DENO|NODE|OTEL|RUST|TOKIO|V8|ICU)_|^COMPLETE$/;

for (const name of Object.keys(Deno.env.toObject())) {
  if (FOREIGN.test(name)) Deno.env.delete(name);
}
