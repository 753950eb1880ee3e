import * as v from 'valibot'

// What `--json` prints, by command, and the lines of `--progress json`. `write.ts` makes cli.schema.json of it; the tests hold
// what the commands print against it. Fields may be added later: readers ignore those they do not know.

type Schema = v.GenericSchema
const loose = v.looseObject
const text = v.string()
const whole = v.pipe(v.number(), v.integer())
const time = v.pipe(whole, v.description('ms since the epoch'))
const digest = v.pipe(text, v.regex(/^sha256:[0-9a-f]{64}$/))
const one = v.literal(1)
const json = v.unknown()
const state = v.picklist(['queued', 'building', 'succeeded', 'failed', 'cancelled', 'timed_out', 'expired'])
const reuse = v.picklist(['none', 'joined', 'hit'])

const evidence = loose({ rule: text, says: text, file: v.optional(text), line: v.optional(whole) })
const notice = loose({ code: text, message: text, file: v.optional(text), line: v.optional(whole), fix: v.optional(json) })
const failure = loose({ code: text, message: text, hint: text, retryable: v.boolean(), data: v.record(text, json) })
const error = loose({ ...failure.entries, candidates: v.array(json) })

const build = loose({
  id: text,
  run: text,
  name: text,
  key: digest,
  image: text,
  tags: v.array(text),
  state,
  cancelling: v.boolean(),
  reuse,
  attempt: whole,
  driver: loose({ name: text, why: text }),
  built: v.optional(
    loose({
      digest,
      digestKind: v.picklist(['manifest', 'index', 'config']),
      ref: text,
      size: v.optional(whole),
      bases: v.record(text, text),
      builder: text,
    }),
  ),
  error: v.optional(failure),
  acceptedAt: time,
  startedAt: v.optional(time),
  endedAt: v.optional(time),
})

const keyFields = {
  id: text,
  tenant: text,
  name: text,
  scopes: v.array(v.picklist(['read', 'build', 'deploy', 'admin'])),
  createdAt: time,
  expiresAt: v.optional(time),
}
const newKey = { version: one, key: v.pipe(text, v.description('shown this once')), ...keyFields }
const key = loose({ ...keyFields, rotatedAt: v.optional(time), revokedAt: v.optional(time) })

const plan = v.pipe(
  loose({
    version: one,
    edition: text,
    unit: text,
    language: text,
    runtime: loose({ name: text, version: text }),
    framework: v.nullable(text),
    packageManager: v.nullable(text),
    entrypoint: v.nullable(text),
    base: loose({ kind: text }),
    dependencies: v.array(loose({ ecosystem: text, name: text, specifier: text, origin: v.picklist(['declared', 'inferred']) })),
    systemPackages: v.array(text),
    steps: v.array(loose({ in: text, kind: text })),
    start: v.array(json),
    port: v.nullable(whole),
    env: v.record(text, text),
  }),
  v.description('the Plan; its whole schema is published by @kiln/core'),
)

const numbered = { version: one, seq: whole, at: time, attempt: whole }
const event = v.variant('type', [
  loose({ ...numbered, type: v.literal('state'), state, error: v.optional(failure) }),
  loose({ ...numbered, type: v.literal('step-started'), step: text, title: text, line: v.optional(whole) }),
  loose({
    ...numbered,
    type: v.literal('step-finished'),
    step: text,
    cached: v.boolean(),
    exitCode: v.optional(whole),
    outcome: v.optional(v.picklist(['failed', 'stopped'])),
  }),
  loose({ ...numbered, type: v.literal('log'), step: text, stream: v.picklist(['out', 'err']), text }),
  loose({ ...numbered, type: v.literal('notice'), step: text, notice }),
])

