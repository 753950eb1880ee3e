import { BuildError } from '../../failure/error.ts'
import type { Config } from '../../plan/config.ts'
import type { Evidence } from '../detection.ts'
import type { Tree } from '../tree.ts'
import { configFile } from './config-file.ts'
import { chooseNodeEntry } from './entries.ts'
import type { NodeFiles } from './files.ts'
import { nodeFrameworkNames, nodeFrameworks } from './framework-names.ts'
import { agentFrameworks, elsewhere } from './frameworks/agents.ts'
import type { Facts, Framework, Refused, Serving } from './frameworks/framework.ts'
import { serverFrameworks } from './frameworks/servers.ts'
import { siteFrameworks } from './frameworks/sites.ts'
import type { PackageJson } from './package-json.ts'
import { readStartScript, resolvedScript, type StartScript } from './script.ts'

/** A framework that fits, with what it says of build and start. */
export interface NodeServing {
  /** `static` where only a script says that files are served */
  readonly framework?: { readonly name: string; readonly evidence: Evidence }
  readonly serving: Serving
  readonly evidence: Evidence
  /** a start script that runs what the build writes */
  readonly script?: Extract<StartScript, { kind: 'node' }>
}

const frameworks: readonly Framework[] = [...agentFrameworks, ...serverFrameworks, ...siteFrameworks]

interface Context {
  readonly tree: Tree
  readonly files: NodeFiles
  readonly manifest: PackageJson | undefined
  readonly config: Config
  /** what the lock installs */
  readonly locked?: () => ReadonlyMap<string, string> | undefined
}

/**
 * Rows 2 to 5 of `detection.md` 2.7: frameworks that know how they are built and started. undefined where the project starts a
 * program of its own. Throws `unsupported_project`.
 */
export function nodeServing(context: Context): NodeServing | undefined {
  const { manifest, config } = context
  if (!manifest || config.entrypoint !== undefined) return undefined
  const facts = factsOf(context.tree, manifest, context.locked)
  const script = startScript(manifest)
  const wanted = config.framework !== undefined && nodeFrameworkNames.includes(config.framework) ? config.framework : undefined
  const found = first(wanted === undefined ? frameworks : frameworks.filter(({ name }) => name === wanted), facts)
  const site = script?.kind === 'site' ? siteOf(manifest, script, found) : undefined
  if (site) return site
  if (!found || startsItself(context, found.serving, script)) return undefined
  const own = script?.kind === 'node' && script.dev === undefined && isBuilt(found.serving, script.file) ? { script } : {}
  return { ...found, ...own }
}

function factsOf(tree: Tree, manifest: PackageJson, locked: Context['locked'] = () => undefined): Facts {
  const names = new Set(manifest.dependencies.map(({ name }) => name))
  return {
    tree,
    manifest,
    has: (name) => names.has(name),
    script: (name) => manifest.text('scripts', name),
    major: (name) => {
      const said = locked()?.get(name) ?? manifest.dependencies.find((one) => one.name === name)?.specifier
      const found = /\d+/.exec(said ?? '')?.[0]
      return found === undefined ? undefined : Number(found)
    },
    config: (...stems) => configFile(tree, ...stems),
  }
}

function first(all: readonly Framework[], facts: Facts): NodeServing | undefined {
  for (const { name, packages, serve } of all) {
    const declared = facts.manifest.dependencies.find((one) => packages.includes(one.name))
    const serving = declared && serve(facts)
    if (!serving) continue
    if (serving.kind === 'refused') throw refusal(serving, declared.evidence)
    const evidence = { ...declared.evidence, rule: 'node.framework.dependency' }
    const rule = serving.kind === 'site' ? 'node.start.static' : 'node.start.framework'
    return { framework: { name, evidence }, serving, evidence: { ...(serving.evidence ?? declared.evidence), rule } }
  }
  return undefined
}

/** Where nothing of the source serves: a framework whose programs run elsewhere. Throws `unsupported_project`. */
export function refuseElsewhere(tree: Tree, manifest: PackageJson | undefined): void {
  if (manifest) first(elsewhere, factsOf(tree, manifest))
}

function refusal({ says, hint }: Refused, { file, line }: Evidence): BuildError {
  return new BuildError('unsupported_project', `${file}:${line}: ${says}`, { hint, data: { file, line } })
}

/** The first script that starts something for production; one that serves files counts only under the usual names. */
function startScript(manifest: PackageJson): StartScript | undefined {
  const scriptOf = (name: string): string | undefined => manifest.text('scripts', name)
  const read = ['start', 'start:prod', 'start:production', 'serve'].flatMap((name) => {
    const text = scriptOf(name)
    return text === undefined ? [] : [readStartScript(resolvedScript(text, scriptOf))]
  })
  return read.find(({ kind }) => kind !== 'other')
}

function siteOf(
  manifest: PackageJson,
  script: Extract<StartScript, { kind: 'site' }>,
  found: NodeServing | undefined,
): NodeServing | undefined {
  const name = ['start', 'start:prod', 'start:production', 'serve'].find((one) => manifest.text('scripts', one) !== undefined)!
  const evidence = {
    rule: 'node.start.static',
    file: 'package.json',
    line: manifest.line('scripts', name),
    says: `scripts.${name} serves ${script.out}`,
  }
  if (found?.serving.kind === 'served') return undefined
  const build = found?.serving.build
  return {
    ...(found?.framework ? { framework: found.framework } : {}),
    serving: { kind: 'site', out: script.out, fallback: script.fallback, ...(build ? { build } : {}) },
    evidence,
  }
}

/** A server of the project's own, beside or around what a framework builds. */
function startsItself({ tree, files, manifest }: Context, serving: Serving, script: StartScript | undefined): boolean {
  if (script?.kind === 'node' && script.dev === undefined && !script.file.startsWith('node_modules/'))
    return !isBuilt(serving, script.file) && !(serving.kind === 'served' && serving.scripted?.includes(script.file))
  if (serving.kind === 'served' || script?.kind === 'node') return false
  const choice = chooseNodeEntry(tree, files)
  if (choice.kind !== 'one' || choice.entry.byName) return false
  const server = files.reach(choice.entry.file).flatMap((file) => files.imports(file).map(({ module }) => module))
  return manifest!.dependencies.some(({ name, group }) => group === 'default' && nodeFrameworks.includes(name) && server.includes(name))
}

/** True for a file that the framework's build writes. */
function isBuilt(serving: Serving, file: string): boolean {
  const written = serving.kind === 'site' ? [serving.out] : [...(serving.outputs ?? []), ...(serving.alone ?? []).map(({ from }) => from)]
  return written.some((path) => file === path || file.startsWith(`${path}/`))
}
