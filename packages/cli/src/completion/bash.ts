import type { Node } from './nodes.ts'

/** One function: finds the command among the words, then offers its words and flags, or the values of the flag before. */
export function bashScript(nodes: readonly Node[]): string {
  return `# kiln completion for bash: source <(kiln completion bash)
_kiln() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" path=kiln word i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    case "$path $word" in
${nodes
  .slice(1)
  .map(({ path }) => `      '${path}') path='${path}' ;;`)
  .join('\n')}
    esac
  done
  COMPREPLY=()
  case "$path $prev" in
${nodes.flatMap(valueCases).join('\n')}
  esac
  case "$path" in
${nodes.map(offered).join('\n')}
  esac
}
complete -o bashdefault -F _kiln kiln
`
}

function valueCases({ path, flags }: Node): readonly string[] {
  return flags.flatMap(({ long, short, takes }) => {
    if (takes === 'nothing') return []
    const pattern = [long, short].flatMap((name) => (name ? [`'${path} ${name}'`] : [])).join('|')
    if (takes === 'file') return [`    ${pattern}) mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;`]
    return [
      takes === 'text'
        ? `    ${pattern}) return ;;`
        : `    ${pattern}) mapfile -t COMPREPLY < <(compgen -W '${takes.join(' ')}' -- "$cur"); return ;;`,
    ]
  })
}

function offered({ path, commands, flags, words, files }: Node): string {
  const plain = [...commands.map(({ name }) => name), ...words].join(' ')
  const long = flags.map((flag) => flag.long).join(' ')
  const rest = files ? 'mapfile -t COMPREPLY < <(compgen -f -- "$cur")' : `mapfile -t COMPREPLY < <(compgen -W '${plain}' -- "$cur")`
  return `    '${path}') if [[ $cur == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '${long}' -- "$cur"); else ${rest}; fi ;;`
}