const fix = v.pipe(
  loose({ file: text, patch: v.record(text, json), kept: v.boolean(), failed: loose({ build: text, error }) }),
  v.description('what --fix wrote after the first failure; not kept where it did not help'),
)
const outcome = { build, reuse, notices: v.array(notice), error: v.optional(error), fix: v.optional(fix) }
const progressLine = v.union([
  event,
  loose({ version: one, type: v.literal('accepted'), build, reuse, notices: v.array(notice) }),
  loose({
    version: one,
    type: v.literal('progress'),
    step: text,
    done: v.number(),
    total: v.optional(v.number()),
    unit: v.picklist(['bytes', 'steps']),
  }),
  loose({ version: one, type: v.literal('result'), ...outcome }),
  loose({ error }),
])

/** Parts that several commands share. */
export const shared = {
  BuildRecord: build,
  Failure: failure,
  Error: error,
  Notice: notice,
  Evidence: evidence,
  Event: event,
  PlanOutline: plan,
} satisfies Record<string, Schema>

/** By command; `error` is what every command prints instead when it fails. */
export const outputs = {
  error: loose({ error }),
  plan,
  explain: loose({
    version: one,
    plan,
    evidence: loose({
      values: v.array(loose({ field: text, value: text, evidence, lost: v.array(loose({ value: text, evidence })), override: text })),
      dependencies: v.array(
        loose({ origin: v.picklist(['declared', 'inferred']), ecosystem: text, name: text, specifier: text, group: text, evidence }),
      ),
      unresolved: v.array(loose({ import: text, near: v.array(text), evidence })),
      steps: v.pipe(v.array(evidence), v.description('one for each step of the plan, in its order')),
    }),
    notices: v.array(notice),
    leftOut: v.array(text),
  }),
  'plan --edition': loose({
    version: one,
    from: text,
    to: text,
    changes: v.array(loose({ field: text, from: v.nullable(text), to: v.nullable(text), evidence, override: text })),
    plan,
  }),
  requirements: loose({
    version: one,
    ecosystem: v.picklist(['pypi', 'npm']),
    language: text,
    unit: text,
    packages: v.array(
      loose({
        name: text,
        extras: v.array(text),
        specifier: text,
        group: text,
        inferred: v.optional(loose({ grade: text, imports: v.array(text), evidence })),
        imported: v.optional(loose({ import: text, evidence })),
        declared: v.optional(loose({ evidence })),
      }),
    ),
    unresolved: v.array(loose({ import: text, near: v.array(text), evidence })),
    notices: v.array(notice),
  }),
  dockerfile: loose({
    version: one,
    dialect: text,
    path: v.optional(text),
    text,
    added: v.record(text, text),
    files: v.optional(v.array(text)),
  }),
  build: loose({ version: one, ...outcome }),
  'build --progress json': progressLine,
  validate: loose({
    version: one,
    file: text,
    ok: v.boolean(),
    faults: v.array(
      loose({
        level: v.picklist(['error', 'warning']),
        code: text,
        field: text,
        message: text,
        file: text,
        line: v.optional(whole),
        column: v.optional(whole),
        meant: v.optional(text),
      }),
    ),
  }),
  init: loose({ version: one, file: text, config: v.record(text, json) }),
  'builds ls': loose({ version: one, builds: v.array(build) }),
  'builds show': loose({ version: one, build }),
  'builds show --plan': loose({ version: one, plan }),
  'builds show --dockerfile': loose({ version: one, dockerfile: text }),
  'builds logs': event,
  'builds cancel': loose({ version: one, build }),
  'builds rm': loose({ version: one, removed: v.array(text) }),
  'builds export': loose({ version: one, id: text, file: text, files: v.array(text) }),
  doctor: loose({
    version: one,
    ok: v.boolean(),
    checks: v.array(loose({ name: text, status: v.picklist(['ok', 'warn', 'fail']), message: text, fix: v.optional(text) })),
  }),
  serve: loose({ url: v.pipe(text, v.url()), driver: text }),
  'keys create': loose(newKey),
  'keys rotate': loose(newKey),
  'keys ls': loose({ version: one, keys: v.array(key) }),
  'keys revoke': loose({ version: one, key }),
  prune: loose({ version: one, pruned: loose({ builds: whole, blobs: whole, bytes: whole }) }),
  completion: loose({ version: one, shell: text, script: text }),
} satisfies Record<string, Schema>
