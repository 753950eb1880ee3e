import { BuildError, shown } from '../failure/error.ts'
import type { Plan } from '../plan/plan.ts'
import { officialBases, type BaseTable } from './bases.ts'
import { legalize } from './legalize.ts'
import { lower } from './lower.ts'
import { print } from './print.ts'
import type { Dialect, DockerfileRecipe } from './recipe.ts'

export interface RenderOptions {
  /** labels of the image; names such as `org.opencontainers.image.source` */
  readonly labels?: Readonly<Record<string, string>>
  /** turns runtimes into base images; default the official ones */
  readonly bases?: BaseTable
}

/**
 * The Dockerfile of a plan, with the files that travel beside the source. Pure: the same plan gives the same text.
 * Throws `invalid_plan` for what a Dockerfile cannot say, `dockerfile_needs_buildkit` for a secret in the classic dialect.
 */
export function render(plan: Plan, dialect: Dialect, options: RenderOptions = {}): DockerfileRecipe {
  const script = lower(plan, { bases: options.bases ?? officialBases, labels: options.labels ?? {} })
  const secrets = plan.steps.some((step) => step.kind === 'run' && step.secrets.length > 0)
  return {
    kind: 'dockerfile',
    dialect,
    text: print(legalize(script, dialect)),
    added: addedFiles(plan),
    needs: secrets ? ['secrets'] : [],
  }
}

/** The name under which a driver adds the text of a rendered recipe to its context. */
export const dockerfileName = 'Dockerfile.kiln'

/**
 * Leaves exactly these two out of `COPY . .`: the classic builder drops the Dockerfile and .dockerignore from a context that
 * ignores them; BuildKit and kaniko obey the rule itself, BuildKit for a directory only: not for the tar that Docker Engine's
 * API takes, so that plans are built there in the classic dialect. Our own rules were applied before.
 */
const ignoreFile = `.dockerignore\n${dockerfileName}\n`

function addedFiles(plan: Plan): Record<string, string> {
  const added = new Map([['.dockerignore', ignoreFile]])
  for (const step of plan.steps) {
    if (step.kind !== 'write') continue
    const path = normal(step.path)
    if (path === dockerfileName || (added.has(path) && added.get(path) !== step.text))
      throw new BuildError('invalid_plan', `steps: "${shown(path)}" cannot be written here, the name is taken`)
    added.set(path, step.text)
  }
  return Object.fromEntries(added)
}

function normal(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  if (path.startsWith('/') || parts.includes('..') || parts.length === 0)
    throw new BuildError('invalid_plan', `steps: "${shown(path)}" is no path below /app`)
  return parts.join('/')
}
