import type * as Sqlite from 'node:sqlite'

/** node:sqlite, without the ExperimentalWarning that versions before it was stable print to the user's terminal. */
export const sqlite: typeof Sqlite = quietly(() => process.getBuiltinModule('node:sqlite'))

/** The version of SQLite in this Node, and whether it has the fix of 3.51.3: before, a WAL could be damaged when it was reset. */
export function sqliteVersion(): { readonly version: string; readonly safe: boolean } {
  const version = process.versions['sqlite'] ?? '0'
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number)
  return { version, safe: major * 1e6 + minor * 1e3 + patch >= 3_051_003 }
}

/** The builtin is loaded synchronously, so that nobody else's warning can fall into the gap. */
function quietly<T>(load: () => T): T {
  const emitWarning = Reflect.get(process, 'emitWarning')
  process.emitWarning = (warning: string | Error, ...rest: unknown[]): void => {
    if (!/sqlite/i.test(String(warning))) Reflect.apply(emitWarning, process, [warning, ...rest])
  }
  try {
    return load()
  } finally {
    process.emitWarning = emitWarning
  }
}
