import { assertEquals } from "@std/assert";
import { mayKeep } from "../../../src/console/lines/secrecy.ts";

Deno.test("mayKeep() keeps plain lines", () => {
  for (
    const line of [
      "service name=nginx state=restarted",
      "!df -h | grep tokens.db",
      ":use web",
      "file path=/etc/passwd mode=0644",
      "!cat /etc/passwd",
      "ping data=compass",
      "!mysql -h db -p shop",
      "!curl -u me http://x",
      "!ps -u root -o pid",
      "!pwd; PWD=/tmp ls",
      "!docker run -p 80:80 nginx",
      "!sudo pacman -S vim",
      "!sudo -u root pacman -S vim",
      "!getent passwd | grep passwd",
      "!passwd -S root",
      "!openssl req -new -key x.key -keyout y.key",
      "!ldapsearch -x -s base -b dc=x",
      "!mongosh --port 27017",
      "!unzip -p x.zip name",
      "file path=/x/chpasswd.log",
    ]
  ) assertEquals(mayKeep(line), true, line);
});

Deno.test("mayKeep() drops lines that contain a secret or start with a blank", () => {
  for (
    const line of [
      " ping",
      "user name=app password=hunter22",
      "user name=app password:secret=@p.txt",
      "user name=app passphrase:='\"x\"'",
      `uri url=x body='{"api_key": "abc"}'`,
      "!mysql --password=hunter22",
      "!curl -H 'Authorization: Bearer abc'",
      "!curl https://me:hunter22@example.com/",
      "!DB_PASSWORD=hunter22 ./run",
      "!export TOKEN=abc",
      "!curl -u me:hunter22 http://x",
      "!curl --user 'me:hunter22' http://x",
      "!mysql -h db -phunter22 shop",
      "!mysqldump -phunter22 shop",
      "!sshpass -p hunter22 ssh x",
      "!echo root:hunter22 | chpasswd",
      "!chpasswd -e <<< root:hunter22",
      "!echo hunter22 | passwd --stdin root",
      "!printf 'a\\na' | sudo passwd root",
      "!passwd root <<< hunter22",
      "!MYSQL_PWD=hunter22 mysql",
      "!PGPASSWORD=hunter22 psql",
      "!ldapsearch -D cn=x bindpw=hunter22",
      "ldap_entry dn=x bind_pw=hunter22",
      "!ldapsearch -x -w hunter22",
      "!ldappasswd -s hunter22",
      "!kinit --password hunter22",
      "!openssl rsa -in x -passin pass:hunter22",
      "!openssl enc -aes256 -pass=pass:hunter22",
      "!openssl enc -aes-256-cbc -k hunter22",
      "!openssl passwd -6 hunter22",
      "!curl -H 'authorization: abc'",
      "!curl -H 'Authorization: token abc'",
      "!curl -H 'Cookie: sid=abc'",
      "!curl -d token=abc http://x",
      "!http -a me:hunter22 x",
      "!mongosh -u me -p hunter22",
      "!redis-cli -a hunter22 ping",
      "!docker login -u me -p hunter22 x",
      "!useradd -m -p abc me",
      "!htpasswd -nb me hunter22",
      "!zip -P hunter22 x.zip x",
      "!7z a -phunter22 x.7z",
      "!ipmitool -H x -U me -P hunter22 power status",
      "!smbclient //x/y -U me%hunter22",
      "!echo hunter22 | sudo -S id",
      "!echo hunter22 | sudo -kS id",
      "!AWS_SECRET_ACCESS_KEY=abc aws s3 ls",
      "!az storage blob list --account-key abc",
      "!plink -pw hunter22 x",
    ]
  ) assertEquals(mayKeep(line), false, line);
});

Deno.test("mayKeep() drops a call whose arguments were masked", () => {
  const args = { name: "x", pin: "1234" };
  assertEquals(
    mayKeep("m pin=1234", { args, shown: { ...args, pin: "********" } }),
    false,
  );
  assertEquals(mayKeep("m pin=1234", { args, shown: args }), true);
});
