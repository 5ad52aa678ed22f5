// How much one turn of the event loop computes at most, for tests that must not be held
// up. CPU time of this thread counts: on a busy machine, a turn that does nothing may
// take a second, too.

/** Measures the longest turn, in milliseconds, until it is stopped. */
export function watchLoop(): { stop(): number } {
  let last = threadMs();
  let longest = 0;
  const look = () => {
    const now = threadMs();
    longest = Math.max(longest, now - last);
    last = now;
  };
  const timer = setInterval(look, 20);
  return {
    stop() {
      look();
      clearInterval(timer);
      return longest;
    },
  };
}

/** The CPU time of this thread (proc(5)); where there is none, the time. */
function threadMs(): number {
  try {
    const stat = Deno.readTextFileSync("/proc/thread-self/schedstat");
    return Number(stat.split(" ")[0]) / 1e6;
  } catch {
    return performance.now();
  }
}
