// The completion for fish: one `complete` line per command, operand and option.
import {
  type CommandNode,
  type CompletionValue,
  optionsWithValue,
} from "./command_tree.ts";

/** The script, for the completions folder or to be sourced. */
export function fishScript(tree: readonly CommandNode[]): string {
  return `# Completion of ftl for fish. Made by: ftl completions fish

# Sets the command of the line, its operands, and the option whose value is at
# the cursor.
function __ftl_read
    set -g __ftl_where ''
    set -g __ftl_operands
    set -g __ftl_takes ''
    set -l words (commandline -opc)
    for word in $words[2..]
        if test -n "$__ftl_takes"
            set __ftl_takes ''
            continue
        end
        switch "$__ftl_where:$word"
            case ${quoted(optionsWithValue(tree))}
                set __ftl_takes $word
            case '*:-*'
            case '*'
                if contains -- "$__ftl_where/$word" ${
    quoted(tree.slice(1).map(({ path }) => path))
  }
                    set __ftl_where "$__ftl_where/$word"
                else
                    set -a __ftl_operands $word
                end
        end
    end
end

# Whether options of this command may follow, or its operand of this number.
function __ftl_at
    __ftl_read
    test "$__ftl_where" = "$argv[1]"
    or return 1
    not set -q argv[2]
    and return 0
    test -z "$__ftl_takes"
    or return 1
    set -l count (count $__ftl_operands)
    test $argv[2] = '*' -a $count -gt 0
    or test $argv[2] = $count
end

function __ftl_ask
    __ftl_read
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    # The word may be quoted, and its quote may still be open.
    set word (string unescape -- $word; or string replace -r -- '^[\\x27"]' '' $word)
    # fish passes --option=VALUE as one word.
    set word (string replace -r -- '^--[\\\\w-]+=' '' $word)
    command $words[1] complete $argv[1] "$word" $words[2..] -- $__ftl_operands 2>/dev/null | string trim -r
end

complete -c ftl -f
${tree.flatMap((node) => linesOf(node, tree)).join("\n")}
`;
}

function linesOf(node: CommandNode, tree: readonly CommandNode[]): string[] {
  const { path, options, operands: [first, others] } = node;
  const at = (operand: string) =>
    `complete -c ftl -n '__ftl_at "${path}"${operand}'`;
  return [
    ...node.commands.map((name) =>
      `${at(" 0")} -a ${name} -d ${quote(helpOf(`${path}/${name}`, tree))}`
    ),
    ...first === "nothing" ? [] : [`${at(" 0")} ${answers(first)}`],
    ...others === "nothing" ? [] : [`${at(' "*"')} ${answers(others)}`],
    ...options.map(({ names, help, value }) => {
      const flags = names.map((name) =>
        name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`
      ).join(" ");
      const values = value === undefined
        ? ""
        : ` -r ${
          typeof value === "string"
            ? answers(value)
            : `-f -a ${quote(value.join(" "))}`
        }`;
      return `${at("")} ${flags}${values} -d ${quote(help)}`;
    }),
  ];
}

function helpOf(path: string, tree: readonly CommandNode[]): string {
  return tree.find((node) => node.path === path)!.help;
}

/** A kind of value, as options of `complete`. */
function answers(kind: CompletionValue): string {
  if (typeof kind !== "string") return `-f -a ${quote(kind.join(" "))}`;
  if (kind === "nothing") return "-f";
  if (kind === "file") return "-F";
  return kind === "folder"
    ? "-f -a '(__fish_complete_directories (commandline -ct))'"
    : `-f -a '(__ftl_ask ${kind})'`;
}

function quoted(words: readonly string[]): string {
  return words.map(quote).join(" ");
}

function quote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
