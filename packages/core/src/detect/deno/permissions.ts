import type { DenoCode } from './manifests.ts'

/** One right that the program asks for, by what it calls. */
interface Right {
  readonly flag: string
  /** names of Deno's and Node's own objects */
  readonly uses: RegExp
  /** modules of Node that do it */
  readonly modules: RegExp
  /** packages of npm look at it by themselves when they are loaded */
  readonly packages: boolean
}

const rights: readonly Right[] = [
  { flag: '--allow-env', uses: /^Deno\.env$|^process\.env$/, modules: /^node:process$/, packages: true },
  {
    flag: '--allow-read',
    uses: /^Deno\.(?:read|open|stat|lstat|realPath|watchFs|copyFile|cwd|execPath|makeTemp)/,
    modules: /^node:fs(?:\/promises)?$|(?:^|\/)file[-_]server(?:\.ts)?$|^npm:|@std\/fs/,
    packages: true,
  },
  {
    flag: '--allow-write',
    uses: /^Deno\.(?:write|create|mkdir|remove|rename|truncate|symlink|link|chmod|chown|utime|copyFile|makeTemp|openKv)/,
    modules: /^node:fs(?:\/promises)?$|@std\/fs/,
    packages: false,
  },
  { flag: '--allow-run', uses: /^Deno\.(?:Command|run|kill)$/, modules: /^node:child_process$/, packages: false },
  {
    flag: '--allow-sys',
    uses: /^Deno\.(?:hostname|osRelease|osUptime|loadavg|networkInterfaces|systemMemoryInfo|uid|gid)$/,
    modules: /^node:os$/,
    packages: true,
  },
  { flag: '--allow-ffi', uses: /^Deno\.dlopen$/, modules: /(?!)/, packages: false },
  { flag: '--unstable-kv', uses: /^Deno\.openKv$/, modules: /(?!)/, packages: false },
  { flag: '--unstable-cron', uses: /^Deno\.cron$/, modules: /(?!)/, packages: false },
]

/** The least rights that a program needs, by what its files call and load; the network always, since that is what it is started for. */
export function permissions(code: readonly DenoCode[], isPackage: (module: string) => boolean): readonly string[] {
  const uses = new Set<string>()
  const modules = new Set<string>()
  for (const { files, factsOf } of code)
    for (const file of files.program) {
      for (const name of factsOf(file).uses.keys()) uses.add(name)
      for (const { module, optional } of files.imports(file)) if (!optional) modules.add(module)
    }
  const packages = [...modules].some(isPackage)
  const asked = rights.filter(
    (one) =>
      (packages && one.packages) || [...uses].some((name) => one.uses.test(name)) || [...modules].some((name) => one.modules.test(name)),
  )
  return ['--allow-net', ...asked.map(({ flag }) => flag)]
}
