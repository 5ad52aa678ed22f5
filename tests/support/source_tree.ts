// Folders of small source files, made for one test and removed after it.
import { dirname, join } from "@std/path";

/** Path below the folder to text; a name that ends in `@` is a link to it. */
export type SourceTree = Readonly<Record<string, string>>;

/** Writes files below a folder. */
export async function writeTree(
  folder: string,
  tree: SourceTree,
): Promise<void> {
  for (const [path, text] of Object.entries(tree)) {
    const file = join(folder, path);
    await Deno.mkdir(dirname(file), { recursive: true });
    if (path.endsWith("@")) await Deno.symlink(text, file.slice(0, -1));
    else await Deno.writeTextFile(file, text);
  }
}

/** Runs a test with a folder that holds a tree. */
export async function withTree(
  tree: SourceTree,
  test: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  try {
    await writeTree(folder, tree);
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The least that is an ansible-core, below `core/ansible`. */
export const CORE: SourceTree = {
  "core/ansible/module_utils/__init__.py": "",
  "core/ansible/module_utils/ansible_release.py":
    "__version__ = '2.99.1'\n__author__ = 'Nobody'\n",
  "core/ansible/module_utils/basic.py":
    "from ansible.module_utils.common.text import to_text\n\n\nclass AnsibleModule:\n    pass\n",
  "core/ansible/module_utils/common/__init__.py": "",
  "core/ansible/module_utils/common/text.py":
    "def to_text(value):\n    return value\n",
  "core/ansible/module_utils/six/__init__.py": "PY3 = True\n",
  "core/ansible/module_utils/urls.py":
    "from ansible.module_utils.six.moves import http_client\n\n\ndef url_argument_spec():\n    return dict(url=dict(), url_password=dict(no_log=True))\n",
  "core/ansible/modules/__init__.py": "",
  "core/ansible/modules/ping.py":
    "#!/usr/bin/python\nfrom ansible.module_utils.basic import AnsibleModule\n",
  "core/ansible/modules/uri.py":
    "#!/usr/bin/python\nfrom ansible.module_utils.basic import AnsibleModule\nfrom ansible.module_utils.urls import url_argument_spec\n",
  "core/ansible/modules/debug.py": 'DOCUMENTATION = """x"""\n',
};
