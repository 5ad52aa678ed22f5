// A local connection whose commands run in a login shell that the test chooses, and
// an archive with one module, for tests that open gates.
import { encodeManifest } from "../../src/gate/format/manifest.ts";
import { runtimeFiles } from "../../src/gate/format/runtime_files.ts";
import { packZip } from "../../src/gate/format/zipapp.ts";
import { createLocalTransport } from "../../src/transport/local/local_transport.ts";
import type { Connection } from "../../src/transport/transport.ts";

/** Login shells; those that this machine lacks are skipped. */
export const LOGIN_SHELLS = ["bash", "dash", "zsh", "fish", "tcsh"] as const;

/** A connection and its HOME. Disposing it closes the one and removes the other. */
export interface Account extends AsyncDisposable {
  readonly connection: Connection;
  readonly home: string;
}

/**
 * Connects to this machine as if `wrap` were the account's login shell: it receives
 * the command line, quoted as one word for `sh`. Default: `sh` itself.
 */
export async function logIn(
  wrap: (quoted: string) => string = (quoted) => `exec sh -c ${quoted}`,
): Promise<Account> {
  const home = await Deno.makeTempDir({ prefix: "ftl-home-" });
  const transport = createLocalTransport();
  const connection = await transport.open({
    name: "here",
    transport: "local",
    address: "here",
    port: 22,
    user: "nobody",
    identityFiles: [],
  }, { signal: new AbortController().signal });
  return {
    home,
    connection: {
      closed: connection.closed,
      close: () => connection.close(),
      exec: (command, options) =>
        connection.exec(
          `export HOME=${quote(home)}; ${wrap(quote(command))}`,
          options,
        ),
    },
    async [Symbol.asyncDispose]() {
      connection.close();
      await connection.closed;
      await Deno.remove(home, { recursive: true });
    },
  };
}

/** An archive with one native module that returns its arguments. */
export async function makeArchive(
  extra: Readonly<Record<string, string>> = {},
): Promise<{ id: string; bytes: Uint8Array }> {
  const encoder = new TextEncoder();
  const entries = new Map(
    [...runtimeFiles, ...Object.entries(extra)].map((
      [path, text],
    ) => [path, encoder.encode(text)]),
  );
  const path = "modules/echo.py";
  entries.set(
    path,
    encoder.encode("def main(**args):\n    return {'args': args}\n"),
  );
  const manifest = { path, kind: "native" } as const;
  entries.set(
    "manifest.json",
    encodeManifest({ ftl: "0", entries: {}, modules: { echo: manifest } }),
  );
  const bytes = new Uint8Array(packZip(entries, { main: true }));
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return { id: new Uint8Array(digest).toHex(), bytes };
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
