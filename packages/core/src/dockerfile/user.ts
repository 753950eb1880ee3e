import { BuildError, shown } from '../failure/error.ts'
import type { Source } from '../source/source.ts'
import { checkFrontend, needsOf, targetStage, type Need } from './needs.ts'
import { parseDockerfile, type ParsedDockerfile } from './parse.ts'
import type { DockerfileRecipe } from './recipe.ts'

export interface UserRecipeOptions {
  readonly target?: string
  /** build arguments, for the references of FROM */
  readonly args?: Readonly<Record<string, string>>
}

/** A recipe of a user's own Dockerfile, with what was read in it: `needs` name the lines, for `dockerfile_needs_buildkit`. */
export interface UserRecipe {
  readonly recipe: DockerfileRecipe
  readonly parsed: ParsedDockerfile
  readonly needs: readonly Need[]
}

/**
 * The Dockerfile at `path` of a source, checked before a byte is sent. Throws `dockerfile_not_found`,
 * `invalid_dockerfile` and `frontend_not_allowed` with `data.line`, `invalid_argument` for an unknown target.
 */
export function userRecipe(source: Pick<Source, 'entry' | 'read' | 'aside'>, path: string, options: UserRecipeOptions = {}): UserRecipe {
  const file = dockerfilePath(source, path)
  const parsed = parseDockerfile(source.read(file), options.args)
  checkFrontend(parsed)
  if (options.target !== undefined) targetStage(parsed, options.target)
  const needs = needsOf(parsed, options.target)
  const target = options.target === undefined ? {} : { target: options.target }
  const kinds = [...new Set(needs.map(({ need }) => need))]
  const dialect = kinds.length > 0 ? 'buildkit' : 'classic'
  return {
    recipe: {
      kind: 'dockerfile',
      dialect,
      text: parsed.text,
      path: file,
      added: addedFrom(source, file, parsed.text),
      ...target,
      needs: kinds,
    },
    parsed,
    needs,
  }
}

/** An ignored Dockerfile travels all the same, with the rules that ignore it: the builder reads it and keeps it from COPY, as with Docker's own client. */
function addedFrom(source: Pick<Source, 'read' | 'aside'>, file: string, text: string): Readonly<Record<string, string>> {
  if (!source.aside?.has(file)) return {}
  const rules = source.aside.has('.dockerignore') ? { '.dockerignore': new TextDecoder().decode(source.read('.dockerignore')) } : {}
  return { ...rules, [file]: text }
}

/** A path in the source, `./` taken off; nothing of another file is read for a wrong one. */
function dockerfilePath(source: Pick<Source, 'entry' | 'aside'>, path: string): string {
  const file = path.replace(/^(\.\/+)+/, '')
  const entry = file.split('/').some((part) => part === '' || part === '..' || part === '.') ? undefined : source.entry(file)
  if (entry?.kind === 'file' || source.aside?.has(file)) return file
  const why = entry ? `is a ${entry.kind}, not a file` : 'is not in the source'
  throw new BuildError('dockerfile_not_found', `the Dockerfile "${shown(path)}" ${why}`, { data: { path: shown(path) } })
}
