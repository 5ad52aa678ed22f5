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
    ]
  ) assertEquals(mayKeep(line), true, line);
});

Deno.test("mayKeep() drops lines that hold a secret or begin with a blank", () => {
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
