import type { Arg } from '../../plan/plan.ts'
import type { Build, Server } from '../project.ts'
import type { PythonFrameworkName } from './framework-names.ts'

/** How a program that is no application object is started. */
export interface Command {
  /** the name people know; absent for a command that only says how */
  readonly framework?: PythonFrameworkName
  readonly argv: (place: CommandPlace) => readonly Arg[]
  /** null: it listens nowhere */
  readonly port: number | null
  /** the code may name another port */
  readonly codePort?: boolean
  readonly env?: (port: number) => Readonly<Record<string, string>>
  /** a directory that must be on the import path, where it is not the one of the file */
  readonly importRoot?: string
  /** files that Kiln writes for it */
  readonly generated?: readonly { readonly path: string; readonly text: string }[]
  readonly build?: (port: number) => Build
  /** the program that serves, which must be among the packages */
  readonly server?: Server
}

export interface CommandPlace {
  readonly file: string
  /** dotted, as found from the import root */
  readonly module: string
  /** `$PORT` with the port as its default */
  readonly port: Arg
  /** how the file itself is run: `python file`, or `python -m module` */
  readonly script: readonly Arg[]
}

/** `python file`, for what listens nowhere or by itself. */
export const asScript = ({ script }: CommandPlace): readonly Arg[] => script

const plain = /^[^\W\d]\w*(?:\.[^\W\d]\w*)*$/u
const keyword =
  /(?:^|\.)(?:False|None|True|and|as|assert|async|await|break|class|continue|def|del|elif|else|except|finally|for|from|global|if|import|in|is|lambda|nonlocal|not|or|pass|raise|return|try|while|with|yield)(?:\.|$)/

/** The statement of `python -c` that brings a name of a module; of one such as `my-app` no import statement can be written. */
export function importing({ module }: CommandPlace, name: string): string {
  if (plain.test(module) && !keyword.test(module)) return `from ${module} import ${name}`
  return `from importlib import import_module; ${name} = import_module(${JSON.stringify(module)}).${name}`
}
