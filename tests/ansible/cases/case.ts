// A call that Ansible and ftl are both asked to make, and the state of the host
// before it. `$D` in any text is the folder with the files.
import type { SourceTree } from "../../support/source_tree.ts";

/** One call. Unless said otherwise it is made for real, and in check mode. */
export interface Case {
  /** What it does: the end of a sentence that begins with the module. */
  readonly does: string;
  readonly module: string;
  readonly args?: Readonly<Record<string, unknown>>;
  /** Free form, instead of `args`. */
  readonly words?: string;
  /** Files that it finds below `$D`. */
  readonly files?: SourceTree;
  /** A script that runs on the host first. */
  readonly before?: string;
  /** The one way in which it is made. */
  readonly only?: "real" | "check";
  /** It changes what belongs to the machine: not without folders of its own. */
  readonly changesSystem?: boolean;
  /** Part of the short form, where it is made for real only. */
  readonly isShort?: boolean;
}
