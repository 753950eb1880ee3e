import type { Command, Option } from 'commander'

/** A command as a completion script needs it. */
export interface Node {
  /** `kiln`, `kiln build`, `kiln builds ls` */
  readonly path: string
  readonly commands: readonly { readonly name: string; readonly says: string }[]
  readonly flags: readonly Flag[]
  /** words that an argument can be */
  readonly words: readonly string[]
  /** an argument is a file or directory */
  readonly files: boolean
}

export interface Flag {
  readonly long: string
  readonly short?: string
  readonly says: string
  readonly takes: 'nothing' | 'file' | 'text' | readonly string[]
}

/** Every command below and including this one. */
export function nodesOf(command: Command, above = ''): readonly Node[] {
  const path = `${above}${command.name()}`
  const words = command.registeredArguments.flatMap((argument) => argument.argChoices ?? [])
  const node: Node = {
    path,
    commands: command.commands.map((one) => ({ name: one.name(), says: firstLine(one.description()) })),
    flags: [...command.options.map(flagOf), { long: '--help', short: '-h', says: 'show the help', takes: 'nothing' }],
    words,
    files: command.registeredArguments.some((argument) => argument.name() === 'source' || argument.name() === 'directory'),
  }
  return [node, ...command.commands.flatMap((one) => nodesOf(one, `${path} `))]
}

function flagOf(option: Option): Flag {
  const file = /<(file|dir|path)>/.test(option.flags)
  const takes = option.argChoices ?? (file ? 'file' : option.required || option.optional ? 'text' : 'nothing')
  return { long: option.long ?? option.flags, ...(option.short && { short: option.short }), says: firstLine(option.description), takes }
}

function firstLine(text: string): string {
  return text
    .split('\n')[0]!
    .replaceAll(/['"`\\$[\]:]/g, ' ')
    .trim()
}
