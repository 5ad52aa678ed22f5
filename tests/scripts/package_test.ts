// Packages of the binary, installed, used by two users, installed again and removed,
// on a machine where nothing may run in homes and temporary folders.
import { assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { needBinary } from "../support/binary.ts";
import { needProgram } from "../support/need.ts";
import { newerRootNeed, newerRootScript } from "../support/newer_root.ts";
import { worldNeed } from "../support/fleet/world.ts";

const binary = await needBinary();
const lack = [
  binary,
  worldNeed,
  newerRootNeed,
  needProgram("dpkg-deb"),
  needProgram("rpmbuild"),
].find(({ ignore }) => ignore);

/** Prints a line for each user, what was left in homes, and what is left at all. */
const TRY = `
exec 2>&1
root=/mnt/newer
cp "$1"/*.deb $root/ftl.deb
chroot $root dpkg -i /ftl.deb >/dev/null
for place in home tmp var/tmp root; do
  mount -t tmpfs -o noexec,mode=1777 tmpfs $root/$place
done
for user in u1 u2; do
  chroot $root useradd -m $user
  chroot $root setpriv --reuid=$user --regid=$user --init-groups \\
    env -i PATH=/usr/bin:/bin HOME=/home/$user ftl exec -i here, -c local -- 'id -un' |
    sed -n 's/^  /ran as /p'
  find $root/home/$user -size +200k
done
chroot $root env -i PATH=/usr/bin:/bin HOME=/root ftl --version
chroot $root dpkg -V ftl && echo unchanged
chroot $root dpkg -i /ftl.deb >/dev/null && chroot $root dpkg -r ftl >/dev/null
find $root/usr -path '*ftl*' ! -path '*/python3*' | sed 's/^/left: /'
mkdir /mnt/rpm
rpm -i --root /mnt/rpm --nodeps "$1"/*.rpm >/dev/null 2>&1
find /mnt/rpm/usr ! -user root | sed 's/^/not of root: /'
FTL_RUNTIME_DIR=/mnt/rpm/usr/lib/ftl HOME=/ /mnt/rpm/usr/bin/ftl --version
`;

Deno.test({
  name: `packages are installed, used, and removed without a trace${
    lack?.suffix ?? ""
  }`,
  ignore: lack !== undefined,
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "ftl-packages-" });
    try {
      const { success, stderr } = await new Deno.Command(Deno.execPath(), {
        args: [
          ...["run", "-A", "--quiet"],
          fromFileUrl(new URL("../../scripts/package.ts", import.meta.url)),
          ...["--binary", binary.path, "--output", folder],
        ],
      }).output();
      assertEquals(success, true, new TextDecoder().decode(stderr));
      const { stdout } = await new Deno.Command("unshare", {
        args: [
          ...["-m", "-p", "--fork", "--kill-child", "--mount-proc"],
          ...["sh", "-c", newerRootScript([]) + TRY, "sh", folder],
        ],
      }).output();
      const lines = new TextDecoder().decode(stdout).trim().split("\n");
      assertEquals(lines.slice(0, 2), ["ran as u1", "ran as u2"]);
      assertMatch(lines[2]!, /^ftl \d/);
      assertEquals(lines[3], "unchanged");
      assertMatch(lines[4]!, /^ftl \d/);
      assertEquals(lines.length, 5);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
