// Removes folders in which processes that are about to end may still write.

const PATIENCE_MS = 10_000;
const POLL_MS = 50;

/** Removes a folder, as soon as nothing is written there any more. */
export async function removeFolder(path: string): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await Deno.remove(path, { recursive: true });
    } catch (error) {
      const isBusy = error instanceof Error && "code" in error &&
        error.code === "ENOTEMPTY";
      if (!isBusy || performance.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}
