// The portable binary's runtime counts as unused a month after its file `used` was
// written (scripts/compile/head.sh). A session may last longer.

const DAY_MS = 24 * 60 * 60 * 1000;

/** Renews the runtime of this program each day, if it is a portable binary's. */
export function renewRuntime(): void {
  const [, folder] = /^(.*\/ftl-runtime-[^/]*)\/deno$/.exec(Deno.execPath()) ??
    [];
  if (folder === undefined) return;
  const renew = () => {
    const now = new Date();
    Deno.utime(`${folder}/used`, now, now).catch(() => {});
  };
  Deno.unrefTimer(setInterval(renew, DAY_MS));
}
