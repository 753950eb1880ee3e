import { BuildError, shown } from '../failure/error.ts'
import type { Config } from '../plan/config.ts'
import type { Arg, Step } from '../plan/plan.ts'
import type { Evidence } from './detection.ts'
import { staticServer, staticServerFile } from './node/written/static-server.ts'
import { nodeVersion, nodeVersionNotices } from './node/version.ts'
import { portFinding, startFinding, type Found } from './overridden.ts'
import type { Project } from './project.ts'
import { refuseGenerator } from './static/generators.ts'
import { scriptsOfPages, staticRoot, type StaticRoot } from './static/root.ts'
import type { Tree } from './tree.ts'

/**
 * A site that is files: pages without a program. undefined when it is none. It is strong only where its scripts belong to its pages,
 * since every program may bring a page. Throws `unsupported_project` for generators.
 */
export function detectStatic(tree: Tree, config: Config): Project | undefined {
  if (config.language !== undefined && config.language !== 'static') return undefined
  if (config.entrypoint !== undefined) return undefined
  const root = staticRoot(tree)
  if (root?.said !== true) refuseGenerator(tree)
  if (!root) return noPage(config)
  const said = root.said || config.language === 'static'
  const version = nodeVersion(tree, undefined, config.runtime?.version)
  return {
    language: { value: 'static', evidence: signal(config, root), lost: [], override: 'language' },
    runtime: { name: 'node', version: version.version },
    otherManagers: [],
    start: startFinding(config, startOf(root)),
    port: portFinding(config, { value: 8080, evidence: { rule: 'static.port', says: 'files are served there' } }),
    steps: [served(root)],
    generated: [{ path: staticServerFile, text: staticServer }],
    groups: [],
    env: { NODE_ENV: 'production' },
    // people who have pages did not choose the runtime of their server
    notices: nodeVersionNotices(version).filter(({ code }) => code !== 'default_version'),
    strength: said || (isAlone(tree) && scriptsOfPages(tree, root.directory)) ? 'strong' : 'weak',
  }
}

/** Where the files lie in the image: apart from the server, which is none of them. */
const home = 'site'

function served({ directory }: StaticRoot): Step {
  return { in: 'image', kind: 'copy', from: 'source', paths: [directory], to: home }
}

function noPage(config: Config): undefined {
  if (config.language !== 'static') return undefined
  throw new BuildError('nothing_detected', `no ${shown('index.html')} at the top or in a usual directory, and no Staticfile`, {
    data: { candidates: [] },
  })
}

function signal(config: Config, { evidence }: StaticRoot): Evidence {
  return config.language === 'static' ? { rule: 'config.language', says: 'the configuration says so' } : evidence
}

/** Without files of a program that may bring the page. */
function isAlone(tree: Tree): boolean {
  return !tree.files.some((path) => /\.(?:py|go|rb|php|java|kt|rs|cs|ex)$|^(?:package\.json|pyproject\.toml|Procfile)$/.test(path))
}

function startOf({ evidence, fallback }: StaticRoot): Found<readonly Arg[]> {
  const argv = ['node', staticServerFile, home, ...(fallback ? ['--fallback'] : [])]
  return { value: argv, evidence: { ...evidence, rule: 'static.start' } }
}
