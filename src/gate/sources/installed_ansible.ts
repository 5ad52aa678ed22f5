// Where Ansible's modules usually lie on a machine that has Ansible: for advice,
// never to be used unasked.
import { join } from "@std/path";

const PLACES = [
  "/usr/lib/python3/dist-packages",
  ...["/usr/lib", "/usr/lib64", "/usr/local/lib"].flatMap((lib) =>
    Array.from(
      { length: 12 },
      (_, i) => `${lib}/python3.${17 - i}/site-packages`,
    )
  ),
];

/** The folder of an installed ansible-core's modules, if there is one. */
export async function findInstalledModules(
  places: readonly string[] = PLACES,
): Promise<string | undefined> {
  for (const place of places) {
    const folder = join(place, "ansible/modules");
    try {
      if ((await Deno.stat(folder)).isDirectory) return folder;
    } catch {
      continue; // it is not there
    }
  }
  return undefined;
}
