import type { Flag, Node } from './nodes.ts'

export function fishScript(nodes: readonly Node[]): string {
  return `# kiln completion for fish: kiln completion fish > ~/.config/fish/completions/kiln.fish
function __kiln_at
    set -l path kiln
    for word in (commandline -opc)[2..-1]
        switch "$path $word"
${nodes
  .slice(1)
  .map(({ path }) => `            case '${path}'\n                set path '${path}'`)
  .join('\n')}
        end
    end
    test "$path" = "$argv"
end
complete -c kiln -f
${nodes.flatMap(linesOf).join('\n')}
`
}

function linesOf(node: Node): readonly string[] {
  const at = `complete -c kiln -n "__kiln_at ${node.path}"`
  return [
    ...node.commands.map(({ name, says }) => `${at} -a ${name} -d '${says}'`),
    ...node.words.map((word) => `${at} -a ${word}`),
    ...(node.files ? [`${at} -F`] : []),
    ...node.flags.map((flag) => `${at} ${flagText(flag)}`),
  ]
}

function flagText({ long, short, says, takes }: Flag): string {
  const names = `-l ${long.replace(/^--/, '')}${short ? ` -s ${short.slice(1)}` : ''}`
  const value = takes === 'nothing' ? '' : takes === 'file' ? ' -r -F' : takes === 'text' ? ' -x' : ` -x -a '${takes.join(' ')}'`
  return `${names}${value} -d '${says}'`
}
