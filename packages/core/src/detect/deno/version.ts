import { shown } from '../../failure/error.ts'
import { solveVersion, type SolvedVersion } from '../constraint.ts'
import type { Notice } from '../detection.ts'
import type { PackageJson } from '../node/package-json.ts'
import { lineNotices, pin, ranged, rulesOf, versionFile, wished } from '../release-lines.ts'
import { toolPins } from '../tool-pins.ts'
import type { Tree } from '../tree.ts'

const deno = { name: 'Deno', id: 'deno' }

/** The Deno version: places of the source solved together. */
export function denoVersion(tree: Tree, manifest: PackageJson | undefined, wish: string | undefined): SolvedVersion {
  const engine = manifest?.text('engines', 'deno')
  return solveVersion(rulesOf(deno, tree.edition.deno, tree.edition), [
    ...wished(wish, deno.name),
    ...versionFile(tree, '.dvmrc', 'deno.version.dvmrc'),
    ...versionFile(tree, '.deno-version', 'deno.version.file'),
    ...toolPins(tree, 'deno').flatMap(({ text, evidence }) => pin(text, { ...evidence, rule: 'deno.version.tool-pin' })),
    ...(manifest && engine !== undefined
      ? ranged(
          engine,
          {
            rule: 'deno.version.engines',
            file: 'package.json',
            line: manifest.line('engines', 'deno'),
            says: `engines.deno is ${shown(engine)}`,
          },
          deno.name,
        )
      : []),
  ])
}

export function denoVersionNotices(tree: Tree, solved: SolvedVersion): readonly Notice[] {
  return lineNotices(deno, solved, tree.edition.deno)
}
