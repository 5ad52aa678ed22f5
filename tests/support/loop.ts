// How long one turn of the event loop takes at most, for tests that must not
// be held up.

/** Measures the longest turn, in milliseconds, until it is stopped. */
export function watchLoop(): { stop(): number } {
  let last = performance.now();
  let longest = 0;
  const look = () => {
    const now = performance.now();
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
