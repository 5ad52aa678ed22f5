// The file access that loading an inventory needs. The caller provides it: no code
// in this folder reads a file or starts a program.

/** Reads files and folders, and runs executable inventories. */
export interface InventoryFiles {
  /** Returns what a path is, following links; undefined when it does not exist. */
  stat(
    path: string,
  ): Promise<
    | { readonly kind: "file" | "folder"; readonly executable: boolean }
    | undefined
  >;
  /** Returns how other users could change a file; undefined when they cannot. */
  exposure?(path: string): string | undefined;
  /** Reads a whole file. */
  read(path: string): Promise<Uint8Array>;
  /** Lists the names in a folder, in any order. */
  list(path: string): Promise<readonly string[]>;
  /**
   * Runs an executable inventory and returns its output.
   *
   * @throws {InventoryError} when it must not run, fails, or takes too long.
   */
  run(
    path: string,
    args: readonly string[],
    options: { signal?: AbortSignal },
  ): Promise<Uint8Array>;
}
