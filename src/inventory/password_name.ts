// Which names are those of passwords.

/**
 * Ansible's pattern for the names of passwords: `PASSWORD_MATCH` in
 * module_utils/basic.py. Written so that it takes linear time, because hosts
 * choose names of any length.
 */
const PASSWORD_NAME =
  /(?<=^|.[-_\s])pass[-_\s]?(?:word|phrase|wrd|wd)?(?=$|[-_\s].)/i;

/** Whether Ansible takes a name for that of a password. */
export function isPasswordName(name: string): boolean {
  return PASSWORD_NAME.test(name);
}
