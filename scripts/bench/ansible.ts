// Where this machine has ansible-core's modules, which the budgets speak of.

/** The folder of modules of the user's or the system's Python; undefined: none. */
export async function ansibleModules(): Promise<string | undefined> {
  const code = "import ansible.modules as m; print(list(m.__path__)[0])";
  for (const python of ["python3", "/usr/bin/python3"]) {
    const { stdout } = await new Deno.Command(python, {
      args: ["-c", code],
      stderr: "null",
    }).output();
    const path = new TextDecoder().decode(stdout).trim();
    if (path !== "") return path;
  }
  return undefined;
}
