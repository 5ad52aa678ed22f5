// Lists of paths in the result of a transfer: bounded, because a result is kept for
// every host. What is left out is counted, and a warning says so, which every format
// shows.

/** How many paths a list has. */
const MAX_PATHS = 1000;

/** A list as a part of a result. */
export type ListedPaths<Name extends string> =
  & { [Key in Name]: string[] }
  & {
    /** How many there are, where not all are listed. */
    [Key in `${Name}_count`]?: number;
  }
  & { warnings?: string[] };

/**
 * A member `name` with the first 1000 paths. Where there are more, `NAME_count` is
 * their number, and `warnings` says that the list is cut.
 */
export function listPaths<Name extends string>(
  name: Name,
  paths: readonly string[],
): ListedPaths<Name> {
  const listed = { [name]: paths.slice(0, MAX_PATHS) };
  const cut = paths.length <= MAX_PATHS ? {} : {
    [`${name}_count`]: paths.length,
    warnings: [
      `${name} lists the first ${MAX_PATHS} of ${paths.length} paths`,
    ],
  };
  return { ...listed, ...cut } as ListedPaths<Name>;
}
