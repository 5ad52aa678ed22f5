// What loading an inventory needs of the machine. The caller provides it;
// nothing in this folder touches a file or starts a program.

/** Reads files and folders, and runs executable inventories. */
export interface InventoryFiles {
  /** Looks at a path, links followed; undefined when nothing is there. */
  stat(
    path: string,
  ): Promise<
    | { readonly kind: "file" | "folder"; readonly executable: boolean }
    | undefined
  >;
  /** How others could change a file; undefined when they could not. */
  exposure?(path: string): string | undefined;
  /** Reads a file whole. */
  read(path: string): Promise<Uint8Array>;
  /** Lists the names in a folder, in any order. */
  list(path: string): Promise<readonly string[]>;
  /**
   * Runs an executable inventory and gives what it printed.
   *
   * @throws {InventoryError} when it may not run, fails, or takes too long.
   */
  run(
    path: string,
    args: readonly string[],
    options: { signal?: AbortSignal },
  ): Promise<Uint8Array>;
}
