// Times in lists of runs and jobs.

/**
 * A time of this machine's zone: `2026-11-29 15:18:08`.
 *
 * @param ms Since 1970.
 */
export function localTime(ms: number): string {
  const time = new Date(ms);
  if (Number.isNaN(time.getTime())) return "";
  const pad = (number: number) => String(number).padStart(2, "0");
  const day = [time.getFullYear(), time.getMonth() + 1, time.getDate()];
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()];
  return `${day.map(pad).join("-")} ${clock.map(pad).join(":")}`;
}
