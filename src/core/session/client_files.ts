// The archives and packs of one client, at the session's end. Each is sent once,
// whatever the number of hosts that get it.

/** What was given by a client. */
export class ClientFiles {
  readonly #need: (archive: string) => void;
  readonly #archives = new Map<string, PromiseWithResolvers<Uint8Array>>();
  /** In base64, as gates take them. */
  readonly #packs = new Map<string, string>();

  /** @param need asks the client for an archive */
  constructor(need: (archive: string) => void) {
    this.#need = need;
  }

  /** An archive, which the client is asked for at its first use. */
  async archive(id: string): Promise<{ id: string; bytes: Uint8Array }> {
    let archive = this.#archives.get(id);
    if (archive === undefined) {
      archive = Promise.withResolvers();
      this.#archives.set(id, archive);
      this.#need(id);
    }
    return { id, bytes: await archive.promise };
  }

  /** Takes an archive that was asked for. */
  giveArchive(id: string, bytes: Uint8Array): void {
    this.#archives.get(id)?.resolve(bytes);
  }

  /** The client is gone: what it has not given never comes. */
  leave(): void {
    for (const { promise, reject } of this.#archives.values()) {
      promise.catch(() => {}); // who waits for it gets the error
      reject(new Error("The client is gone"));
    }
  }

  /** Takes a pack; the client sends it before the first call that needs it. */
  givePack(id: string, data: string): void {
    this.#packs.set(id, data);
  }

  /** A pack; empty when it was not given, which the gate refuses. */
  pack(id: string): string {
    return this.#packs.get(id) ?? "";
  }
}
