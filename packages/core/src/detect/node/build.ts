import type { Evidence } from '../detection.ts'
import type { Build } from '../project.ts'
import type { Tree } from '../tree.ts'
import type { PackageJson } from './package-json.ts'
import { isBuildCommand, type NodeProgram } from './start.ts'
import { readTsConfig, type TsConfig } from './typescript.ts'

/** The build a program needs, if it needs one, `detection.md` 2.7. */
export function nodeBuild(
  tree: Tree,
  manifest: PackageJson | undefined,
  program: NodeProgram,
  tsConfig: TsConfig | undefined,
  manager: string,
): Build | undefined {
  const script = manifest?.text('scripts', 'build')
  const isThere = tree.has(program.file)
  if (manifest && script !== undefined) {
    if (isThere && onlyCompiles(script)) return undefined
    const evidence = {
      rule: 'node.build.script',
      file: 'package.json',
      line: manifest.line('scripts', 'build'),
      says: `scripts.build is "${script.slice(0, 150)}"`,
    }
    return { argv: [manager, 'run', 'build'], outputs: outputsOf(tree, script, program.file, tsConfig), evidence }
  }
  if (isThere || !manifest) return undefined
  const command = program.before.find(isBuildCommand)
  return compiler(
    tsConfig,
    program,
    command === undefined ? program.evidence : { ...program.evidence, says: `${command} stands before the start` },
  )
}

function compiler(tsConfig: TsConfig | undefined, program: NodeProgram, why: Evidence): Build {
  const outDir = tsConfig?.outDir ?? program.file.split('/')[0]!
  return {
    argv: ['node', 'node_modules/typescript/bin/tsc', '-p', tsConfig?.path ?? 'tsconfig.json'],
    outputs: [outDir],
    evidence: { ...why, rule: 'node.build.tsc' },
  }
}

/** A check of types, or output that nothing starts. */
function onlyCompiles(script: string): boolean {
  return script.split('&&').every((part) => /^(?:npx )?(?:tsc|vue-tsc)\b/.test(part.trim()))
}

const knownTools = /^(?:npx )?(?:tsc|tsc-alias|tsup|tsdown|esbuild|swc|ncc|rollup|rimraf|rm|shx|del-cli|mkdir|echo)\b/

/** The directories a build writes; none when it is not sure that these are all. */
function outputsOf(tree: Tree, script: string, file: string, tsConfig: TsConfig | undefined): readonly string[] {
  if (!script.split(/&&|;/).every((part) => knownTools.test(part.trim()))) return []
  const project = /\btsc\b[^&;]{0,500}?(?:-p|--project)[ =](\S+)/.exec(script)?.[1]
  const config =
    project === undefined
      ? tsConfig
      : readTsConfig(
          tree,
          project.replace(/^\.\//, '').replace(/\/?$/, (end) => (project.endsWith('.json') ? end : '/tsconfig.json')),
        )
  const outDir = /--outDir[ =](\S+)/.exec(script)?.[1]?.replace(/^\.\//, '') ?? (/\btsc\b/.test(script) ? config?.outDir : undefined)
  const started = file.includes('/') ? file.split('/')[0]! : undefined
  const outputs = [...new Set([outDir, started])].filter((path) => path !== undefined)
  return outDir !== undefined && started !== undefined && outDir.split('/')[0] === started ? [outDir] : outputs
}
