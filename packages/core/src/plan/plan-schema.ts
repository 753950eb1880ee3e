import * as v from 'valibot'
import { checked } from './checked.ts'
import { argSchema, pathSchema, portSchema, variableSchema, word } from './field-schemas.ts'
import type { Plan, PlanDependency, Step } from './plan.ts'

/**
 * Checks a plan that was saved and edited, and gives it back with its fields in the canonical order.
 * Throws `invalid_plan` naming the field, with what was probably meant.
 */
export function parsePlan(value: unknown): Plan {
  return checked(planSchema, value, { code: 'invalid_plan', what: 'the plan' })
}

const where = v.picklist(['frontend', 'build', 'image'])
const paths = v.pipe(v.array(pathSchema), v.minLength(1, 'must name at least one path'))
// what a build stage made may lie outside /app, such as /opt/venv
const anyPath = v.pipe(v.string(), v.regex(/^(?!(?:.*\/)?\.\.(?:\/|$))[ -[\]-\uffff]+$/, 'must be a path without ".."'))
const anyPaths = v.pipe(v.array(anyPath), v.minLength(1, 'must name at least one path'))
const argv = v.pipe(v.array(word), v.minLength(1, 'must have at least one word'))
const groups = v.array(word)
const tool = v.strictObject({ name: word, version: word })

const stepSchema: v.GenericSchema<Step> = v.variant('kind', [
  v.strictObject({ in: where, kind: v.literal('system'), packages: v.array(word) }),
  v.strictObject({
    in: where,
    kind: v.literal('run'),
    argv,
    secrets: v.array(word),
    directory: v.exactOptional(pathSchema),
    cache: v.exactOptional(v.picklist(['go'])),
  }),
  v.strictObject({
    in: where,
    kind: v.literal('python'),
    manager: v.picklist(['pip', 'uv', 'poetry']),
    installer: v.exactOptional(v.literal('uv')),
    manifests: paths,
    groups,
    packages: v.exactOptional(paths),
    directory: v.exactOptional(pathSchema),
  }),
  v.strictObject({
    in: where,
    kind: v.literal('node'),
    manager: v.picklist(['npm', 'pnpm', 'yarn', 'bun']),
    manifests: paths,
    groups,
    without: v.exactOptional(v.array(v.pipe(v.string(), v.regex(/^[a-z]+$/, 'must be the name of a script')))),
    packages: v.exactOptional(paths),
    directory: v.exactOptional(pathSchema),
  }),
  v.strictObject({ in: where, kind: v.literal('copy'), from: v.picklist(['source', 'build', 'frontend']), paths: anyPaths, to: anyPath }),
  v.strictObject({ in: where, kind: v.literal('write'), path: pathSchema, text: v.string() }),
])

const dependencySchema: v.GenericSchema<PlanDependency> = v.strictObject({
  ecosystem: v.picklist(['pypi', 'npm']),
  name: word,
  extras: v.exactOptional(v.array(word)),
  specifier: v.string(),
  group: word,
  origin: v.picklist(['declared', 'inferred']),
  grade: v.exactOptional(v.picklist(['A', 'B', 'C', 'D'])),
})

// a person may leave out what there is none of; a plan of ours always has it
const orNull = <T>(schema: v.GenericSchema<T>): v.GenericSchema<T | null | undefined, T | null> => v.optional(v.nullable(schema), null)

/** The schema behind `schema/plan.schema.json`. */
export const planSchema: v.GenericSchema<unknown, Plan> = v.strictObject({
  version: v.literal(1),
  edition: v.pipe(v.string(), v.regex(/^\d{4}\.\d{2}$/, 'must be a year and a month, such as 2026.11')),
  unit: pathSchema,
  workspace: orNull(pathSchema),
  context: orNull(paths),
  language: word,
  runtime: tool,
  toolchains: v.array(tool),
  framework: orNull(word),
  packageManager: orNull(word),
  entrypoint: orNull(pathSchema),
  base: v.union(
    [v.strictObject({ kind: v.literal('runtime'), distro: word }), v.strictObject({ kind: v.literal('image'), ref: word })],
    'must be { "kind": "runtime", "distro": name } or { "kind": "image", "ref": reference }',
  ),
  frontend: orNull(v.strictObject({ unit: pathSchema, workspace: v.nullable(pathSchema), runtime: tool })),
  dependencies: v.array(dependencySchema),
  systemPackages: v.array(word),
  steps: v.array(stepSchema),
  start: v.pipe(v.array(argSchema), v.minLength(1, 'must have at least one word')),
  port: orNull(portSchema),
  env: v.record(variableSchema, v.string()),
})
