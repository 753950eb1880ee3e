import type { Candidate, Dependency, Evidence, Notice, Unresolved } from '../detect/detection.ts'
import type { ErrorCode } from '../failure/codes.ts'

/** A word of a command: literal, or what a variable is for. The image runs no shell: its command has the default, set when planning. */
export type Arg = string | { readonly env: string; readonly default: string }

/**
 * How to build and start a source, as wishes: readonly JSON, the same on every machine, free of drivers. The published
 * schema is `plan.schema.json`. It can be saved, edited and fed back. Evidence lies beside it (`Planned`).
 */
export interface Plan {
  readonly version: 1
  /** pins the default rules and tables, such as `2026.11` */
  readonly edition: string
  /** the directory of the source that is built; `.` for the whole */
  readonly unit: string
  /**
   * The directory of the source that comes to /app where it is not the unit itself: the workspace of the unit. The program then
   * starts in the unit's own directory below /app. null: the unit comes to /app, and the program starts there.
   */
  readonly workspace: string | null
  /** paths of the source, sorted, that the build sees: the unit and what it needs of others. Others enter neither Key nor image. null: all */
  readonly context: readonly string[] | null
  readonly language: string
  readonly runtime: { readonly name: string; /** `3.11`, `24`; exact where the source says so */ readonly version: string }
  /** further tools the build stage needs, such as `{ name: 'pnpm', version: '9' }`; a version of fewer than three parts means the newest of that line */
  readonly toolchains: readonly { readonly name: string; readonly version: string }[]
  /** null for a program without one */
  readonly framework: string | null
  /** null where no package is installed */
  readonly packageManager: string | null
  /** the file that starts, relative to the source; null where the start names none */
  readonly entrypoint: string | null
  /** a runtime on a distribution (`bookworm`), turned into a reference by one table when rendering; or an image */
  readonly base: { readonly kind: 'runtime'; readonly distro: string } | { readonly kind: 'image'; readonly ref: string }
  /** a front end that is built in a stage of its own, on its own runtime: where the steps `in: 'frontend'` happen */
  readonly frontend: Frontend | null
  readonly dependencies: readonly PlanDependency[]
  /** packages of the distribution that the final image needs */
  readonly systemPackages: readonly string[]
  readonly steps: readonly Step[]
  /** argv; the first word is the runtime (`python`, `node`) or the compiled program, never a shell or a package manager */
  readonly start: readonly Arg[]
  /** the port the program listens on; null for a worker */
  readonly port: number | null
  /** set in the final image */
  readonly env: Readonly<Record<string, string>>
}

/** What comes to /app of the stage of the front end: as `unit` and `workspace` of the plan itself. */
export interface Frontend {
  readonly unit: string
  readonly workspace: string | null
  readonly runtime: { readonly name: string; readonly version: string }
}

/** A Dependency without its evidence. */
export interface PlanDependency {
  readonly ecosystem: 'pypi' | 'npm'
  readonly name: string
  readonly extras?: readonly string[]
  readonly specifier: string
  readonly group: string
  readonly origin: 'declared' | 'inferred'
  readonly grade?: 'A' | 'B' | 'C' | 'D'
}

/**
 * One step, in order. `in: 'build'` happens in a stage whose files reach the image only by a `copy` with `from: 'build'`, as
 * `in: 'frontend'` does in one more; `in: 'image'` stays. Every step works in /app, the home of the application in all stages;
 * relative paths begin there. A plan without a `build` step has no such stage. Paths of the source are below the plan's `workspace`,
 * else its `unit`: what lies there comes to /app; for a step of the front end by the front end's own.
 */
export type Step = { readonly in: Stage } &
  /** packages of the distribution; needs `exec` */
  (
    | { readonly kind: 'system'; readonly packages: readonly string[] }
    /**
     * One command, without a shell, in `directory` below /app; needs `exec`. `secrets` are ids that the command may read. `cache`: it
     * fills the caches of this tool, which outlive the build where the builder can keep them.
     */
    | {
        readonly kind: 'run'
        readonly argv: readonly string[]
        readonly secrets: readonly string[]
        readonly directory?: string
        readonly cache?: 'go'
      }
    /**
     * The dependencies of a package manager, from its manifests alone, so that source edits leave this layer as it is.
     * `manifests` are paths of the source or of an earlier `write`; pip installs from the first, the others are what it includes.
     * `installer`: what installs what is pip's, where it is not pip itself. `groups`: `default` always, others by name (`dev`). Into: pip, the interpreter's own site-packages, but /opt/venv after a uv or
     * poetry step of the same stage (`pip --python /opt/venv/bin/python install`); uv and poetry, /opt/venv; npm and pnpm, /app/node_modules.
     * `packages`: of a workspace only these members are installed, with what they need: by name for uv and yarn, else by directory; `.` is the
     * workspace's own. `directory`: where the manager is called, below /app.
     */
    | {
        readonly kind: 'python'
        readonly manager: 'pip' | 'uv' | 'poetry'
        readonly installer?: 'uv'
        readonly manifests: readonly string[]
        readonly groups: readonly string[]
        readonly packages?: readonly string[]
        readonly directory?: string
      }
    | {
        readonly kind: 'node'
        readonly manager: 'npm' | 'pnpm' | 'yarn' | 'bun'
        readonly manifests: readonly string[]
        readonly groups: readonly string[]
        /** scripts of the project that do not run while installing */
        readonly without?: readonly string[]
        readonly packages?: readonly string[]
        readonly directory?: string
      }
    /** `from: 'source'`: paths of the source (`.` for all); else paths of that stage. `to`: a directory for `.` and for several paths */
    | { readonly kind: 'copy'; readonly from: 'source' | 'build' | 'frontend'; readonly paths: readonly string[]; readonly to: string }
    /** a generated file, at `path` below /app; it travels beside the source and is not part of its tree digest */
    | { readonly kind: 'write'; readonly path: string; readonly text: string }
  )

/** Where a step happens. */
export type Stage = 'frontend' | 'build' | 'image'

/** The answer of planning: a Plan with the evidence for each of its values, or how to choose. A source that cannot be planned is an answer, not an error. */
export type Planned =
  | { readonly ok: true; readonly plan: Plan; readonly evidence: PlanEvidence; readonly notices: readonly Notice[] }
  | {
      readonly ok: false
      readonly code: ErrorCode
      readonly message: string
      readonly hint: string
      readonly candidates: readonly Candidate[]
      readonly notices: readonly Notice[]
      /** where the code names a place: an unreadable manifest, say */
      readonly file?: string
      readonly line?: number
    }

/** Beside the Plan, never in the Key: for each value why it is so, what lost, and how to override it. */
export interface PlanEvidence {
  /** by Plan field, such as `runtime.version`, in the order people ask */
  readonly values: readonly {
    readonly field: string
    readonly value: string
    readonly evidence: Evidence
    readonly lost: readonly { readonly value: string; readonly evidence: Evidence }[]
    /** the Config field that overrides it */
    readonly override: string
  }[]
  readonly dependencies: readonly Dependency[]
  readonly unresolved: readonly Unresolved[]
  /** for each step of the plan, in its order, why it is there */
  readonly steps: readonly Evidence[]
}
