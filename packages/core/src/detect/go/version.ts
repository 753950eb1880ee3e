import { shown } from '../../failure/error.ts'
import { solveVersion, type Constraint, type SolvedVersion } from '../constraint.ts'
import type { Evidence } from '../detection.ts'
import { lineNotices, pin, range, rulesOf, versionFile, wished } from '../release-lines.ts'
import { toolPins } from '../tool-pins.ts'
import type { Notice } from '../detection.ts'
import type { Tree } from '../tree.ts'
import { valuesOf, type GoManifest, type GoModules } from './modules.ts'

const go = { name: 'Go', id: 'go' }

/** The Go version: a `go` line is the oldest that will do, a `toolchain` line the one that is used. */
export function goVersion(tree: Tree, { modules, work }: GoModules, wish: string | undefined): SolvedVersion {
  const manifests = [...(work ? [work] : []), ...modules]
  return solveVersion(rulesOf(go, tree.edition.go, tree.edition), [
    ...wished(wish, go.name),
    ...versionFile(tree, '.go-version', 'go.version.file'),
    ...toolPins(tree, 'go').flatMap(({ text, evidence }) => pin(text, { ...evidence, rule: 'go.version.tool-pin' })),
    ...manifests.flatMap((manifest) => lines(manifest, 'toolchain')),
    ...manifests.flatMap((manifest) => lines(manifest, 'go')),
  ])
}

export function goVersionNotices(tree: Tree, solved: SolvedVersion): readonly Notice[] {
  return lineNotices(go, solved, tree.edition.go)
}

function lines(manifest: GoManifest, verb: 'toolchain' | 'go'): Constraint[] {
  return valuesOf(manifest, verb).flatMap(({ words, line }) => {
    const text = words[0] ?? ''
    const evidence: Evidence = {
      rule: `go.version.${verb}`,
      file: manifest.file,
      line,
      says: `${manifest.file} says ${verb} ${shown(text)}`,
    }
    if (verb === 'toolchain') return pin(text, evidence)
    // `1.24rc1` comes before 1.24, which will do
    const version = /^\d+\.\d+(?:\.\d+)?/.exec(text)?.[0]
    return version === undefined ? [] : [{ ...range(`>=${version}`, evidence), text }]
  })
}
