import type { Config } from '../plan/config.ts'
import type { Arg } from '../plan/plan.ts'
import { asArgument } from './as-argument.ts'
import { bunProgram, type BunContext, type BunProgram } from './bun/program.ts'
import { bunVersion, bunVersionNotices } from './bun/version.ts'
import type { Install } from './install.ts'
import { isTypeScript, nodeFiles } from './node/files.ts'
import { chooseNodeManager, type NodeManagerChoice } from './node/manager.ts'
import { readPackageJson } from './node/package-json.ts'
import { nodeServing } from './node/serving.ts'
import { entryFinding, frameworkFinding, startFinding, type Found } from './overridden.ts'
import type { Language, Project } from './project.ts'
import { runtimeFacts } from './runtime-facts.ts'
import { listening } from './runtime-port.ts'
import type { Tree } from './tree.ts'

/** The program of a unit that Bun runs; undefined when it is Node's, also where Bun only installs. Throws the codes of `Planned`. */
export function detectBun(tree: Tree, config: Config): Project | undefined {
  if (config.runtime?.name !== undefined && config.runtime.name !== 'bun') return undefined
  const files = nodeFiles(tree)
  const manifest = readPackageJson(tree)
  const context: BunContext = { tree, files, factsOf: runtimeFacts(tree), manifest, config }
  const program = bunProgram(context)
  if (!program || (config.runtime?.name !== 'bun' && isFramework(context, program))) return undefined
  const version = bunVersion(tree, manifest, config.runtime?.version)
  const manager = chooseNodeManager(tree, manifest, managed(context))
  const { port, notices } = listening(context, program.file, { id: 'bun', standard: 3000 })
  return {
    language: { value: languageOf(config, program.file), evidence: program.evidence, lost: [], override: 'runtime.name' },
    runtime: { name: 'bun', version: version.version },
    ...frameworkFinding(config, frameworkOf(context, program)),
    ...installed(manager),
    otherManagers: manager.others,
    entrypoint: entryFinding(program.file, program.evidence, program.lost),
    start: startFinding(config, startOf(program)),
    port,
    ...(program.build && config.start === undefined ? { build: program.build } : {}),
    groups: [],
    env: { NODE_ENV: 'production', ...program.env },
    notices: [...bunVersionNotices(tree, version), ...manager.notices, ...program.notices, ...notices],
    strength: 'strong',
  }
}

/** Next and the like start by themselves, whoever installs them. */
function isFramework(context: BunContext, { evidence }: BunProgram): boolean {
  return !evidence.rule.startsWith('bun.start.') && nodeServing({ ...context }) !== undefined
}

/** Where no file of another manager says otherwise Bun installs too. */
function managed({ tree, config }: BunContext): Config {
  const others = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'yarn.lock', 'package-lock.json', 'npm-shrinkwrap.json']
  const own = tree.has('bun.lock') || tree.has('bun.lockb') || !others.some((path) => tree.has(path))
  return config.packageManager !== undefined || !own ? config : { ...config, packageManager: 'bun' }
}

/** The runtime is in the build stage already, so that its own manager needs no further tool. */
function installed({ install }: NodeManagerChoice): { install?: Install } {
  if (!install) return {}
  if (install.manager !== 'bun') return { install }
  const { toolchain: _toolchain, ...rest } = install
  return { install: rest }
}

function languageOf(config: Config, file: string): Language {
  if (config.language === 'javascript' || config.language === 'typescript') return config.language
  return isTypeScript(file) ? 'typescript' : 'javascript'
}

const frameworks = ['elysia', 'hono', 'express', 'fastify', 'koa', 'h3']

function frameworkOf({ files }: BunContext, { file }: BunProgram): Found<string> | undefined {
  const found = files.reach(file).flatMap((one) =>
    files
      .imports(one)
      .filter(({ module, optional }) => !optional && frameworks.includes(module))
      .map((import_) => ({ ...import_, file: one })),
  )[0]
  if (!found) return undefined
  const says = `imports ${found.module}`
  return { value: found.module, evidence: { rule: 'bun.framework.import', file: found.file, line: found.line, says } }
}

function startOf({ options, file, args, evidence }: BunProgram): Found<readonly Arg[]> {
  return { value: ['bun', ...options, asArgument(file), ...args], evidence }
}
