// Where programs start. A process cannot be started from a folder that this user
// may not enter, or that was removed, and most programs of ours do not care.

/**
 * The option that starts a program in the working folder, or in `/` where that
 * cannot be entered.
 */
export function startFolder(): { cwd?: string } {
  try {
    // With the dot it is entered; one that was removed has no name.
    Deno.statSync(`${Deno.cwd()}/.`);
    return {};
  } catch {
    return { cwd: "/" };
  }
}
