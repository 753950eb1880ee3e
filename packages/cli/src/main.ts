import { CommanderError, type Command } from 'commander'
import type { Io } from './io.ts'
import { createProgram } from './program.ts'
import { reportFailure, reportUsage } from './report.ts'

/** Runs one command line (without the names of Node and the script) and answers with its exit code. Never throws. */
export async function main(words: readonly string[], io: Io): Promise<number> {
  let code = 0
  const json = wantsJson(words) || (words[0] === 'build' && io.env['KILN_PROGRESS'] === 'json')
  const { program, said } = createProgram(io, (given) => {
    code = given
  })
  try {
    await program.parseAsync(words.length === 0 ? ['--help'] : [...words], { from: 'user' })
    return code
  } catch (error) {
    // a group of commands called without one, as `kiln builds`
    if (error instanceof CommanderError && error.code === 'commander.help') return helped(io, said())
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : reportUsage(io, said(), json, commandOf(program, words))
    return reportFailure(io, error, json)
  }
}

function helped(io: Io, text: string): number {
  io.stdout.write(text)
  return 0
}

/** `kiln keys create` of the words that begin with it: the command whose help says what is missing. */
function commandOf(command: Command, words: readonly string[], path = command.name()): string {
  const next = command.commands.find((one) => one.name() === words[0])
  return next ? commandOf(next, words.slice(1), `${path} ${next.name()}`) : path
}

/** Known before the words are parsed, since a wrong word is reported in the same form. */
function wantsJson(words: readonly string[]): boolean {
  const end = words.indexOf('--')
  const options = end < 0 ? words : words.slice(0, end)
  return options.some(
    (word, at) => word === '--json' || word === '--progress=json' || (word === '--progress' && options[at + 1] === 'json'),
  )
}
