// What `ftl --version --json` prints: which program this is, and who signs it.
import { buildId } from "./own_program.ts";
import { SIGNERS } from "./signers.ts";
import { VERSION } from "./version.ts";

/** A program, for other programs. */
export interface VersionDocument {
  readonly ftl: string;
  /** Differs between builds; sessions refuse clients of another one. */
  readonly build: string;
  readonly deno: string;
  /** `x86_64-unknown-linux-gnu` */
  readonly target: string;
  /** The keys that sign releases, as lines of ssh-keygen's allowed signers. */
  readonly signers: readonly string[];
}

/** Describes this program. */
export async function versionDocument(): Promise<VersionDocument> {
  return {
    ftl: VERSION,
    build: await buildId(),
    deno: Deno.version.deno,
    target: Deno.build.target,
    signers: SIGNERS,
  };
}
