import type { Config } from '../plan/config.ts'
import { asArgument } from './as-argument.ts'
import { readDenoConfig } from './deno/config.ts'
import { denoManifests, type DenoManifests } from './deno/manifests.ts'
import { permissions } from './deno/permissions.ts'
import { denoProgram, type DenoContext, type DenoProgram } from './deno/program.ts'
import { denoDirectory, denoInstall } from './deno/steps.ts'
import { denoVersion, denoVersionNotices } from './deno/version.ts'
import type { Evidence } from './detection.ts'
import { isTypeScript, nodeFiles, type NodeFiles } from './node/files.ts'
import { readPackageJson, type PackageJson } from './node/package-json.ts'
import { entryFinding, startFinding } from './overridden.ts'
import type { Language, Project } from './project.ts'
import { runtimeFacts } from './runtime-facts.ts'
import { listening } from './runtime-port.ts'
import { byText, type Tree } from './tree.ts'

/** The Deno project of a unit; undefined when its programs are for another runtime. Throws the codes of `Planned` that name a place. */
export function detectDeno(tree: Tree, config: Config): Project | undefined {
  if (config.runtime?.name !== undefined && config.runtime.name !== 'deno') return undefined
  const files = nodeFiles(tree)
  const deno = readDenoConfig(tree)
  const manifest = readPackageJson(tree)
  const context: DenoContext = { tree, files, factsOf: runtimeFacts(tree), deno, config }
  const signal = denoSignal(context, manifest)
  const program = signal && denoProgram(context)
  if (!signal || (!program && config.start === undefined)) return undefined
  const version = denoVersion(tree, manifest, config.runtime?.version)
  const manifests = denoManifests(tree, deno)
  const install = program && denoInstall(manifests, [context, ...manifests.others], program)
  const { port, notices } = listening(context, program?.file, { id: 'deno', standard: 8000, ...servePort(program) })
  const started = program && { value: startOf(context, manifests, program, port.value), evidence: program.evidence }
  return {
    language: { value: languageOf(config, program?.file, files), evidence: signal, lost: [], override: 'runtime.name' },
    runtime: { name: 'deno', version: version.version },
    otherManagers: [],
    ...(program ? { entrypoint: entryFinding(program.file, program.evidence, program.lost) } : {}),
    start: startFinding(config, started),
    port,
    steps: install?.steps ?? [{ in: 'image', kind: 'copy', from: 'source', paths: ['.'], to: '.' }],
    ...(manifests.beside.length > 0 ? { beside: manifests.beside } : {}),
    groups: [],
    env: { DENO_DIR: denoDirectory, DENO_NO_PROMPT: '1', DENO_NO_UPDATE_CHECK: '1', ...program?.env },
    notices: [...denoVersionNotices(tree, version), ...(install?.notices ?? []), ...(program?.notices ?? []), ...notices],
    strength: config.start !== undefined || config.entrypoint !== undefined || program?.byName === false ? 'strong' : 'weak',
  }
}

/** Deno is meant by its own files, by a Procfile, by imports that only it loads, by its own object; not where npm's start script says otherwise. */
function denoSignal({ tree, files, factsOf, deno, config }: DenoContext, manifest: PackageJson | undefined): Evidence | undefined {
  if (config.runtime?.name === 'deno') return { rule: 'config.runtime.name', says: 'the configuration says so' }
  const script = manifest?.text('scripts', 'start')
  if (script !== undefined)
    return /^(?:\w+=\S+ )*deno\s/.test(script) ? { rule: 'deno.script', file: 'package.json', says: 'scripts.start runs deno' } : undefined
  if (/^web:\s*deno\s/m.test(tree.text('Procfile') ?? '')) return { rule: 'deno.procfile', file: 'Procfile', says: 'web runs deno' }
  const file = deno?.file ?? ['deno.lock'].find((path) => tree.has(path))
  if (file !== undefined) return { rule: 'deno.manifest', file, says: `${file} is there` }
  if (manifest) return undefined
  for (const path of files.program.toSorted((a, b) => a.split('/').length - b.split('/').length || byText(a, b)).slice(0, 200)) {
    // most files are of other runtimes, and a word says so sooner than a parser
    const text = tree.text(path) ?? ''
    if (!/\bDeno\b|["'](?:jsr|https?):/.test(text)) continue
    const foreign = files.imports(path).find(({ module }) => /^(?:jsr|https?):/.test(module))
    if (foreign) return { rule: 'deno.import', file: path, line: foreign.line, says: `imports ${foreign.module.slice(0, 100)}` }
    const [name, line] = [...factsOf(path).uses].find(([one]) => one.startsWith('Deno.')) ?? []
    if (name !== undefined) return { rule: 'deno.object', file: path, line: line!, says: `uses ${name}` }
  }
  return undefined
}

function languageOf(config: Config, file: string | undefined, files: NodeFiles): Language {
  if (config.language === 'javascript' || config.language === 'typescript') return config.language
  const seen = file ?? files.program[0] ?? ''
  return isTypeScript(seen) ? 'typescript' : 'javascript'
}

function servePort(program: DenoProgram | undefined): { serves?: true; given?: { value: number; evidence: Evidence } } {
  if (program?.verb !== 'serve') return {}
  const at = program.options?.findIndex((option) => /^(?:--port|-p)(?:=|$)/.test(option)) ?? -1
  const text = at === -1 ? undefined : (program.options![at]!.split('=')[1] ?? program.options![at + 1])
  const value = Number(text)
  return {
    serves: true,
    ...(text !== undefined && Number.isInteger(value)
      ? { given: { value, evidence: { ...program.evidence, rule: 'deno.port.option' } } }
      : {}),
  }
}

function startOf(context: DenoContext, { packages, others }: DenoManifests, program: DenoProgram, port: number | null): readonly string[] {
  const { verb, file, args } = program
  const isPackage = (module: string): boolean => module.startsWith('npm:') || packages.has(module)
  const options = (program.options ?? permissions([context, ...others], isPackage)).filter((option) => option !== '--cached-only')
  const hasPort = options.some((option) => /^(?:--port|-p)(?:=|$)/.test(option))
  const place = verb === 'serve' && !hasPort && port !== null ? ['--port', String(port)] : []
  // all that it loads is in the image, so nothing is asked for at the start
  return ['deno', verb, '--cached-only', ...place, ...options, asArgument(file), ...args]
}
