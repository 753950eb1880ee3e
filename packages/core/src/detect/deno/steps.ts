import type { Step } from '../../plan/plan.ts'
import type { Notice } from '../detection.ts'
import type { NodeFiles } from '../node/files.ts'
import type { Tree } from '../tree.ts'
import { hasNodeModules, mapped, type DenoConfig } from './config.ts'
import type { DenoProgram } from './program.ts'

/** Where Deno keeps what it loads: outside of /app, so that a copy of the source cannot touch it. */
export const denoDirectory = '/opt/deno-cache'

export interface DenoInstall {
  readonly steps: readonly Step[]
  readonly notices: readonly Notice[]
}

/** Packages from the manifests alone, then what the source imports besides; the image starts without the network. */
export function denoInstall(tree: Tree, files: NodeFiles, deno: DenoConfig | undefined, program: DenoProgram): DenoInstall {
  const manifests = ['deno.json', 'deno.jsonc', 'deno.lock', 'package.json', '.npmrc'].filter((path) => tree.has(path))
  const locked = tree.has('deno.lock')
  const frozen = locked ? ['--frozen'] : []
  const early = mapped(deno).length > 0 || tree.has('package.json')
  const late = files.program.some((file) => files.imports(file).some(({ module }) => /^(?:npm|jsr|https?):/.test(module)))
  if (!early && !late && program.made === undefined) return { steps: [source('image')], notices: [] }
  const modules = hasNodeModules(tree, deno)
  return {
    steps: [
      ...(early
        ? [{ in: 'build', kind: 'copy', from: 'source', paths: manifests, to: '.' } as const, run(['deno', 'install', ...frozen])]
        : []),
      source('build'),
      ...(program.made === undefined ? [] : [run(['deno', 'task', program.made])]),
      run(['deno', 'install', ...frozen, '--entrypoint', program.file]),
      { in: 'image', kind: 'copy', from: 'build', paths: [denoDirectory], to: denoDirectory },
      ...(modules ? [{ in: 'image', kind: 'copy', from: 'build', paths: ['node_modules'], to: 'node_modules' } as const] : []),
      program.made === undefined ? source('image') : { in: 'image', kind: 'copy', from: 'build', paths: ['.'], to: '.' },
    ],
    notices: locked ? [] : [noLock(deno)],
  }
}

function source(stage: 'build' | 'image'): Step {
  return { in: stage, kind: 'copy', from: 'source', paths: ['.'], to: '.' }
}

function run(argv: readonly string[]): Step {
  return { in: 'build', kind: 'run', argv: ['env', `DENO_DIR=${denoDirectory}`, ...argv], secrets: [] }
}

function noLock(deno: DenoConfig | undefined): Notice {
  const message = 'No deno.lock: the same source may load other versions later. `deno install` makes one.'
  return { code: 'no_lock', message, ...(deno ? { file: deno.file } : {}) }
}
