import { BuildError } from '@kiln/core'
import type { Command } from 'commander'
import { bashScript } from '../completion/bash.ts'
import { fishScript } from '../completion/fish.ts'
import { nodesOf } from '../completion/nodes.ts'
import { zshScript } from '../completion/zsh.ts'
import type { Io } from '../io.ts'

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript }

/** `kiln completion`: a script made from the tree of commands itself. */
export async function completion(io: Io, shell: string, program: Command, options: { readonly json?: true }): Promise<number> {
  if (!(shell in scripts)) throw new BuildError('invalid_argument', `There is no completion for ${shell}.`)
  const script = scripts[shell as keyof typeof scripts](nodesOf(program))
  io.stdout.write(options.json ? `${JSON.stringify({ version: 1, shell, script })}\n` : script)
  return 0
}
