/** The part of pino's interface that we use: facts first, then a sentence. */
export interface Logger {
  info(facts: object, message: string): void
  warn(facts: object, message: string): void
  error(facts: object, message: string): void
}

export const silent: Logger = { info: () => {}, warn: () => {}, error: () => {} }

/** One JSON object per line, as pino writes them: level, time, facts, msg. */
export function jsonLines(write: (line: string) => void, now: () => number = Date.now): Logger {
  const log =
    (level: number) =>
    (facts: object, msg: string): void =>
      write(`${JSON.stringify({ level, time: now(), ...facts, msg }, plainErrors)}\n`)
  return { info: log(30), warn: log(40), error: log(50) }
}

function plainErrors(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  if (!(value instanceof Error)) return value
  const { name, message, stack, cause } = value
  return { type: name, message, ...('code' in value && { code: value.code }), stack, ...(cause instanceof Error && { cause }) }
}
