/** Who installs: each has a cache of its own that should not stay in the image. */
export type Installer = 'go' | 'apt' | 'pip' | 'uv' | 'uv-pip' | 'poetry' | 'npm' | 'pnpm' | 'yarn' | 'bun'
export type Argv = readonly string[]

/** Instructions that mean the same for every builder. */
export type CommonInstruction =
  | { readonly kind: 'arg'; readonly name: string; readonly value: string }
  | { readonly kind: 'env'; readonly values: Readonly<Record<string, string>> }
  /** puts a directory in front of PATH */
  | { readonly kind: 'path'; readonly directory: string }
  | { readonly kind: 'workdir'; readonly path: string }
  | { readonly kind: 'label'; readonly values: Readonly<Record<string, string>> }
  | { readonly kind: 'user'; readonly user: string }
  | { readonly kind: 'expose'; readonly port: number }
  | { readonly kind: 'entrypoint'; readonly argv: Argv }
  | { readonly kind: 'cmd'; readonly argv: Argv }

/** What a plan asks for, before any dialect. */
export type Wish =
  | CommonInstruction
  | { readonly kind: 'copy'; readonly from?: string; readonly sources: readonly string[]; readonly to: string; readonly owned: boolean }
  /** commands in one layer, each after the success of the one before */
  | { readonly kind: 'install'; readonly installer: Installer; readonly commands: readonly Argv[] }
  | { readonly kind: 'run'; readonly commands: readonly Argv[]; readonly secrets: readonly string[] }

/** What a dialect can say. */
export type Instruction =
  | CommonInstruction
  | { readonly kind: 'copy'; readonly from?: string; readonly sources: readonly string[]; readonly to: string; readonly chown?: string }
  | { readonly kind: 'run'; readonly commands: readonly Argv[]; readonly mounts: readonly Mount[]; readonly why?: string }

export type Mount =
  | { readonly kind: 'cache'; readonly id: string; readonly target: string; readonly sharing: 'locked' | 'shared' }
  | { readonly kind: 'secret'; readonly id: string }

/** Instructions that belong together, with the reason for them. */
export interface Group<I> {
  readonly why?: string
  readonly instructions: readonly I[]
}

export interface Stage<I> {
  readonly name?: string
  readonly base: string
  readonly groups: readonly Group<I>[]
}

export interface Script<I> {
  readonly title: string
  readonly stages: readonly Stage<I>[]
}
