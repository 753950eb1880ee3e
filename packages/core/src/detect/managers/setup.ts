import type { DeclaredDependency } from '../detection.ts'
import type { Install } from '../install.ts'
import { localDependencies } from '../python/local-dependencies.ts'
import { parseRequirement } from '../python/requirement.ts'
import type { Tree } from '../tree.ts'
import { freePath } from './pip.ts'

/** pip from what a setup.cfg or setup.py declares, read and never run; undefined where they declare nothing that can be read. */
export function pipFromSetup(tree: Tree): Install | undefined {
  const { dependencies, notices } = localDependencies(tree, '', [])
  const first = dependencies[0]
  if (!first || first.evidence.rule !== 'python.dependency.setup') return undefined
  const { file = 'setup.py', line } = first.evidence
  const path = freePath(tree)
  return {
    manager: 'pip',
    evidence: { rule: 'python.manager.setup', file, ...(line === undefined ? {} : { line }), says: `${file} lists the packages` },
    manifests: [path],
    generated: [{ path, text: dependencies.map((one) => `${asWritten(one)}\n`).join('') }],
    dependencies,
    git: dependencies.some(({ specifier }) => specifier.includes('git+')),
    notices: [
      ...notices,
      {
        code: 'no_lock',
        message: 'No lock file: the same source may install other versions later. `pip freeze` gives the versions.',
        file,
      },
    ],
  }
}

/** With its marker, which a Dependency has not. */
function asWritten({ name, extras = [], specifier, evidence }: DeclaredDependency): string {
  if (parseRequirement(evidence.says)?.name === name) return evidence.says
  return `${name}${extras.length > 0 ? `[${extras.join(',')}]` : ''}${specifier.startsWith('@') ? ' ' : ''}${specifier}`
}
