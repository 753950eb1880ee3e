import type { Flag, Node } from './nodes.ts'

export function zshScript(nodes: readonly Node[]): string {
  return `#compdef kiln
# kiln completion for zsh: source <(kiln completion zsh), or save as _kiln in a directory of $fpath
_kiln() {
  local at=kiln word i
  for ((i = 2; i < CURRENT; i++)); do
    word="\${words[i]}"
    case "$at $word" in
${nodes
  .slice(1)
  .map(({ path }) => `      '${path}') at='${path}' ;;`)
  .join('\n')}
    esac
  done
  case "$at \${words[CURRENT-1]}" in
${nodes.flatMap(valueCases).join('\n')}
  esac
  local -a offered
  case "$at" in
${nodes.map(offeredCase).join('\n')}
  esac
}
if [ "$funcstack[1]" = "_kiln" ]; then _kiln "$@"; else compdef _kiln kiln; fi
`
}

function valueCases({ path, flags }: Node): readonly string[] {
  return flags.flatMap(({ long, short, takes }) => {
    if (takes === 'nothing') return []
    const pattern = [long, short].flatMap((name) => (name ? [`'${path} ${name}'`] : [])).join('|')
    if (takes === 'file') return [`    ${pattern}) _files; return ;;`]
    return [takes === 'text' ? `    ${pattern}) return ;;` : `    ${pattern}) compadd -- ${takes.join(' ')}; return ;;`]
  })
}

function offeredCase({ path, commands, flags, words, files }: Node): string {
  const described = [...commands.map(({ name, says }) => `'${name}:${says}'`), ...words.map((word) => `'${word}'`)].join(' ')
  const rest = files ? '_files' : `offered=(${described}); _describe 'kiln' offered`
  return `    '${path}') if [[ $PREFIX == -* ]]; then offered=(${flags.map(describedFlag).join(' ')}); _describe -o 'option' offered; else ${rest}; fi ;;`
}

function describedFlag({ long, says }: Flag): string {
  return `'${long}:${says}'`
}
