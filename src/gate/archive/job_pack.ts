// The pack of jobs: the part of the runtime that runs calls in the background and
// the module that reports on them. It is sent only to hosts where jobs are used.
import jobFiles from "../runtime/jobs/job_files.py" with { type: "text" };
import job from "../runtime/jobs/job.py" with { type: "text" };
import report from "../runtime/jobs/report.py" with { type: "text" };
import config from "../../../deno.json" with { type: "json" };
import { blankComments } from "../format/blank_comments.ts";
import {
  encodeManifest,
  type Manifest,
  MANIFEST_PATH,
} from "../format/manifest.ts";
import { packZip } from "../format/zipapp.ts";
import { sha256 } from "../sources/build_inputs.ts";

/** The name of the module in the pack. */
export const JOB_MODULE = "ftl_jobs";

const FILES: Readonly<Record<string, string>> = {
  "ftl_gate/job.py": job,
  "ftl_gate/job_files.py": jobFiles,
  "modules/ftl_jobs.py": report,
};

/** The hash and the bytes of a pack. */
interface Pack {
  readonly id: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

let made: Promise<Pack> | undefined;

/** The pack of jobs, made once. */
export function jobPack(): Promise<Pack> {
  return made ??= makePack();
}

async function makePack(): Promise<Pack> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const entries: Manifest["entries"] = {};
  for (const [path, text] of Object.entries(FILES)) {
    const bytes = new TextEncoder().encode(blankComments(text));
    files.set(path, bytes);
    entries[path] = { sha256: await sha256(bytes), size: bytes.length };
  }
  files.set(
    MANIFEST_PATH,
    encodeManifest({
      ftl: config.version,
      entries,
      modules: {
        [JOB_MODULE]: { path: "modules/ftl_jobs.py", kind: "native" },
      },
    }),
  );
  const bytes = packZip(files);
  return { id: await sha256(bytes), bytes };
}
