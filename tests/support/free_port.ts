/** A port of 127.0.0.1 that nothing listens on now; another process may take it. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
